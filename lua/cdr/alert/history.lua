-- What alerts have been: the last 10,000 changes, in the state table "cdr.alerts.history".
local state = require "cdr.state"

local history = {}

local MOST = 10000

local rows, counters = state "cdr.alerts.history", state "cdr.alerts.meta"

--- Notes that an alert's row went from one status to another.
function history.add(from, to, at, row)
  local n = (counters.history or 0) + 1
  counters.history = n
  rows[n] = {
    at = at, name = row.name, key = row.key, severity = row.severity, from = from, to = to,
    summary = row.summary, labels = row.labels,
  }
  if n > MOST then rows[n - MOST] = nil end
end

return history
