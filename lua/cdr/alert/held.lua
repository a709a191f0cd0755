-- What is held back: by a silence, or while another alert with the same labels fires.
local host = require "cdr.host"
local silences = require "cdr.alert.silences"

local held = {}

-- The alerts of all scripts of the run, by name: the store is shared by them.
local store = host.state "cdr.alerts"
store.alerts = store.alerts or {}
held.alerts = store.alerts

-- Whether the labels that both have are the same; name and severity are everyone's own.
local function alike(labels, others)
  for name, value in pairs(labels) do
    local other = others[name]
    if name ~= "name" and name ~= "severity" and other ~= nil and other ~= value then
      return false
    end
  end
  return true
end

local function inhibits(source, alert)
  if source == alert then return false end
  return source.spec.inhibits[alert.name] or alert.spec.inhibited_by[source.name]
end

local function is_inhibited(alert, labels)
  for _, source in pairs(held.alerts) do
    if inhibits(source, alert) then
      for _, others in pairs(source.firing) do
        if alike(labels, others) then return true end
      end
    end
  end
  return false
end

--- Notes in a firing alert's row whether it is held back; gives when its silence ends, if one does.
function held.check(alert, row, at)
  local id, until_ms = silences.find(row, at)
  row.silenced, row.silenced_until = id, until_ms
  row.inhibited = not id and is_inhibited(alert, row.labels) or nil
  alert.held[row.key] = (row.silenced or row.inhibited) and row.group or nil
  return until_ms
end

-- Groups of the alert in which something is held back that is wanted, in order.
local function groups_of(alert, wanted)
  local seen, keys = {}, {}
  for row_key, key in pairs(alert.held) do
    if not seen[key] and wanted(alert, row_key) then
      seen[key] = true
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  return keys
end

local function again(wanted, at)
  local names = {}
  for name, alert in pairs(held.alerts) do
    if next(alert.held) then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local alert = held.alerts[name]
    for _, key in ipairs(groups_of(alert, wanted)) do alert.again(key, at) end
  end
end

--- Looks again at what `source`, which fires less than before, may have held back.
function held.released(source, at)
  again(function(alert) return inhibits(source, alert) end, at)
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
