-- A table that keeps only the last 10,000 keys it was given.
local recent = {}

recent.LIMIT = 10000

function recent.new() return { next = 1, keys = {}, values = {} } end

--- Remembers `value` (true when it is not given) under a key; false when the key was there.
function recent.add(list, key, value)
  if list.values[key] ~= nil then return false end
  local oldest = list.keys[list.next]
  if oldest then list.values[oldest] = nil end
  list.keys[list.next], list.values[key] = key, value or true
  list.next = list.next % recent.LIMIT + 1
  return true
end

function recent.get(list, key) return list.values[key] end

return recent
