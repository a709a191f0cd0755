-- A table that remembers the last so many keys, to tell what ended lately from what never was.
local Ring = {}
Ring.__index = Ring

local ring = {}

function ring.new(most)
  return setmetatable({ most = most, at = 0, keys = {}, values = {} }, Ring)
end

--- The oldest key makes room; a key that is there gets the new value.
function Ring:add(key, value)
  if self.values[key] == nil then
    self.at = self.at % self.most + 1
    local oldest = self.keys[self.at]
    if oldest ~= nil then self.values[oldest] = nil end
    self.keys[self.at] = key
  end
  self.values[key] = value
end

function Ring:get(key) return self.values[key] end

return ring
