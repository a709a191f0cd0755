-- Windows of the last so many steps of time: each key has one cell for each step, used in turn.
--
-- A row is { used, step, cell, cell... }: `step` is the number of the newest (its time divided by
-- the length of a step), whose cell is number step % cells. Updates look at one cell; what is asked
-- for is put together from those that the window reaches. There are more cells than that: a timer
-- looks back from its due time when events of up to the lateness after it are there already.
local host = require "cdr.host"
local ask = require "cdr.window.ask"
local cells = require "cdr.window.cells"
local rows = require "cdr.window.rows"

local Ring = setmetatable({}, { __index = ask })
Ring.__index = Ring

local now_ms, unpack = host.now, table.unpack

local CELLS = 3 -- where the first one is

function Ring:is_over(row, now)
  return row[2] <= now // self.step - self.cells
end

-- The row becomes one whose newest step is `step`: the cells between are empty.
local function advance(w, row, step)
  for passed = math.max(row[2] + 1, step - w.cells + 1), step do
    cells.clear(w, row, CELLS + passed % w.cells * w.width)
  end
  row[2] = step
end

-- A row that has a cell for that step; nil when that is over already.
local function place(w, key, step, now)
  local row, newest = w.rows[key], now // w.step
  if row and row[2] > newest then newest = row[2] end
  if step <= newest - w.cells then
    local note = rows.note(w)
    note.late = note.late + 1
    return nil
  end
  if not row then
    row = { unpack(w.empty) }
    row[2] = step
    rows.put(w, key, row, now)
  elseif row[2] < step then
    advance(w, row, step)
  end
  return row
end

-- :add(key, value, time): made anew for each window, since what it looks at costs less so.
local function adder(w)
  local all, touched, step_ms, n_cells, width = w.rows, w.touched, w.step, w.cells, w.width
  local check, put = ask.checker(w), cells.putter(w)
  local used = w.used
  return function(_, key, value, time)
    local now = now_ms()
    time = time and ask.check_time(w, time, now) or now
    if check then check(w, value) end
    local step = time // step_ms
    local row = all[key]
    if not row or row[2] ~= step then
      if not row then rows.check_key(w, key) end
      row = place(w, key, step, now)
      if not row then return false end
    end
    used = used + 1
    row[1] = used
    put(row, CELLS + step % n_cells * width, value)
    if touched then touched[key] = true end
    return true
  end
end

--- A window of this kind. Its :add(key, value, time) adds a value (any, where only what is counted
--- is kept) to a key, at a time of its own or now; false when that is over already.
function Ring.new(w)
  w.steps = w.span // w.step
  w.cells = w.steps + (host.lateness() + w.step - 1) // w.step
  w.empty, w.spots = { 0, 0 }, {}
  for i = CELLS, CELLS + w.cells * w.width - 1 do w.empty[i] = 0 end
  rows.open(w, ("%s %d %d %d %s"):format(w.kind, w.span, w.step, w.cells, w.words))
  w.add = adder(w)
  return setmetatable(w, Ring)
end

-- The steps that the window reaches now.
local function reach(w)
  local newest = ask.moment() // w.step
  return newest - w.steps + 1, newest
end

--- The row of a key, and how many places of cells in it are in self.spots.
function Ring:cells_of(key)
  local row = self.rows[key]
  if not row then return nil, 0 end
  local first, last = reach(self)
  if first <= row[2] - self.cells then first = row[2] - self.cells + 1 end
  if last > row[2] then last = row[2] end
  local spots, n, n_cells, width = self.spots, 0, self.cells, self.width
  for step = first, last do
    local at = CELLS + step % n_cells * width
    if row[at] > 0 then
      n = n + 1
      spots[n] = at
    end
  end
  return row, n
end

--- The seconds that a rate is taken over: of a sliding window, how far back it reaches now.
function Ring:seconds_of()
  if self.kind == "tumbling" then return self.span / 1000 end
  local ms = now_ms() - reach(self) * self.step
  return (ms > 0 and ms or self.span) / 1000
end

return Ring
