-- Remembers the last keys told to it, in plain tables: at least `most`, at most twice as many.
local recent = {}

function recent.new(most)
  return { most = most, n = 0, young = {}, old = {} }
end

function recent.get(memory, key)
  local value = memory.young[key]
  if value == nil then value = memory.old[key] end
  return value
end

--- Remembers `value` (true when none is given) under a key; false when the key was there.
function recent.add(memory, key, value)
  if value == nil then value = true end
  local is_new = recent.get(memory, key) == nil
  if memory.n >= memory.most then
    memory.old, memory.young, memory.n = memory.young, {}, 0
  end
  if memory.young[key] == nil then memory.n = memory.n + 1 end
  memory.young[key] = value
  return is_new
end

function recent.remove(memory, key)
  memory.young[key], memory.old[key] = nil, nil
end

return recent
