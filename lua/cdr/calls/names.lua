-- What a model of calls tells of.
local names = {}

local known = {
  "session.opened", "session.closed", "participant.joined", "participant.left", "stream.closed",
  "recording.ready", "recording.failed",
}

local is_known = {}
for _, name in ipairs(known) do is_known[name] = true end

-- How many letters differ between two words.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local diagonal
    diagonal, row[0] = row[0], i
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      diagonal, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, diagonal + cost)
    end
  end
  return row[#b]
end

local function nearest(name)
  local best, least
  for _, other in ipairs(known) do
    local letters = distance(name, other)
    if not least or letters < least then best, least = other, letters end
  end
  return best
end

--- Raises where the caller of its caller gave a name that does not exist.
function names.check(name)
  if is_known[name] then return end
  name = tostring(name):sub(1, 100)
  error(('calls tell nothing named "%s" (did you mean "%s"?)'):format(name, nearest(name)), 3)
end

return names
