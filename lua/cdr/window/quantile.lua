-- DDSketch: percentiles of many values from few counters, each within 1 % of the true value.
--
-- Each counter stands for the values within a factor of 1.02 of each other. A sketch is flat, so
-- that it can be kept: { bucket, count, bucket, count... } in the order of the values. Of more than
-- 1024 buckets (the largest value is then over 800 million times the smallest) the lowest two
-- become one: what is promised holds for those above.
local quantile = {}

local ERROR = 0.01
local GAMMA = (1 + ERROR) / (1 - ERROR)
local LOG_GAMMA = math.log(GAMMA)
local MIDDLE = 2 / (GAMMA + 1) -- of a bucket, as a part of its upper end
local SMALLEST = 1e-300        -- what is nearer to 0 is 0
local ONE = 40000              -- the bucket of 1: all positive values have buckets above 0
local BUCKETS_MOST = 1024

local ceil, log, move = math.ceil, math.log, table.move

local function bucket_of(value)
  if value > SMALLEST then return ceil(log(value) / LOG_GAMMA) + ONE end
  if value < -SMALLEST then return -(ceil(log(-value) / LOG_GAMMA) + ONE) end
  return 0
end

local function value_of(bucket)
  if bucket == 0 then return 0 end
  local size = MIDDLE * GAMMA ^ ((bucket > 0 and bucket or -bucket) - ONE)
  return bucket > 0 and size or -size
end

-- Where the bucket stands, or has to be put.
local function find(sketch, bucket, length)
  local low, high = 0, length // 2 - 1
  while low <= high do
    local middle = (low + high) // 2
    local there = sketch[2 * middle + 1]
    if there == bucket then return 2 * middle + 1, true end
    if there < bucket then low = middle + 1 else high = middle - 1 end
  end
  return 2 * low + 1, false
end

local function collapse(sketch, length)
  sketch[4] = sketch[4] + sketch[2]
  move(sketch, 3, length, 1)
  sketch[length], sketch[length - 1] = nil, nil
end

local function put(sketch, bucket, n)
  local length = #sketch
  local at, found = find(sketch, bucket, length)
  if found then
    sketch[at + 1] = sketch[at + 1] + n
    return
  end
  if at <= length then move(sketch, at, length, at + 2) end
  sketch[at], sketch[at + 1] = bucket, n
  if length + 2 > 2 * BUCKETS_MOST then collapse(sketch, length + 2) end
end

--- A sketch of one value.
function quantile.new(value)
  return { bucket_of(value), 1 }
end

function quantile.add(sketch, value)
  put(sketch, bucket_of(value), 1)
end

--- Adds what is in `other`, which stays as it is.
function quantile.merge(sketch, other)
  for i = 1, #other, 2 do put(sketch, other[i], other[i + 1]) end
end

-- The lowest bucket that the sketches have at their places, and how often; goes on behind it.
local function step(list, n, places)
  local lowest, count = math.huge, 0
  for i = 1, n do
    local bucket = list[i][places[i]]
    if bucket and bucket < lowest then lowest = bucket end
  end
  for i = 1, n do
    local sketch, place = list[i], places[i]
    if sketch[place] == lowest then
      count = count + sketch[place + 1]
      places[i] = place + 2
    end
  end
  return lowest, count
end

--- The least value that `percent` of those in the first n sketches of the list are not above.
function quantile.at(list, n, percent)
  local total, places = 0, {}
  for i = 1, n do
    local sketch = list[i]
    for at = 2, #sketch, 2 do total = total + sketch[at] end
    places[i] = 1
  end
  local wanted, passed = percent * total / 100, 0
  while true do
    local bucket, count = step(list, n, places)
    passed = passed + count
    if passed >= wanted then return value_of(bucket) end
  end
end

return quantile
