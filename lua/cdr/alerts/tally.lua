-- Counts within a sliding window, in a table that cdr.state can keep: things, and hits among them.
--
-- A window is PARTS parts of the clock and the one that has begun. What happened is counted in the
-- part of its own time, so that lines that come a little late count as they should.
local tally = {}

local PARTS = 10

local function part_of(parts, number)
  for i = #parts, 1, -1 do
    if parts[i].number == number then return parts[i] end
  end
  parts[#parts + 1] = { number = number, hits = 0, all = 0 }
  return parts[#parts]
end

-- Takes out those before `first`; how many hits and how many in all stand in the rest.
local function sum_from(parts, first)
  local hits, all = 0, 0
  for i = #parts, 1, -1 do
    local part = parts[i]
    if part.number < first then
      table.remove(parts, i)
    else
      hits, all = hits + part.hits, all + part.all
    end
  end
  return hits, all
end

local function newest_of(parts)
  local newest = -math.huge
  for _, part in ipairs(parts) do newest = math.max(newest, part.number) end
  return newest
end

local function number_of(seconds, at) return at // math.max(1, seconds * 1000 // PARTS) end

--- Counts one more in the list `parts`, empty at first, at that time (ms); a hit or not. Gives how
--- many hits and how many in all there are in the so many seconds up to the last that was counted.
function tally.add(parts, seconds, at, is_hit)
  local number = number_of(seconds, at)
  local newest = math.max(newest_of(parts), number)
  if number >= newest - PARTS then
    local part = part_of(parts, number)
    part.all = part.all + 1
    if is_hit then part.hits = part.hits + 1 end
  end
  return sum_from(parts, newest - PARTS)
end

--- Whether all that was counted is over at that time.
function tally.is_over(parts, seconds, at)
  return newest_of(parts) < number_of(seconds, at) - PARTS
end

return tally
