-- Tables by id that are gone through in the order in which their entries were made.
local order = {}

--- Gives the entry its number, counted in `memory`, so that plain tables keep an order.
function order.number(memory, entry)
  memory.made = (memory.made or 0) + 1
  entry.order = memory.made
  return entry
end

--- The entries of a table, the oldest first. The list stays good while entries are removed.
function order.list(entries)
  local list = {}
  for _, entry in pairs(entries) do list[#list + 1] = entry end
  table.sort(list, function(a, b) return a.order < b.order end)
  return list
end

return order
