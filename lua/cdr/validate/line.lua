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

local function check_choice(rule, value, report)
  local note = rule.values[value]
  if note then report("note", note) end
  if note == nil then report("error", rule.none, show(value)) end
end

local function alien_key(event, key, report)
  if key ~= "event" then report("note", "%s: key %s is not the server's", event.event, key) end
end

-- The keys that are there. Gives how many of them must be, and whether all have their types.
-- Most of the time goes by here.
local function check_keys(ready, event, report)
  local by_key, weight, sound = ready.by_key, 0, true
  for key, value in next, event do
    local rule = by_key[key]
    if not rule then
      alien_key(event, key, report)
    else
      weight = weight + rule.weight
      if rule.type_of(value) ~= rule.type or value == rule.never then
        if value ~= rule.null then
          report("error", rule.wrong, show(value))
          sound = false
        end
      elseif rule.values then
        check_choice(rule, value, report)
      end
      if rule.note then report("note", rule.note) end
    end
  end
  return weight, sound
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
  local weight, sound = check_keys(ready, event, report)
  if weight < ready.weight then check_missing(ready, event, report) end
  for i = 1, #ready.sometimes do check_sometimes(ready.sometimes[i], event, report) end
  if sound then sums.check(event, report) end
end

return line
