-- One event against the specification: its name, its keys, what they hold, and how they agree.
local host = require "cdr.host"
local names = require "cdr.validate.names"
local rules = require "cdr.validate.rules"
local sums = require "cdr.validate.sums"

local line = {}

local function show(value)
  if value == host.null then return "null" end
  if type(value) == "string" then return '"' .. value .. '"' end
  if type(value) == "table" then return "an object or list" end
  return tostring(value)
end

local function check_value(rule, value, report)
  if not rule.is(value) then
    if rule.null ~= value then report("error", rule.wrong, show(value)) end
    return
  end
  if rule.note then report("note", rule.note) end
  if not rule.values then return end
  local note = rule.values[value]
  if note then report("note", note) end
  if note == nil then report("error", rule.none, show(value)) end
end

-- A key that is there now and then, by what the event says of itself.
local function check_presence(rule, event, report)
  local wanted = not rule.when or rule.when(event)
  if event[rule.key] == nil then
    if wanted and (rule.must or rule.expected) then
      report(rule.must and "error" or "note", rule.missing)
    end
  elseif not wanted then
    report("error", rule.alien)
  end
end

--- Checks one event; `report(level, format, ...)` is called with each finding.
function line.check(event, report)
  local ready = rules[event.event]
  if not ready then return names.check(event.event, report) end
  if ready.note then report("note", ready.note) end
  local by_key = ready.by_key
  for key, value in next, event do
    local rule = by_key[key]
    if rule then
      check_value(rule, value, report)
    elseif key ~= "event" then
      report("note", "%s: key %s is not the server's", event.event, key)
    end
  end
  for _, rule in ipairs(ready.always) do
    if event[rule.key] == nil then report("error", rule.missing) end
  end
  for _, rule in ipairs(ready.sometimes) do check_presence(rule, event, report) end
  sums.check(event, report)
end

return line
