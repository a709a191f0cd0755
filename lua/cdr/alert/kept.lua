-- What an alert has in the state when a run begins.
local clock = require "cdr.alert.clock"
local host = require "cdr.host"
local state = require "cdr.state"

local kept = {}

local TABLES = {
  row = "cdr.alerts", group = "cdr.alerts.groups", flap = "cdr.alerts.flaps",
  closed = "cdr.alerts.closed",
}

--- for id, row in kept.each(alert, "row"): its "row"s, "group"s, "flap"s or "closed" groups, in
--- order. Behind the table's back: what is only looked at need not be kept again.
function kept.each(alert, word)
  local values, ids, i = host.state(TABLES[word]).values, {}, 0
  for id, row in pairs(values) do
    if row.name == alert.name then ids[#ids + 1] = id end
  end
  table.sort(ids)
  return function()
    i = i + 1
    return ids[i], values[ids[i]]
  end, #ids
end

--- How many they are.
function kept.count(alert, word) return (select(2, kept.each(alert, word))) end

--- Where the alert was another script's in the run before, its timers are not here: { word, key }
--- of all that has none any more.
function kept.strays(alert)
  local strays = {}
  for _, word in ipairs { "row", "group", "flap" } do
    for id, waiting in kept.each(alert, word) do
      if clock.is_strange(alert, waiting) then
        clock.ran(state(TABLES[word])[id])
        strays[#strays + 1] = { word, id:sub(#alert.name + 2) }
      end
    end
  end
  return strays
end

return kept
