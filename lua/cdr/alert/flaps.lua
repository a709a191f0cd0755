-- Which alerts flap, in the state table "cdr.alerts.flaps": a key's record stays while it counts.
--
-- Beside what cdr.alert.flap keeps, a record has the `group` of the alert, and of one that flaps
-- `ended`, what is to be told when it is calm and fires no more, and whether anything was `told`.
local clock = require "cdr.alert.clock"
local flap = require "cdr.alert.flap"
local groups = require "cdr.alert.groups"
local state = require "cdr.state"
local telling = require "cdr.alert.telling"

local flaps = {}

local MOST = 2 -- times the limit of keys: so many records, keys beyond them do not flap

local records = state "cdr.alerts.flaps"

local function id_of(alert, key) return alert.name .. "/" .. key end

-- What is to be told of a change: everything, of an alert that may flap as much as it wants.
local function judge(alert, row, at)
  local limits = alert.spec.flap
  if not limits then return "tell" end
  local id = id_of(alert, row.key)
  if not records[id] then
    if alert.flaps >= alert.spec.limit * MOST then return "tell" end
    records[id] = { name = alert.name, changes = {}, group = row.group }
    alert.flaps = alert.flaps + 1
  end
  local record = records[id]
  if record.flapping and flap.due(limits, record) <= at then
    record.flapping, record.told = nil, nil
  end
  local word = flap.change(limits, record, at)
  row.flapping = record.flapping
  clock.arm(alert, record, "flap", row.key, flap.due(limits, record))
  return word, record
end

--- The alert fires, and is told of unless it flaps and that was told.
function flaps.fires(alert, row, at)
  row.told = nil
  local word, record = judge(alert, row, at)
  if word ~= "quiet" or not record.told then return groups.fires(alert, row, at) end
  row.told = true
  groups.join(alert, row)
end

--- The alert is over, and that is told unless it flaps.
function flaps.ends(alert, row, at)
  local word, record = judge(alert, row, at)
  local ended = telling.item(row, "resolved", at)
  if word ~= "tell" then record.ended, record.told = ended, record.told or row.told end
  if word == "quiet" then return groups.leave(alert, row.group, row.key) end
  groups.ends(alert, row.group, ended, at)
end

-- It flaps no more: how it is now is told.
local function calm(alert, record, key, at)
  local row = alert.rows[id_of(alert, key)]
  if row then row.flapping = nil end
  if row and row.status == "firing" then
    row.told = nil
    return groups.fires(alert, row, at)
  end
  local ended = record.ended
  ended.flapping, ended.told = nil, record.told
  groups.ends(alert, record.group, ended, at)
end

--- The timer of a record: it is calm, or nothing more to remember.
function flaps.due(alert, key, at)
  local record = records[id_of(alert, key)]
  if not record then return end
  clock.ran(record)
  local due = flap.due(alert.spec.flap or { calm = 0, within = 0 }, record)
  if due > at then return clock.arm(alert, record, "flap", key, due) end
  if record.flapping then calm(alert, record, key, at) end
  records[id_of(alert, key)], alert.flaps = nil, alert.flaps - 1
end

return flaps
