-- What a window keeps of the values of one stretch of time: some slots of a row, all 0 when empty.
--
-- The first slot is how many there were; behind it stand those that were asked for, at the offsets
-- that the window `w` says: sum_at, min_at, max_at, distinct_at, quantile_at.
local distinct = require "cdr.window.distinct"
local quantile = require "cdr.window.quantile"

local cells = {}

-- In this order they stand in a row.
local SLOTS = { "sum", "min", "max", "distinct", "quantile" }

--- Says where each of `wanted` (a set of SLOTS) stands.
function cells.lay_out(w, wanted)
  w.width = 1
  for _, slot in ipairs(SLOTS) do
    if wanted[slot] then
      w[slot .. "_at"] = w.width
      w.width = w.width + 1
    end
  end
  w.is_numeric = wanted.sum or wanted.min or wanted.max or wanted.quantile or false
end

function cells.clear(w, row, at)
  for i = at, at + w.width - 1 do row[i] = 0 end
end

local function begin(w, row, at, value)
  if w.sum_at then row[at + w.sum_at] = value end
  if w.min_at then row[at + w.min_at] = value end
  if w.max_at then row[at + w.max_at] = value end
  if w.distinct_at then row[at + w.distinct_at] = distinct.new(value) end
  if w.quantile_at then row[at + w.quantile_at] = quantile.new(value) end
end

--- The function put(row, at, value) that adds a value to the cell at `at`.
function cells.putter(w)
  local sum, min, max = w.sum_at, w.min_at, w.max_at
  local distinct_at, quantile_at = w.distinct_at, w.quantile_at
  return function(row, at, value)
    local n = row[at]
    row[at] = n + 1
    if n == 0 then return begin(w, row, at, value) end
    if sum then row[at + sum] = row[at + sum] + value end
    if min and value < row[at + min] then row[at + min] = value end
    if max and value > row[at + max] then row[at + max] = value end
    if distinct_at then distinct.add(row[at + distinct_at], value) end
    if quantile_at then quantile.add(row[at + quantile_at], value) end
  end
end

local joins = {
  sum_at = function(a, b) return a + b end,
  min_at = function(a, b) return b < a and b or a end,
  max_at = function(a, b) return b > a and b or a end,
  distinct_at = function(a, b) distinct.merge(a, b) return a end,
  quantile_at = function(a, b) quantile.merge(a, b) return a end,
}

--- Adds to the cell at `at` what is in the one at `from` of the same row; neither is empty.
function cells.merge(w, row, at, from)
  row[at] = row[at] + row[from]
  for name, join in pairs(joins) do
    local slot = w[name]
    if slot then row[at + slot] = join(row[at + slot], row[from + slot]) end
  end
end

return cells
