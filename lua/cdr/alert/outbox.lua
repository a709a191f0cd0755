-- What is to be sent once an alert's rows are as they should be: a sink may fail, or wait.
local cdr = require "cdr"
local host = require "cdr.host"

local outbox = {}

local KEYS = {
  "event", "id", "status", "name", "severity", "summary", "group", "labels", "started", "ended",
  "timestamp", "repeats", "count", "flapping", "alerts",
}
host.key_order("alert", KEYS)

-- Functions that send, in order; of all scripts, since alerts of one may release another's.
local store = host.state "cdr.alerts"
store.waiting = store.waiting or {}

-- Where no sinks are named: on the road, for -w, and in the log.
local function publish(notification)
  host.emit(notification)
  local level = notification.status == "firing" and "warn" or "info"
  cdr.log[level]("alert %s %s: %s", notification.name, notification.status, notification.summary)
end

-- To each of the sinks; the first failure comes back.
local function send(sinks, notification)
  local problem
  local with = { id = notification.id } -- by which a server knows what it is sent once more
  for _, sink in ipairs(sinks) do
    local sent, why = pcall(sink.send, sink, notification, with)
    if not sent then problem = problem or why end
  end
  return problem
end

--- Puts a notification in, for those sinks or, without, for the road.
function outbox.add(sinks, notification)
  table.insert(store.waiting, function()
    if sinks then return send(sinks, notification) end
    publish(notification)
  end)
end

--- Sends all of it. The first failure is raised when everything else was sent.
function outbox.flush()
  local all, problem = store.waiting, nil
  store.waiting = {}
  for _, deliver in ipairs(all) do problem = deliver() or problem end
  if problem then error(problem, 0) end
end

return outbox
