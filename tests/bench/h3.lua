-- Counts per session, and sends a summary when the session is destroyed.
local cdr = require "cdr"

local out = cdr.sink "-"
local sessions = {}

cdr.on("*", function(event)
  local id, name = event.sessionId, event.event
  local s = sessions[id]
  if not s then
    s = { event = "sessionSummary", sessionId = id, events = 0, joined = 0, left = 0, streams = 0,
      seconds = 0 }
    sessions[id] = s
  end
  s.events = s.events + 1
  if name == "participantJoined" then
    s.joined = s.joined + 1
  elseif name == "participantLeft" then
    s.left = s.left + 1
    s.seconds = s.seconds + event.duration
  elseif name == "webrtcConnectionCreated" then
    s.streams = s.streams + 1
  elseif name == "sessionDestroyed" then
    sessions[id] = nil
    out:send(s)
  end
end)
