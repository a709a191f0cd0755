-- Counts the events by name and prints the counts at the end.
local cdr = require "cdr"

local counts = {}

cdr.on("*", function(event)
  local name = event.event
  counts[name] = (counts[name] or 0) + 1
end)

cdr.on("input.ended", function()
  local words = {}
  for name, count in pairs(counts) do words[#words + 1] = name .. "=" .. count end
  table.sort(words)
  print(table.concat(words, " "))
end)
