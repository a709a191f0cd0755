-- Chance that repeats: the same seed gives the same numbers on every machine and in every version.
--
-- Marsaglia's xorshift64*; Lua's own generator is one for all scripts of the program.
local Random = {}
Random.__index = Random

local random = {}

--- A source of chance from any integer.
function random.new(seed)
  local self = setmetatable({ word = seed * 0x9E3779B97F4A7C15 ~ 0x2545F4914F6CDD1D }, Random)
  if self.word == 0 then self.word = 1 end
  for _ = 1, 8 do self:fraction() end
  return self
end

--- From 0 to just below 1.
function Random:fraction()
  local x = self.word
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.word = x
  return (x * 0x2545F4914F6CDD1D >> 11) * 0x1p-53
end

--- A whole number from `low` to `high`, both included.
function Random:whole(low, high) return low + math.floor(self:fraction() * (high - low + 1)) end

--- True in `share` of the cases (0 to 1).
function Random:chance(share) return self:fraction() < share end

--- One of a list, each as likely as the others.
function Random:pick(list) return list[self:whole(1, #list)] end

--- One of a list of { weight, ... }.
function Random:weighted(list)
  local sum = 0
  for _, entry in ipairs(list) do sum = sum + entry[1] end
  local at = self:fraction() * sum
  for _, entry in ipairs(list) do
    at = at - entry[1]
    if at < 0 then return entry end
  end
  return list[#list]
end

--- A time that things take which are over at any moment with the same chance; above zero.
function Random:lasting(mean) return -math.log(1 - self:fraction()) * mean end

local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

--- An id as the server makes them: the prefix and ten letters or digits.
function Random:id(prefix)
  local text = prefix
  for _ = 1, 10 do
    local i = self:whole(1, #letters)
    text = text .. letters:sub(i, i)
  end
  return text
end

return random
