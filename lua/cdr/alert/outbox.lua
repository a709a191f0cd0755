-- What is to be sent once an alert's rows are as they should be: a sink may fail, or wait.
local cdr = require "cdr"
local host = require "cdr.host"

local outbox = {}

local KEYS = {
  "event", "id", "status", "name", "severity", "summary", "group", "labels", "started", "ended",
  "timestamp", "repeats", "count", "flapping", "alerts",
}
host.key_order("alert", KEYS)

local waiting = {} -- { sinks or nil, notification }

--- Puts a notification in, for the alert's sinks.
function outbox.add(sinks, notification)
  waiting[#waiting + 1] = { sinks, notification }
end

-- Where no sinks are named: on the road, for -w, and in the log.
local function publish(notification)
  host.emit(notification)
  local level = notification.status == "firing" and "warn" or "info"
  cdr.log[level]("alert %s %s: %s", notification.name, notification.status, notification.summary)
end

local function send(sinks, notification, problem)
  if not sinks then
    publish(notification)
    return problem
  end
  for _, sink in ipairs(sinks) do
    local sent, why = pcall(sink.send, sink, notification)
    if not sent then problem = problem or why end
  end
  return problem
end

--- Sends all of it. The first failure is raised when everything else was sent.
function outbox.flush()
  local all, problem = waiting, nil
  waiting = {}
  for _, entry in ipairs(all) do problem = send(entry[1], entry[2], problem) end
  if problem then error(problem, 0) end
end

return outbox
