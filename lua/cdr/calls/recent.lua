-- Remembers the last things told to it, in plain tables: at least `most`, at most twice as many.
local recent = {}

function recent.new(most)
  return { most = most, n = 0, young = {}, old = {} }
end

function recent.add(memory, key, value)
  if memory.n >= memory.most then
    memory.old, memory.young, memory.n = memory.young, {}, 0
  end
  if memory.young[key] == nil then memory.n = memory.n + 1 end
  memory.young[key] = value
end

function recent.get(memory, key)
  local value = memory.young[key]
  if value == nil then value = memory.old[key] end
  return value
end

function recent.remove(memory, key)
  memory.young[key], memory.old[key] = nil, nil
end

return recent
