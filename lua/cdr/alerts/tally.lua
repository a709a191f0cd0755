-- Counts within a sliding window, in a table that cdr.state can keep: things, and hits among them.
--
-- A window is PARTS parts of the clock and the one that has begun. What happened is counted in the
-- part of its own time, so that lines that come a little late count as they should.
local tally = {}

local PARTS = 10

local function number_of(seconds, at) return at // math.max(1, seconds * 1000 // PARTS) end

--- A new one, to be put into a state table.
function tally.new() return { newest = 0, hits = 0, all = 0, parts = {} } end

local function count(sums, is_hit)
  sums.all = sums.all + 1
  if is_hit then sums.hits = sums.hits + 1 end
end

-- The part of that number becomes the newest; those that are over then count no more.
local function roll(window, number)
  local parts, kept = window.parts, {}
  window.newest, window.hits, window.all = number, 0, 0
  for _, part in ipairs(parts) do
    if part.number >= number - PARTS then
      kept[#kept + 1] = part
      window.hits, window.all = window.hits + part.hits, window.all + part.all
    end
  end
  window.parts = kept
end

local function part_of(parts, number)
  for i = #parts, 1, -1 do
    if parts[i].number == number then return parts[i] end
  end
  parts[#parts + 1] = { number = number, hits = 0, all = 0 }
  return parts[#parts]
end

--- Counts one more at that time (ms); a hit or not. Gives how many hits and how many in all there
--- are in the so many seconds up to the newest that was counted.
function tally.add(window, seconds, at, is_hit)
  local number = number_of(seconds, at)
  if number > window.newest then roll(window, number) end
  if number >= window.newest - PARTS then
    count(part_of(window.parts, number), is_hit)
    count(window, is_hit)
  end
  return window.hits, window.all
end

--- Whether all that was counted is over at that time.
function tally.is_over(window, seconds, at)
  return window.newest < number_of(seconds, at) - PARTS
end

return tally
