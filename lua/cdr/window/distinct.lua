-- HyperLogLog: how many different values there were. Exact up to 64, then with a standard error of
-- 3.3 % (1024 registers, by the estimator of Ertl, "New cardinality estimation algorithms for
-- HyperLogLog sketches", 2017), that is within 10 % nearly always.
--
-- A sketch is flat, so that it can be kept: the hashes of up to 64 values; beyond, 0 and the
-- registers of 5 bits, twelve to an integer.
local host = require "cdr.host"

local distinct = {}

local SMALL = 64
local BITS = 10
local REGISTERS = 1 << BITS
local IN_WORD = 12
local WORDS = (REGISTERS + IN_WORD - 1) // IN_WORD
local MOST = 31 -- that a register can hold

local function hash_of(value)
  local hash = host.hash(value)
  return hash ~= 0 and hash or 1
end

local function raise(sketch, register, rank)
  local word, shift = 2 + register // IN_WORD, register % IN_WORD * 5
  local there = sketch[word] >> shift & MOST
  if rank > there then sketch[word] = sketch[word] + (rank - there << shift) end
end

-- Raises the register that the lowest bits choose to how many zeros follow, and one.
local function note(sketch, hash)
  local rest, rank = hash >> BITS, 1
  while rank < MOST and rest & 1 == 0 do rest, rank = rest >> 1, rank + 1 end
  raise(sketch, hash & REGISTERS - 1, rank)
end

local function grow(sketch)
  local hashes = table.move(sketch, 1, #sketch, 1, {})
  for i = 1, WORDS + 1 do sketch[i] = 0 end
  for _, hash in ipairs(hashes) do note(sketch, hash) end
end

local function put(sketch, hash)
  if sketch[1] == 0 then return note(sketch, hash) end
  local n = #sketch
  for i = 1, n do
    if sketch[i] == hash then return end
  end
  if n < SMALL then
    sketch[n + 1] = hash
  else
    grow(sketch)
    note(sketch, hash)
  end
end

--- A sketch of one value: a text or a number; 1 and "1" are the same.
function distinct.new(value)
  return { hash_of(value) }
end

function distinct.add(sketch, value)
  put(sketch, hash_of(value))
end

-- Of each of the registers in two words the greater one.
local function greatest(a, b)
  local all = 0
  for shift = 0, (IN_WORD - 1) * 5, 5 do
    local one, two = a >> shift & MOST, b >> shift & MOST
    all = all | (one > two and one or two) << shift
  end
  return all
end

--- Adds what is in `other`, which stays as it is.
function distinct.merge(sketch, other)
  if other[1] ~= 0 then
    for _, hash in ipairs(other) do put(sketch, hash) end
    return
  end
  if sketch[1] ~= 0 then grow(sketch) end
  for word = 2, WORDS + 1 do
    if sketch[word] ~= other[word] then sketch[word] = greatest(sketch[word], other[word]) end
  end
end

local function sigma(x)
  local sum, weight = x, 1
  if x == 1 then return math.huge end
  repeat
    local before = sum
    x = x * x
    sum, weight = sum + x * weight, weight + weight
  until sum == before
  return sum
end

local function tau(x)
  local sum, weight = 1 - x, 1
  if x == 0 or x == 1 then return 0 end
  repeat
    local before = sum
    x, weight = x ^ 0.5, weight / 2
    sum = sum - (1 - x) ^ 2 * weight
  until sum == before
  return sum / 3
end

local function estimate(sketch)
  local having = {}
  for rank = 0, MOST do having[rank] = 0 end
  for register = 0, REGISTERS - 1, IN_WORD do
    local word = sketch[2 + register // IN_WORD]
    for _ = register, math.min(register + IN_WORD, REGISTERS) - 1 do
      having[word & MOST] = having[word & MOST] + 1
      word = word >> 5
    end
  end
  local z = REGISTERS * tau(1 - having[MOST] / REGISTERS)
  for rank = MOST - 1, 1, -1 do z = (z + having[rank]) / 2 end
  z = z + REGISTERS * sigma(having[0] / REGISTERS)
  return math.floor(REGISTERS * REGISTERS / (2 * math.log(2) * z) + 0.5)
end

-- How many hashes are in small sketches together: exact, also where they are over 64.
local function count_small(list, n)
  if n == 1 then return #list[1] end
  local seen, count = {}, 0
  for i = 1, n do
    for _, hash in ipairs(list[i]) do
      if not seen[hash] then seen[hash], count = true, count + 1 end
    end
  end
  return count
end

--- How many different values are in the first n sketches of the list.
function distinct.count(list, n)
  local large
  for i = 1, n do large = large or list[i][1] == 0 end
  if not large then return count_small(list, n) end
  if n == 1 then return estimate(list[1]) end
  local all = table.move(list[1], 1, #list[1], 1, {})
  for i = 2, n do distinct.merge(all, list[i]) end
  return estimate(all)
end

return distinct
