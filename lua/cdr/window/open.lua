-- Windows that close: tumbling ones, whose ends stand on the clock, and sessions, which end when a
-- key has been silent for a time. What is closed is told to on_close, in order of time, then key.
--
-- A row is { used, from, to, cell, from, to, cell... }, the newest first; most have one. `to` is
-- the first moment behind: of a session, the moment at which it has been silent long enough.
local host = require "cdr.host"
local ask = require "cdr.window.ask"
local cells = require "cdr.window.cells"
local closing = require "cdr.window.closing"
local rows = require "cdr.window.rows"

local Open = setmetatable({}, { __index = ask })
Open.__index = Open

local now_ms, move, unpack = host.now, table.move, table.unpack

local FIRST = 2 -- where the newest begins
local CELL = 2  -- how far behind that its cell is

-- One that nobody is told of is over with its end; the others go by closing.
function Open:is_over(row, now)
  return not self.on_close and row[FIRST + 1] <= now
end

-- Where it stands to which that time belongs, else where a new one is to be put, and false.
local function find(w, row, time)
  for at = FIRST, #row, w.stride do
    if time >= row[at + 1] then return at, false end
    if time >= row[at] - w.before then return at, true end
  end
  return #row + 1, false
end

local function is_late(w, row, to, at)
  if w.on_close then return to + w.lateness <= w.closed end
  return row ~= nil and at > FIRST
end

-- Puts in an empty one. Where nobody is told, it takes the place of the one before.
local function insert(w, row, at, from, to)
  if w.on_close then move(row, at, #row, at + w.stride) end
  row[at], row[at + 1] = from, to
  cells.clear(w, row, at + CELL)
end

-- A row and the place in it to which that time belongs; nil when that is closed already.
local function place(w, key, time, now)
  local row = w.rows[key]
  local at, found = FIRST, false
  if row then at, found = find(w, row, time) end
  if found then return row, at end
  local from = w.silence > 0 and time or time - time % w.span
  if is_late(w, row, from + w.span, at) then
    local note = rows.note(w)
    note.late = note.late + 1
    return nil
  end
  if row then
    insert(w, row, at, from, from + w.span)
  else
    row = { unpack(w.empty) }
    row[FIRST], row[FIRST + 1] = from, from + w.span
    rows.put(w, key, row, now)
  end
  return row, at
end

-- Two sessions that an event between them has joined are one.
local function join(w, row, at)
  local older = at + w.stride
  cells.merge(w, row, at + CELL, older + CELL)
  if row[older] < row[at] then row[at] = row[older] end
  closing.remove(w, row, older)
end

-- An event that is near to two belongs to the newer one: so it only ever reaches an older one.
local function extend(w, row, at, time)
  if time < row[at] then row[at] = time end
  if time + w.silence > row[at + 1] then row[at + 1] = time + w.silence end
  local older = at + w.stride
  if row[older] and row[older + 1] > row[at] then join(w, row, at) end
end

-- :add(key, value, time): made anew for each window, since what it looks at costs less so.
local function adder(w)
  local all, touched, silence, before = w.rows, w.touched, w.silence, w.before
  local check, put = ask.checker(w), cells.putter(w)
  local used = w.used
  return function(_, key, value, time)
    local now = now_ms()
    time = time and ask.check_time(w, time, now) or now
    if check then check(w, value) end
    local row, at = all[key], FIRST
    if not row or time >= row[3] or time < row[2] - before then
      if not row then rows.check_key(w, key) end
      row, at = place(w, key, time, now)
      if not row then return false end
    end
    used = used + 1
    row[1] = used
    put(row, at + CELL, value)
    if silence > 0 then extend(w, row, at, time) end
    if touched then touched[key] = true end
    return true
  end
end

--- A window of this kind. Its :add(key, value, time) adds a value (any, where only what is counted
--- is kept) to a key, at a time of its own or now; false when that is closed already.
function Open.new(w)
  w.stride, w.spots = CELL + w.width, {}
  w.silence = w.kind == "session" and w.span or 0
  w.before = w.kind == "session" and w.span - 1 or 0 -- so much earlier an event still belongs to it
  rows.open(w, ("%s %d open %s %s"):format(w.kind, w.span, w.on_close ~= nil, w.words))
  w.empty = { 0 }
  for i = 2, 1 + w.stride do w.empty[i] = 0 end
  w.add = adder(w)
  return setmetatable(w, Open)
end

--- The row of a key, and how many places of cells in it are in self.spots: that of now.
function Open:cells_of(key)
  local row = self.rows[key]
  if not row then return nil, 0 end
  local at, found = find(self, row, ask.moment())
  self.spots[1] = at + CELL
  return row, found and 1 or 0, at
end

--- The seconds that a rate is taken over: of a session, from its first event to its last.
function Open:seconds_of(row, at)
  if self.silence == 0 then return self.span / 1000 end
  return math.max(1, (row[at + 1] - self.silence - row[at]) / 1000)
end

--- Closes what has ended at a moment on the clock (all, when none is given), and tells on_close.
Open.close = closing.close

--- From now on the clock closes it.
Open.run = closing.run

return Open
