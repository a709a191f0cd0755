-- Tells of calls that ended within some seconds: cdrlua run --once examples/short-calls.lua FILE
local cdr = require "cdr"

local opt = cdr.options { seconds = 60 }

local calls = 0 -- of any length

cdr.on("participantLeft", function(event)
  calls = calls + 1
  if event.duration >= opt.seconds then return false end -- off the road
  print(("%s left %s after %d s: %s"):format(
    event.participantId, event.sessionId, event.duration, event.reason or "no reason given"))
end)

cdr.on("input.ended", function()
  print(("%d calls in all"):format(calls))
end)
