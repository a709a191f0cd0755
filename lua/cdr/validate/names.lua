-- Names of events that the specification does not have: a later version's, a slip, or a stranger's.
local events = require "cdr.events"

local names = {}

-- How many letters differ, are too many, too few, or swapped; more than `most` is `most` + 1.
local function distance(a, b, most)
  if math.abs(#a - #b) > most then return most + 1 end
  local last, before, row = {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

local function nearest(name)
  local found, least = nil, 3
  for known in pairs(events.known) do
    local far = distance(name:lower(), known:lower(), 2)
    if far < least then found, least = known, far end
  end
  return found
end

--- Reports what an event is that has no rules.
function names.check(name, report)
  local since = events.others[name]
  if since then return report("note", "event %s came with OpenVidu %s", name, since) end
  local near = #name < 40 and nearest(name)
  if near then return report("error", "event %s is unknown (did you mean %s?)", name, near) end
  report("note", "event %s is unknown", name)
end

return names
