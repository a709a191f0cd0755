-- The life of one alert under one key: inactive, pending, firing, and over again.
--
-- Knows no clock and keeps nothing: a row comes in and is changed, tell(from, to, at, row) hears of
-- each change, and machine.due says when to come again. All times are milliseconds. A row has:
--   status    "pending" or "firing"; an alert that is inactive has no row
--   since     when it became what it is; started: when it began to fire (pending: its first fire)
--   fired     how often it was fired; last: when last; at: of whatever was last done with it
--   times     (pending, with `after`) the fires that still count
--   reached   (pending) since when there are enough of them: for_ counts from there
--   resolving (firing) resolved, but `hold` is not over
local machine = {}

--- The row of an alert that is about to be fired for the first time.
function machine.new(at)
  return { status = "inactive", since = at, started = at, fired = 0, last = at, at = at }
end

local function earlier(a, b) return a and b and math.min(a, b) or a or b end

local function due_pending(limits, row)
  local fires = row.reached and row.reached + limits.for_
  local expires = not row.reached and limits.within and row.last + limits.within
  expires = earlier(expires or nil, limits.resolve_after and row.last + limits.resolve_after)
  if fires and (not expires or fires <= expires) then return fires, "firing" end
  return expires, "expired"
end

local function due_firing(limits, row)
  local held = row.started + limits.hold
  if row.resolving then return held, "resolved" end
  if not limits.resolve_after then return nil end
  return math.max(row.last + limits.resolve_after, held), "resolved"
end

--- When the row changes by itself, and to what; nil: never.
function machine.due(limits, row)
  if row.status == "firing" then return due_firing(limits, row) end
  return due_pending(limits, row)
end

local function move(row, to, at, tell)
  local from = row.status
  row.status, row.since, row.at = to, at, at
  if to == "firing" then row.started, row.times, row.reached = at, nil, nil end
  tell(from, to, at, row)
  return (to == "firing" or to == "pending") and row or nil
end

--- All that is due up to `at`, each at its own time. Gives the row, nil when it is over.
function machine.pass(limits, row, at, tell)
  at = math.max(at, row.at)
  while row do
    local due, to = machine.due(limits, row)
    if not due or due > at then break end
    row = move(row, to, due, tell)
  end
  return row
end

-- Notes one more fire, and whether they are enough now.
local function count(limits, row, at)
  if row.reached then return end
  local times = {}
  for _, time in ipairs(row.times or {}) do
    if not limits.within or time > at - limits.within then times[#times + 1] = time end
  end
  times[#times + 1] = at
  if #times >= limits.after then row.reached, times = at, nil end
  row.times = times
end

--- Fires it at `at`, up to which machine.pass has gone; the row may be a new one.
function machine.fire(limits, row, at, tell)
  at = math.max(at, row.at)
  row.fired, row.last, row.at, row.resolving = row.fired + 1, at, at, nil
  if row.status == "firing" then return row end
  count(limits, row, at)
  if row.status == "inactive" and not (row.reached and limits.for_ == 0) then
    move(row, "pending", at, tell)
  end
  if row.status == "inactive" then return move(row, "firing", at, tell) end
  return machine.pass(limits, row, at, tell)
end

--- Resolves it: what is pending expires, what fires is over when its `hold` is.
function machine.resolve(limits, row, at, tell)
  at = math.max(at, row.at)
  row = machine.pass(limits, row, at, tell)
  if not row then return nil end
  if row.status == "pending" then return move(row, "expired", at, tell) end
  if at >= row.started + limits.hold then return move(row, "resolved", at, tell) end
  row.resolving, row.at = row.resolving or at, at
  return row
end

return machine
