-- What is to happen, the soonest first; of two at the same time, what was put down first.
local Agenda = {}
Agenda.__index = Agenda

local agenda = {}

function agenda.new() return setmetatable({ count = 0, made = 0 }, Agenda) end

local function is_before(a, b)
  if a.at ~= b.at then return a.at < b.at end
  return a.order < b.order
end

--- Puts down that `act(...)` is to happen at `at` (milliseconds), with up to three arguments.
function Agenda:add(at, act, a, b, c)
  self.made, self.count = self.made + 1, self.count + 1
  local entry = { at = at, order = self.made, act = act, a = a, b = b, c = c }
  local i = self.count
  while i > 1 and is_before(entry, self[i // 2]) do
    self[i] = self[i // 2]
    i = i // 2
  end
  self[i] = entry
end

-- Puts the entry in the hole at the top and lets it sink to where it belongs.
local function sink(self, entry)
  local i, count = 1, self.count
  while 2 * i <= count do
    local child = 2 * i
    if child < count and is_before(self[child + 1], self[child]) then child = child + 1 end
    if not is_before(self[child], entry) then break end
    self[i] = self[child]
    i = child
  end
  self[i] = entry
end

--- Takes off the next: { at = , act = , a = , b = , c = }, nil when there is none.
function Agenda:next()
  if self.count == 0 then return nil end
  local first, last = self[1], self[self.count]
  self[self.count] = nil
  self.count = self.count - 1
  if self.count > 0 then sink(self, last) end
  return first
end

return agenda
