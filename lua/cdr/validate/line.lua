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

local function alien_key(event, key, report)
  if key ~= "event" then report("note", "%s: key %s is not the server's", event.event, key) end
end

local function is_right(rule, value)
  return value == rule.null or rule.type_of(value) == rule.type and value ~= rule.never
end

-- The keys that are there, in whatever order a table has. Gives how many of them must be, and
-- whether some value is wrong. Most of the time goes by here.
local function look(ready, event, report)
  local by_key, weight, wrong = ready.by_key, 0, false
  for key, value in next, event do
    local rule = by_key[key]
    if not rule then
      alien_key(event, key, report)
    else
      weight = weight + rule.weight
      if rule.type_of(value) ~= rule.type or value == rule.never then
        wrong = wrong or value ~= rule.null
      elseif rule.values then
        local note = rule.values[value]
        if note then report("note", note) end
        wrong = wrong or note == nil
      end
      if rule.note then report("note", rule.note) end
    end
  end
  return weight, wrong
end

-- Tells the wrong values in the server's order; gives whether all have their types.
local function check_values(ready, event, report)
  local sound = true
  for _, rule in ipairs(ready.rules) do
    local value = event[rule.key]
    if value ~= nil and not is_right(rule, value) then
      report("error", rule.wrong, show(value))
      sound = false
    elseif value ~= nil and rule.values and rule.values[value] == nil then
      report("error", rule.none, show(value))
    end
  end
  return sound
end

local function check_missing(ready, event, report)
  for _, rule in ipairs(ready.always) do
    if event[rule.key] == nil then report("error", rule.missing) end
  end
end

-- Keys that are there now and then, by what the event says of itself.
local function check_sometimes(group, event, report)
  local wanted = not group.when or group.when(event)
  for i = 1, #group do
    local rule = group[i]
    local there = event[rule.key] ~= nil
    if there and not wanted then
      report("error", rule.alien)
    elseif wanted and not there and (rule.must or rule.expected) then
      report(rule.must and "error" or "note", rule.missing)
    end
  end
end

--- Checks one event; `report(level, format, ...)` is called with each finding.
function line.check(event, report)
  local ready = rules[event.event]
  if not ready then return names.check(event.event, report) end
  if ready.note then report("note", ready.note) end
  local weight, wrong = look(ready, event, report)
  local sound = not wrong or check_values(ready, event, report)
  if weight < ready.weight then check_missing(ready, event, report) end
  for i = 1, #ready.sometimes do check_sometimes(ready.sometimes[i], event, report) end
  if sound then sums.check(event, report) end
end

return line
