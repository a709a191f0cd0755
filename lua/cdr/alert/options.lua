-- What may be said of an alert, checked, with what is usual where nothing is said.
local checks = require "cdr.alert.checks"
local fields = require "cdr.alert.fields"
local template = require "cdr.template"

local options = {}

local AFTER_MOST = 1000

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

local fail, time, whole = checks.fail, checks.time, checks.whole

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
  checks.types(given, FLAP, "flap.")
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
  checks.types(given, TYPES, "")
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
