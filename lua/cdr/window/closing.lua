-- How the windows of cdr.window.open end: told in order of time, then key, on the events' clock.
local rows = require "cdr.window.rows"
local timers = require "cdr.timers"

local closing = {}

local move = table.move

local FIRST, CELL = 2, 2 -- as in cdr.window.open

--- Takes one of several out of a row.
function closing.remove(w, row, at)
  local length = #row
  move(row, at + w.stride, length, at)
  for i = length - w.stride + 1, length do row[i] = nil end
end

-- Takes out what ends at `to`: its result, and from when to when it was.
local function take(w, key, to)
  local row, at = w.rows[key], FIRST
  while row and row[at] and row[at + 1] ~= to do at = at + w.stride end
  if not row or not row[at] then return nil end
  w.spots[1] = at + CELL
  local result, from = w:result_of(row, 1, at), row[at]
  if #row > w.stride + 1 then
    closing.remove(w, row, at)
    if w.touched then w.touched[key] = true end
  else
    rows.drop(w, key)
  end
  return result, from, to - w.silence
end

-- The ends that have come, in order, and the keys that have something ending at each.
local function ends_until(w, clock)
  local ends, keys = {}, {}
  for key, row in next, w.rows do
    for at = FIRST, #row, w.stride do
      local to = row[at + 1]
      if to + w.lateness <= clock then
        if not keys[to] then keys[to], ends[#ends + 1] = {}, to end
        table.insert(keys[to], key)
      end
    end
  end
  table.sort(ends)
  return ends, keys
end

-- What fails with one key must not hold up the others.
local function tell(w, key, to)
  local result, from, last = take(w, key, to)
  if not result or not w.on_close then return nil end
  local fine, problem = pcall(w.on_close, key, result, from, last)
  if not fine then return problem or "on_close failed" end
end

--- Closes what ends up to a moment on the clock (all, when none is given), and tells on_close.
--- When that fails, the last failure is raised after all have been told.
function closing.close(w, clock)
  local ends, keys = ends_until(w, clock or math.huge)
  local problem
  if clock and clock > w.closed then
    w.closed = clock
    rows.note(w).closed = clock
  end
  for _, to in ipairs(ends) do
    for _, key in ipairs(rows.in_order(keys[to])) do
      problem = tell(w, key, to) or problem
    end
  end
  if problem then error(problem, 0) end
end

-- The first moment at which something ends after `after`, of what is open or may come to be.
local function next_end(w, after)
  if w.silence == 0 then return ((after - w.lateness) // w.span + 1) * w.span + w.lateness end
  local first = after + w.silence + w.lateness
  for _, row in next, w.rows do
    for at = FIRST, #row, w.stride do
      local to = row[at + 1] + w.lateness
      if to > after and to < first then first = to end
    end
  end
  return ((first - 1) // w.tick + 1) * w.tick
end

--- From now on the clock closes it.
function closing.run(w)
  timers.whenever("cdr.window with on_close", function(due) closing.close(w, due) end,
    function(after) return next_end(w, after) end)
end

return closing
