-- cdr.state "name": a table that survives a restart, together with the places of the files.
--
-- What a handler changes is kept with the next commit (about once a second), in one transaction
-- with the places up to which lines were read: after a kill both are as they were at one moment.
-- A table is known by its name, and shared by the scripts of a run.
local check_entry = require "cdr.state.check"
local host = require "cdr.host"

local LONGEST_S = 1e10

local function set(store, key, value)
  local values = store.values
  local was, is = values[key] ~= nil, value ~= nil
  if was ~= is then store.count = store.count + (is and 1 or -1) end
  values[key] = value
  store.touched[key] = true
end

-- What is inside of a value may be changed by whoever has it: it counts as touched.
local function get(store, key)
  local value = store.values[key]
  if type(value) == "table" then store.touched[key] = true end
  return value
end

-- Who goes through all of them may change each, but does not keep it from its ttl.
local PASSED = "passed"

local function iterate(store)
  local touched = store.touched
  return function(_, key)
    local value
    key, value = next(store.values, key)
    if type(value) == "table" and not touched[key] then touched[key] = PASSED end
    return key, value
  end
end

local function proxy(store)
  return setmetatable({}, {
    __name = ('state "%s"'):format(store.name),
    __metatable = "cdr.state",
    __index = function(_, key) return get(store, key) end,
    __newindex = function(_, key, value)
      check_entry(store.name, key, value)
      set(store, key, value)
    end,
    __pairs = function() return iterate(store) end,
    __len = function() return store.count end,
  })
end

-- Keys that were not touched for a while go. Each stands in one slot of time, in which it is looked
-- at: so nobody looks at all of them.
local SLOTS = 16

local function watch(store, key)
  local slot = (store.seen[key] + store.ttl) // store.step + 1
  store.slots[slot] = store.slots[slot] or {}
  store.slots[slot][key] = true
end

local function pass(store, slot, now)
  for key in pairs(store.slots[slot]) do
    local seen = store.seen[key]
    if seen and seen + store.ttl <= now then
      if store.values[key] ~= nil then set(store, key, nil) end
      store.seen[key] = nil
    elseif seen then
      watch(store, key)
    end
  end
  store.slots[slot] = nil
end

-- The host calls this at each cut, with the time of the events.
local function sweep(store, now)
  for key, how in pairs(store.touched) do
    local new = store.seen[key] == nil
    if new or how ~= PASSED then store.seen[key] = now end
    if new then watch(store, key) end
  end
  local due = {}
  for slot in pairs(store.slots) do
    if slot * store.step <= now then due[#due + 1] = slot end
  end
  for _, slot in ipairs(due) do pass(store, slot, now) end
end

local function forget_after(store, seconds)
  if type(seconds) ~= "number" or not (seconds > 0 and seconds <= LONGEST_S) then
    error(('state "%s": ttl must be seconds above 0, 1e10 at most'):format(store.name), 3)
  end
  host.use_time()
  store.ttl = math.max(1, math.floor(seconds * 1000))
  store.step, store.slots = math.max(1, store.ttl // SLOTS), {}
  for key in pairs(store.seen) do watch(store, key) end
  store.sweep = function(now) sweep(store, now) end
end

--- The table of that name. Its keys are texts and integers, its values what JSON can hold: texts,
--- numbers, booleans, cdr.null and tables of them, up to 1 MiB; `pairs` and `#` (how many keys)
--- work on it, `next` does not. Change a nested table where it was fetched (`seen[id].n = 1`), and
--- fetch it anew in each handler; one that was set under two keys is two after a restart. Of
--- `options`: ttl, seconds on the events' clock after which a key goes that was neither set nor,
--- where its value is a table, fetched; `pairs` alone keeps none.
local function state(name, options)
  if type(name) ~= "string" or #name == 0 or #name > 200 or name:find "%z" then
    error("a state table needs a name of 1 to 200 bytes", 2)
  end
  if options ~= nil and type(options) ~= "table" then
    error(('state "%s": options must be a table, not a %s'):format(name, type(options)), 2)
  end
  for option in pairs(options or {}) do
    if option ~= "ttl" then
      error(('state "%s": no option "%s"'):format(name, tostring(option)), 2)
    end
  end
  local store = host.state(name)
  if options and options.ttl then forget_after(store, options.ttl) end
  return proxy(store)
end

return state
