-- cdr.window { seconds = 60 }: what was added to each key within a time, on the events' clock.
--
--   local cuts = cdr.window { seconds = 60, name = "cuts" }
--   cdr.on("participantLeft", function(event)
--     if event.reason == "networkDisconnect" then cuts:add(event.sessionId) end
--     if cuts:count(event.sessionId) > 5 then ... end
--   end)
--
-- The options:
--   seconds   how long it is; of a session, how long the silence is that ends it
--   kind      "sliding" (the usual): the last `seconds`, in steps of `every`, the newest of them
--             not yet full: it reaches back `seconds` at most, and at least `seconds` - `every`;
--             "tumbling": from one multiple of `seconds` on the clock (in UTC) to the next;
--             "session": from an event of the key to the last before a silence
--   every     seconds of a step (the fifth part; at most 60 steps); of sessions, how often it is
--             looked which have ended (the tenth part, at least 1)
--   of        what is asked for, a word or a list: "count" (the usual), "rate" (events a second),
--             "sum", "mean", "min", "max", "distinct" (how many different values), "p95" and the
--             like (95 % of the values are not above it)
--   name      keeps it over a restart, as cdr.state does
--   on_close  function(key, result, from, to), of tumbling windows and sessions: called when one
--             has ended, in order of time, then of keys. `result` is what :get gives; from and to
--             are milliseconds (of a session: of its first and its last event)
--   lateness  seconds that one waits behind its end before it is closed: longer than the clock,
--             which waits for late lines already
--   keys      how many there may be at most (100,000); then the least recently used goes
--
-- The methods:
--   :add(key, value, time)  counts it; a value is needed for all but "count" and "rate". The time
--             is cdr.time.now() when none is given. False when that is over already; it is counted
--   :count(key) :rate(key) :sum(key) :mean(key) :min(key) :max(key) :distinct(key)
--   :percentile(key, 95)    of what the key has now; with nothing there 0, or nil from mean on
--   :get(key) a table of what was asked for with `of`, { count = 3, p95 = 0.2 }; nil when nothing
--   :each()   for key, result in cuts:each() do: all that have something now, in order
--   :forget(key)   :stats() { keys =, late =, evicted = }
--   :close()  closes all that is open; of those with on_close, and of sessions
local host = require "cdr.host"
local Open = require "cdr.window.open"
local Ring = require "cdr.window.ring"
local options = require "cdr.window.options"

local named = {} -- names that are taken in this script

local function window(given)
  local fine, w = pcall(options.read, given)
  if not fine then error(w, 2) end
  if w.name and named[w.name] then
    error(('cdr.window: the name "%s" is taken'):format(w.name), 2)
  end
  if w.name then named[w.name] = true end
  if w.name then host.keep_time() else host.use_time() end
  if not w.on_close and w.kind ~= "session" then return Ring.new(w) end
  local open = Open.new(w)
  if w.on_close then open:run() end
  return open
end

return window
