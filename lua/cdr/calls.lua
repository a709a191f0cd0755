-- Sessions, participants, streams and recordings, put together from the events of a CDR.
--
--   calls.on("session.closed", function(session) print(session.sessionId, session.duration) end)
--
-- Durations are in seconds (as written, else whole ones), times in milliseconds. In all records:
-- sessionId, startTime, timestamp (the end), duration, reason (as written, or nil), synthetic: nil,
-- or why it is closed without its own event: "timeout", "restart" (of the server), "reused" (its
-- id), "end" (of the input), "session" (which ended before what is in it). Besides:
--   session      uniqueSessionId, participants, peak, participantSeconds, sentSeconds and
--                receivedSeconds by CAMERA, SCREEN..., AUDIO (no video); recordings,
--                recordingSeconds, recordingBytes; countries, reasons (of participants): how many
--   participant  uniqueSessionId, participantId, location, country, ip, platform, clientData,
--                serverData, sentSeconds, receivedSeconds
--   stream       participantId, streamId, connection, receivingFrom, source
--   recording    id, name, size, status, outputMode, hasAudio, hasVideo; those that are ready count
local host = require "cdr.host"
local Model = require "cdr.calls.model"
local names = require "cdr.calls.names"

local calls = { new = Model.new }

local EVENTS = {
  "sessionCreated", "sessionDestroyed", "participantJoined", "participantLeft",
  "webrtcConnectionCreated", "webrtcConnectionDestroyed", "recordingStatusChanged",
  "recordingStarted", "recordingStopped", "filterEventDispatched", "signalSent",
}

local own -- the script's model, fed from the road

--- Feeds the model with what comes by on the road from now on.
function calls.follow(model)
  local memory, feed = model.memory, model.feed
  host.on(EVENTS, function(event)
    if memory.several then model:from(host.place()) end
    feed(model, event)
  end)
  host.on("file.opened", function(event) model:file(event.file) end)
  host.on("input.ended", function(event)
    if event.why == "end" then model:finish() end
  end)
  return model
end

--- Calls fn(record) at what `name` says, for all that comes by on the road. The record is the
--- model's own: it may be kept until the function returns.
function calls.on(name, fn)
  names.check(name)
  own = own or calls.follow(Model.new {})
  own:on(name, fn)
end

return calls
