-- Timers on the events' clock: cdr.every, cdr.at, cdr.timer, cdr.after, cdr.cancel.
--
-- What is due runs before the line that moves the clock past it, in the order of due times. In
-- silence the machine's clock goes on instead. In a timer's run `cdr.time.now()` is its due time,
-- so that a run over old files does what the live run did.
local host = require "cdr.host"
local state = require "cdr.state"
local cron = require "cdr.cron"

host.keep_time()

-- Timers that are due at once run in the order of these numbers: those made while loading, those
-- with a name in the order of their making (kept), those without.
local NAMED, NAMELESS = 1 << 40, 1 << 41

local timers = {}
local made, nameless = 0, 0
local named = {}  -- name -> function
local tokens = {} -- id of a named timer -> the host's token

local kept_name = "cdr.timers." .. host.args().script
local kept, kept_rows = state(kept_name), host.state(kept_name).values -- only to look at

local function while_loading(what)
  if not host.is_loading() then error(what .. " is for while a script is loading", 3) end
end

local function check_function(what, fn)
  if type(fn) ~= "function" then error(what .. ": a function is needed", 3) end
end

local function milliseconds(what, seconds)
  if type(seconds) ~= "number" or not (seconds >= 0.001 and seconds <= 366 * 86400) then
    error(what .. ": seconds, from 0.001 to a year", 3)
  end
  return math.floor(seconds * 1000 + 0.5)
end

local function handle(token)
  return { cancel = function() return host.unschedule(token) end }
end

local function schedule_repeated(fn, next_due)
  made = made + 1
  return handle(host.schedule(made, fn, next_due))
end

--- Calls fn(due_ms) at every multiple of so many seconds on the clock (since 1970, UTC): with 60 at
--- each full minute. While loading. Gives a handle with :cancel().
function timers.every(seconds, fn)
  while_loading "cdr.every"
  check_function("cdr.every", fn)
  local step = milliseconds("cdr.every", seconds)
  return schedule_repeated(fn, function(after) return (after // step + 1) * step end)
end

--- Calls fn(due_ms) at a time of the day, in the machine's time zone: "02:30", "hourly", or a line
--- of cron, "*/5 8-18 * * mon-fri" (see cdr/cron.lua). While loading. Gives a handle as above.
function timers.at(when, fn)
  while_loading "cdr.at"
  check_function("cdr.at", fn)
  local next_due, problem = cron.parse(when)
  if not next_due then error("cdr.at: " .. problem, 2) end
  return schedule_repeated(fn, next_due)
end

--- Calls fn(due_ms) at each next_due(after_ms), which is asked while loading and before each call.
--- For the library's own modules, while loading.
function timers.whenever(what, fn, next_due)
  while_loading(what)
  return schedule_repeated(fn, next_due)
end

local function forget(id)
  kept[id], tokens[id] = nil, nil
end

local function run_named(due, number)
  local id = number - NAMED
  local timer = kept[id]
  forget(id)
  local fn = named[timer.name]
  if not fn then
    error(('timer "%s" was due, but cdr.timer does not name it any more'):format(timer.name), 0)
  end
  return fn(timer.value, due)
end

-- What an earlier version kept has no origin.
local function schedule_named(id, timer)
  tokens[id] = host.schedule(NAMED + id, run_named, timer.due, timer.origin)
end

--- Names what cdr.after(seconds, name, value) will call: fn(value, due_ms). While loading.
function timers.timer(name, fn)
  while_loading "cdr.timer"
  if type(name) ~= "string" then error("cdr.timer: a name is needed", 2) end
  check_function("cdr.timer", fn)
  if named[name] then error(('cdr.timer: "%s" is named already'):format(name), 2) end
  named[name] = fn
end

--- Cancels the named timer of that id. False: it has run, or was cancelled before.
function timers.cancel(id)
  local token = tokens[id]
  if not token then return false end
  forget(id)
  return host.unschedule(token)
end

--- Whether the timer of that id is still to come, and has that name.
function timers.has(id, name) return kept_rows[id] ~= nil and kept_rows[id].name == name end

local function after_named(due, name, value)
  if not named[name] then
    error(('cdr.after: no timer is named "%s" (cdr.timer names one while loading)'):format(name), 3)
  end
  local id = (kept.last or 0) + 1
  local timer = { name = name, due = due, value = value, origin = host.origin() }
  kept[id] = timer
  kept.last = id
  schedule_named(id, timer)
  return { id = id, cancel = function() return timers.cancel(id) end }
end

local function after_nameless(due, fn)
  nameless = nameless + 1
  return handle(host.schedule(NAMELESS + nameless, fn, due, host.origin()))
end

--- In so many seconds of the events' clock from cdr.time.now() on calls the function of that name
--- with the value (what cdr.state can hold): it survives a restart. With a function instead of a
--- name, calls fn(due_ms), if the process lives until then. Gives a handle with :cancel(), and of a
--- named one .id, which cdr.cancel takes.
function timers.after(seconds, what, value)
  if host.is_loading() then
    error("cdr.after is for handlers and timers: while loading there is no time yet", 2)
  end
  local due = host.now() + milliseconds("cdr.after", seconds)
  if type(what) == "string" then return after_named(due, what, value) end
  check_function("cdr.after", what)
  return after_nameless(due, what)
end

-- Those of an earlier run; the functions are named while the script loads.
for id, timer in pairs(kept) do
  if id ~= "last" then schedule_named(id, timer) end
end

return timers
