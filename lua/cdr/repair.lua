-- Makes the end events that a server did not write, out of the records of cdr.calls.
--
-- The calls must keep the events that things began with: calls.new(memory, { keep = true }).
require "cdr.events" -- the order of the keys

local repair = {}

--- What has ended, as an event `name`: the keys of its begin, then when and why. A reason that is
--- known (a session told its end, but not that of all in it) goes before the one given.
local function ended(name, record, reason)
  local event = {}
  for key, value in pairs(record.event or {}) do event[key] = value end
  event.event, event.repaired = name, true
  event.sessionId, event.uniqueSessionId = record.sessionId, record.uniqueSessionId
  event.timestamp, event.startTime = record.timestamp, record.startTime
  event.duration, event.reason = record.duration, record.reason or reason
  return event
end

--- A stream: webrtcConnectionDestroyed.
function repair.stream(stream, reason)
  local event = ended("webrtcConnectionDestroyed", stream, reason)
  event.uniqueSessionId = stream.event and stream.event.uniqueSessionId
  return event
end

--- A participant: participantLeft. Of one whose Joined was never seen only the id is known.
function repair.participant(participant, reason)
  local event = ended("participantLeft", participant, reason)
  event.participantId = event.participantId or participant.participantId
  return event
end

local function status(recording, reason, word)
  local event = ended("recordingStatusChanged", recording, reason)
  event.size, event.status = 0, word
  return event
end

--- A recording: that it stopped, where that was not told, and that it failed. Before 2.11 there is
--- recordingStopped only.
function repair.recording(recording, reason)
  if recording.legacy then
    local event = ended("recordingStopped", recording, reason)
    event.size = 0
    return event
  end
  local failed = status(recording, reason, "failed")
  if recording.event.status == "stopped" then return failed end
  return status(recording, reason, "stopped"), failed
end

--- A session: sessionDestroyed.
function repair.session(session, reason)
  return {
    event = "sessionDestroyed", sessionId = session.sessionId,
    uniqueSessionId = session.uniqueSessionId, timestamp = session.timestamp,
    startTime = session.startTime, duration = session.duration, reason = reason, repaired = true,
  }
end

return repair
