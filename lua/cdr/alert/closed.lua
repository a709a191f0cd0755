-- Groups that have closed, for as long as one of the same key may begin at the same millisecond:
-- an id is made of a group's begin and the number of what it tells, so the numbers must go on.
--
-- They are rows of the state table "cdr.alerts.closed", by the group's id: name, started (the
-- latest begin), sent (the most that a group of that key has told).
local clock = require "cdr.alert.clock"
local kept = require "cdr.alert.kept"
local state = require "cdr.state"

local closed = {}

local rows = state "cdr.alerts.closed"

local function push(alert, id, started)
  local queue = alert.closed
  queue.last = queue.last + 1
  queue[queue.last] = { id, started }
end

-- Nothing begins before `floor` any more.
local function drop(alert, floor)
  local queue = alert.closed
  while queue.first <= queue.last and queue[queue.first][2] < floor do
    local id = queue[queue.first][1]
    if rows[id] and rows[id].started < floor then rows[id] = nil end
    queue[queue.first], queue.first = nil, queue.first + 1
  end
end

--- What an alert has of them when the program begins.
function closed.load(alert)
  alert.closed = { first = 1, last = 0 }
  for id, row in kept.each(alert, "closed") do push(alert, id, row.started) end
end

--- The group of that id goes.
function closed.add(alert, id, group)
  local floor = clock.floor()
  drop(alert, floor)
  if group.started < floor then return end
  local row = rows[id] or { started = group.started, sent = 0 }
  rows[id] = { name = alert.name, started = math.max(row.started, group.started),
    sent = math.max(row.sent, group.sent) }
  push(alert, id, group.started)
end

--- How many were told of the group that begins then, by those that had its id.
function closed.sent(alert, id, started)
  local floor = clock.floor()
  drop(alert, floor)
  local row = rows[id]
  if not row or row.started < math.max(started, floor) then return 0 end
  return row.sent
end

return closed
