-- The alert library on a mocked host: time that is told, timers, and state that survives a kill.
local assert = require "luassert"

local alerts = {}

local PATH = "./lua/?.lua;./lua/?/init.lua"

-- The library's files, compiled once: they are run anew for each start.
local chunks = {}
table.insert(package.searchers, 2, function(name)
  if not name:find "^cdr%." then return nil end
  local path = package.searchpath(name, PATH)
  chunks[name] = chunks[name] or path and assert(loadfile(path))
  return chunks[name], path
end)

local LATENESS = 5000

alerts.T = 1600000000000

local function copy(value)
  if type(value) ~= "table" then return value end
  local copied = {}
  for key, inner in pairs(value) do copied[key] = copy(inner) end
  return copied
end

local World = {}
World.__index = World

-- What the modules get as cdr.host.
local function host_of(world)
  local stores = {}
  local host = { null = setmetatable({}, { __name = "null" }) }
  function host.state(name)
    if not stores[name] then
      local values, count = copy(world.kept.state[name] or {}), 0
      for _ in pairs(values) do count = count + 1 end
      stores[name] = { values = values, touched = {}, saved = {}, seen = {}, name = name,
        count = count }
    end
    return stores[name]
  end
  function host.now() return world.now end
  function host.wall() return 0 end
  function host.use_time() end
  function host.is_loading() return world.is_loading end
  function host.key_order() end
  function host.on(name, fn)
    world.handlers[name] = world.handlers[name] or {}
    table.insert(world.handlers[name], fn)
  end
  function host.kept(name)
    assert(name == "cdr.silences")
    local pairs_of = {}
    for id, row in pairs(world.silences) do pairs_of[#pairs_of + 1] = { id, row } end
    return pairs_of
  end
  function host.emit(event) world.sent[#world.sent + 1] = copy(event) end
  function host.nearest(word, names)
    for _, name in ipairs(names) do if name:sub(1, 3) == word:sub(1, 3) then return name end end
  end
  return host, stores
end

local function library_of(world)
  local cdr = { log = {} }
  for _, level in ipairs { "debug", "info", "warn", "error" } do
    cdr.log[level] = function(text, ...)
      world.log[#world.log + 1] = level .. " " .. text:format(...)
    end
  end
  return cdr
end

local function timers_of(world)
  local timers = {}
  function timers.timer(name, fn) world.functions[name] = fn end
  function timers.after(seconds, name, value)
    assert(seconds >= 0.001 and seconds <= 366 * 86400 and world.functions[name])
    local id = world.next_id
    world.next_id = id + 1
    world.timers[id] = { id = id, due = world.now + math.floor(seconds * 1000 + 0.5), name = name,
      value = copy(value) }
    return { id = id }
  end
  function timers.has(id, name)
    return world.timers[id] ~= nil and world.timers[id].name == name
  end
  function timers.cancel(id) world.timers[id] = nil end
  return timers
end

-- Loads the library anew, on what was kept, and runs setup(alert, world).
function World:start()
  for name in pairs(package.loaded) do
    if name == "cdr" or name:find "^cdr%." then package.loaded[name] = nil end
  end
  self.functions, self.handlers, self.timers = {}, {}, copy(self.kept.timers)
  self.now, self.mark, self.next_id = self.kept.now, self.kept.mark, self.kept.next_id
  package.loaded["cdr.host"], self.stores = host_of(self)
  package.loaded["cdr"], package.loaded["cdr.timers"] = library_of(self), timers_of(self)
  package.loaded["cdr.time"] = { now = function() return self.now end,
    watermark = function() return self.mark end }
  self.is_loading = true
  self.setup(require "cdr.alert", self)
  self.is_loading = false
end

-- A world whose script is setup(alert, world). `sent` are the notifications, `log` the log's lines.
function alerts.world(setup)
  local world = setmetatable({ setup = setup, sent = {}, log = {}, silences = {} }, World)
  world.kept = { state = {}, timers = {}, now = 0, mark = 0, next_id = 1 }
  world:start()
  return world
end

-- As the host does it about once a second: all is kept at one moment.
function World:commit()
  local kept = { state = {}, timers = copy(self.timers), now = self.now, mark = self.mark,
    next_id = self.next_id }
  for name, store in pairs(self.stores) do kept.state[name] = copy(store.values) end
  self.kept = kept
end

-- The first timer that is due at or before the mark.
local function due_timer(timers, mark)
  local first
  for _, timer in pairs(timers) do
    if timer.due <= mark and (not first or timer.due < first.due
      or timer.due == first.due and timer.id < first.id) then
      first = timer
    end
  end
  return first
end

-- Runs what is due at or before `mark`, each at its time; then the clock is there.
function World:pass(mark)
  if mark <= self.mark then return end
  local now = self.now
  local timer = due_timer(self.timers, mark)
  while timer do
    self.timers[timer.id] = nil
    self.now, self.mark = timer.due, math.max(self.mark, timer.due)
    self.functions[timer.name](copy(timer.value), timer.due)
    timer = due_timer(self.timers, mark)
  end
  self.now, self.mark = now, mark
end

-- A line `seconds` after T is in hand of fn(event).
function World:line(seconds, fn, fields)
  local ms = alerts.T + math.floor(seconds * 1000)
  self:pass(ms - LATENESS)
  self.now = math.max(self.now, ms)
  local event = copy(fields or {})
  event.timestamp = ms
  if fn then fn(event) end
end

-- Silence until the clock stands so many seconds after T.
function World:wait(seconds)
  self:pass(alerts.T + seconds * 1000)
  self.now = math.max(self.now, self.mark)
end

-- A command has written the silence of that id, or with nil has taken it away.
function World:silence(id, row)
  self.silences[id] = row
  for _, fn in ipairs(self.handlers["silences.changed"]) do fn() end
end

-- The rows of a state table.
function World:rows(name)
  return self.stores[name] and self.stores[name].values or {}
end

-- The history as words: "12 k inactive>firing".
function World:history()
  local lines = {}
  local rows = self:rows "cdr.alerts.history"
  for n = 1, self:rows "cdr.alerts.meta".history or 0 do
    local row = rows[n]
    lines[#lines + 1] = row and ("%g %s %s>%s"):format((row.at - alerts.T) / 1000, row.key,
      row.from, row.to)
  end
  return lines
end

-- What was sent as words: "12 firing k" or "20 resolved a,b", with "+n" for a repeat.
function World:told()
  local lines = {}
  for i, sent in ipairs(self.sent) do
    local keys = {}
    for n, alert in ipairs(sent.alerts) do keys[n] = alert.key end
    lines[i] = ("%g %s %s%s"):format((sent.timestamp - alerts.T) / 1000, sent.status,
      table.concat(keys, ","), sent.repeats > 0 and " +" .. sent.repeats or "")
  end
  return lines
end

-- A world with one alert, and its functions for lines: f(key), r(key).
function alerts.world_of(options)
  local cut
  options.name = options.name or "cut"
  local world = alerts.world(function(alert) cut = alert(options) end)
  local function fire(key) return function(event) cut:fire(key, event) end end
  local function resolve(key) return function(event) cut:resolve(key, event) end end
  return world, fire, resolve, function() return cut end
end

-- Lines "0 fire k", "3 resolve k", "9" and "60 wait" are played.
function alerts.play(world, fire, resolve, lines)
  for _, line in ipairs(lines) do
    local at, word, key = line:match "^(%S+) ?(%S*) ?(.*)$"
    local fn = word == "fire" and fire(key) or word == "resolve" and resolve(key) or nil
    if word == "wait" then world:wait(tonumber(at)) else world:line(tonumber(at), fn) end
  end
  return world
end

-- So played, an alert with those options has that history, and where it is given told that.
function alerts.check(options, lines, history, told)
  local world, fire, resolve = alerts.world_of(options)
  alerts.play(world, fire, resolve, lines)
  assert.same(history, world:history())
  if told then assert.same(told, world:told()) end
  return world
end

-- Lines of notifications, each once, sorted; of an id that comes again it must be the same.
function alerts.once(text)
  local seen, lines = {}, {}
  for line in text:gmatch "[^\n]+" do
    local id = line:match '"id":"([^"]+)"'
    if seen[id] and seen[id] ~= line then error(line .. " after " .. seen[id], 2) end
    if not seen[id] then lines[#lines + 1] = line end
    seen[id] = line
  end
  table.sort(lines)
  return lines
end

return alerts
