-- What is held back: by a silence, or while another alert with the same labels fires.
local host = require "cdr.host"
local silences = require "cdr.alert.silences"

local held = {}

-- The alerts of all scripts of the run, by name: the store is shared by them.
local store = host.state "cdr.alerts"
store.alerts = store.alerts or {}
held.alerts = store.alerts

local function inhibits(source, alert)
  if source == alert then return false end
  return source.spec.inhibits[alert.name] or alert.spec.inhibited_by[source.name]
end

local function is_inhibited(alert, labels)
  for _, source in pairs(held.alerts) do
    if inhibits(source, alert) and source.firing:has(labels) then return true end
  end
  return false
end

--- Notes in an alert whether a row of it is held back.
function held.remember(alert, row)
  if row.silenced or row.inhibited then
    alert.held:add(row.key, row.labels, row.group)
  else
    alert.held:remove(row.key)
  end
end

--- Notes in a firing alert's row whether it is held back; gives when its silence ends, if one does.
function held.check(alert, row, at)
  local id, until_ms = silences.find(row, at)
  row.silenced, row.silenced_until = id, until_ms
  row.inhibited = not id and is_inhibited(alert, row.labels) or nil
  held.remember(alert, row)
  return until_ms
end

-- Groups of the alert in which something with such labels is held back that is wanted, in order.
local function groups_of(alert, wanted, labels)
  local seen, keys = {}, {}
  for row_key, key in pairs(alert.held:find(labels)) do
    if not seen[key] and wanted(alert, row_key) then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  return keys
end

local function again(wanted, at, labels)
  local names = {}
  for name, alert in pairs(held.alerts) do
    if not alert.held:is_empty() then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local alert = held.alerts[name]
    for _, key in ipairs(groups_of(alert, wanted, labels)) do alert.again(key, at) end
  end
end

--- Looks again at what `source`, which fires no more with those labels, may have held back.
function held.released(source, labels, at)
  again(function(alert) return inhibits(source, alert) end, at, labels)
end

--- Looks again at all that is held back: silences have changed.
function held.changed(at)
  again(function() return true end, at)
end

-- Whether what held it back in the run before is not there any more, or not so long.
local function is_another(alert, key)
  local row = alert.rows[alert.name .. "/" .. key]
  if row.inhibited then return not is_inhibited(alert, row.labels) end
  return silences.end_of(row.silenced) ~= row.silenced_until
end

--- Looks again at what other silences and alerts hold back than in the run before.
function held.resumed(at)
  again(is_another, at)
end

return held
