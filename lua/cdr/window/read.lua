-- What the cells of a row hold together: read.NAME(w, row, n), of the n that w.spots tells of.
local distinct = require "cdr.window.distinct"
local quantile = require "cdr.window.quantile"

local read = {}

function read.count(w, row, n)
  local spots, count = w.spots, 0
  for i = 1, n do count = count + row[spots[i]] end
  return count
end

function read.sum(w, row, n)
  local spots, slot, sum = w.spots, w.sum_at, 0
  for i = 1, n do sum = sum + row[spots[i] + slot] end
  return sum
end

function read.mean(w, row, n)
  return n > 0 and read.sum(w, row, n) / read.count(w, row, n) or nil
end

function read.min(w, row, n)
  local spots, slot = w.spots, w.min_at
  local least = n > 0 and row[spots[1] + slot] or nil
  for i = 2, n do
    local value = row[spots[i] + slot]
    if value < least then least = value end
  end
  return least
end

function read.max(w, row, n)
  local spots, slot = w.spots, w.max_at
  local most = n > 0 and row[spots[1] + slot] or nil
  for i = 2, n do
    local value = row[spots[i] + slot]
    if value > most then most = value end
  end
  return most
end

function read.rate(w, row, n, at)
  return n > 0 and read.count(w, row, n) / w:seconds_of(row, at) or 0.0
end

local function sketches(w, row, n, slot)
  local list = {}
  for i = 1, n do list[i] = row[w.spots[i] + slot] end
  return list
end

function read.distinct(w, row, n)
  return n > 0 and distinct.count(sketches(w, row, n, w.distinct_at), n) or 0
end

function read.percentile(w, row, n, percent)
  if n == 0 then return nil end
  return quantile.at(sketches(w, row, n, w.quantile_at), n, percent)
end

return read
