-- Raises an alert for each session that loses people to the network, until it ends or is calm.
--
--   cdrlua run examples/cut-off-alert.lua --set to=https://ops.example/hook
--   cdrlua run --once examples/cut-off-alert.lua examples/cdr --set to=-
local cdr = require "cdr"

local opt = cdr.options { to = "alerts.jsonl", people = 1, seconds = 60, calm = 600 }

local cut = cdr.alert {
  name = "cut-off", severity = "critical", key = "sessionId",
  after = opt.people, within = opt.seconds, resolve_after = opt.calm,
  summary = "{key}: {event.participantId} was cut off after {event.duration} s",
  to = cdr.sink(opt.to),
}

cdr.on("participantLeft", function(event)
  if event.reason == "networkDisconnect" then cut:fire(event) end
end)

cdr.on("sessionDestroyed", function(event) cut:resolve(event) end)
