-- What may be said of an alert, checked, with what is usual where nothing is said.
local fields = require "cdr.alert.fields"
local host = require "cdr.host"
local template = require "cdr.template"

local options = {}

local LONGEST_S, AFTER_MOST = 366 * 86400, 1000

-- What each may be.
local TYPES = {
  name = "string", severity = "string", summary = "string function", labels = "table",
  key = "string table function", for_ = "number", after = "number", within = "number",
  hold = "number", repeat_every = "number", resolve_after = "number boolean",
  group_by = "string table function", group_wait = "number", to = "table userdata",
  inhibits = "string table", inhibited_by = "string table", flap = "table", limit = "number",
}
-- What a summary has fields of.
local SAID = { key = true, name = true, severity = true, fired = true, labels = true, event = true }
local ALSO_SAID = "{name}, {severity}, {fired}, {labels.NAME} and {event.FIELD}"
local FLAP = { changes = "number", within = "number", calm = "number" }

local function fail(text, ...) error(text:format(...), 0) end

local function names_of(types)
  local names = {}
  for name in pairs(types) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The option that was meant by a word: one that it begins, or nearly is.
local function meant(word, types)
  local names = names_of(types)
  for _, name in ipairs(names) do
    if #word >= 3 and name:sub(1, #word) == word then return name end
  end
  return host.nearest(word, names, 2)
end

local function check_names(given, types, what)
  for name, value in pairs(given) do
    local kind = types[name]
    if not kind then
      local near = meant(tostring(name), types)
      fail('unknown option "%s%s"%s', what, tostring(name),
        near and (' (did you mean "%s"?)'):format(near) or "")
    end
    if not kind:find(type(value), 1, true) then
      fail("%s%s: must be a %s, not a %s", what, name, kind:gsub(" ", " or a "), type(value))
    end
  end
end

-- Seconds as milliseconds.
local function time(given, name, least, what)
  local seconds = given[name]
  if seconds == nil or seconds == false then return nil end
  if seconds == true or seconds ~= seconds or seconds < least or seconds > LONGEST_S then
    fail("%s%s: must be seconds from %s to a year", what or "", name, least)
  end
  return math.floor(seconds * 1000 + 0.5)
end

local function whole(given, name, usual, most)
  local n = given[name] == nil and usual or given[name]
  if not math.tointeger(n) or n < 1 or n > most then
    fail("%s: must be a whole number from 1 to %d", name, most)
  end
  return math.tointeger(n)
end

local function limits_of(given)
  local within = time(given, "within", 0.001)
  if within and not given.after then fail "within: says nothing without after" end
  local resolve_after = time(given, "resolve_after", 0.001)
  if given.resolve_after == nil then resolve_after = within end
  return {
    for_ = time(given, "for_", 0) or 0, hold = time(given, "hold", 0) or 0,
    after = whole(given, "after", 1, AFTER_MOST), within = within, resolve_after = resolve_after,
  }
end

local function flap_of(given)
  if not given then return nil end
  check_names(given, FLAP, "flap.")
  local within = time(given, "within", 0.001, "flap.")
  if not within or not math.tointeger(given.changes) or given.changes < 1
    or given.changes > AFTER_MOST then
    fail("flap: needs changes (1 to %d) and within (seconds)", AFTER_MOST)
  end
  return { changes = math.tointeger(given.changes), within = within,
    calm = time(given, "calm", 0.001, "flap.") or within }
end

local function sinks_of(to)
  if to == nil then return nil end
  local is_list = type(to) == "table" and to.send == nil
  local sinks = is_list and to or { to }
  if #sinks == 0 then fail "to: is empty" end
  for i, sink in ipairs(sinks) do
    local has, send = pcall(function() return sink.send end)
    if not has or type(send) ~= "function" then
      fail("to: number %d has no send: a cdr.sink or a cdr.notify is wanted", i)
    end
  end
  return sinks
end

local function set_of(given, option)
  local set, names = {}, given[option] or {}
  if type(names) == "string" then names = { names } end
  for i, name in pairs(names) do
    if type(i) ~= "number" or type(name) ~= "string" then
      fail("%s: must be a name or a list of names", option)
    end
    set[name] = true
  end
  return set
end

local function name_of(name)
  if type(name) ~= "string" or not name:find "^[^%c/]+$" or #name > 100 then
    fail "name: must be a text of 1 to 100 letters without a slash"
  end
  return name
end

local function summary_of(text)
  if type(text) == "function" then return text end
  text = text or "{name} {key}"
  local right, write = pcall(template, text)
  if not right then fail("summary: %s", (write:gsub("^.-cdr%.template: ", ""))) end
  for name in text:gsub("{{", ""):gmatch "{([%w_-]+)" do
    if not SAID[name] then fail("summary: {%s} is none of {key}, %s", name, ALSO_SAID) end
  end
  return write
end

--- The options as the library uses them; raises a sentence for what is wrong.
function options.read(given)
  check_names(given, TYPES, "")
  local name = name_of(given.name)
  return {
    name = name, severity = given.severity or "warning", summary = summary_of(given.summary),
    is_template = type(given.summary) ~= "function",
    key = fields.reader(given.key, "key"),
    key_name = type(given.key) == "string" and given.key or "key",
    group = fields.reader(given.group_by, "group"),
    labels = fields.labels(given.labels), limits = limits_of(given), flap = flap_of(given.flap),
    repeat_every = time(given, "repeat_every", 1),
    group_wait = time(given, "group_wait", 0) or (given.group_by and 10000 or 0),
    to = sinks_of(given.to), inhibits = set_of(given, "inhibits"),
    inhibited_by = set_of(given, "inhibited_by"), limit = whole(given, "limit", 10000, 1000000),
  }
end

return options
