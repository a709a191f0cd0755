-- Recordings: each counts once, told by recordingStatusChanged (2.11 and later) or by the legacy
-- recordingStarted and recordingStopped, which stand beside it up to 2.20.
local recent = require "cdr.recent"
local values = require "cdr.calls.values"
local waiting = require "cdr.calls.waiting"

local recordings = {}

local text = values.text

local DONE = { ready = "recording.ready", failed = "recording.failed" }

local function new(event, id, start)
  return {
    sessionId = event.sessionId, uniqueSessionId = text(event.uniqueSessionId), id = id,
    name = text(event.name), startTime = start, status = text(event.status),
    outputMode = text(event.outputMode), hasAudio = event.hasAudio, hasVideo = event.hasVideo,
    timestamp = nil, duration = nil, size = nil, reason = nil, synthetic = nil, legacy = false,
  }
end

local function pending_of(session, id, start)
  local recording = session and session.pending[id]
  return recording and recording.startTime == start and recording or nil
end

-- The one that the event tells of, made where it is not open; nil when it was done before.
local function recording_of(model, session, event, id, start)
  local memory, key = model.memory, waiting.key_of(id, start)
  if recent.get(memory.done, key) then return nil end
  local recording = pending_of(session, id, start) or recent.get(memory.waiting, key)
  if recording then return recording end
  recording = new(event, id, start)
  if session then session.pending[id] = recording end
  if model.keep then recording.event = values.copy(event) end
  return recording
end

local function finish(model, session, recording, event, timestamp)
  local key = waiting.key_of(recording.id, recording.startTime)
  recent.add(model.memory.done, key, true)
  recent.remove(model.memory.waiting, key)
  if session and session.pending[recording.id] == recording then
    session.pending[recording.id] = nil
  end
  recording.timestamp, recording.reason = timestamp, text(event.reason)
  recording.size = values.bytes(event.size)
  recording.duration = values.seconds(event.duration, recording.startTime, timestamp) + 0.0
  if recording.status == "ready" and session and recording.startTime >= session.startTime then
    session.recordings = session.recordings + 1
    session.recordingSeconds = session.recordingSeconds + recording.duration
    session.recordingBytes = session.recordingBytes + recording.size
  end
  model:tell(DONE[recording.status], recording)
end

--- recordingStatusChanged; `session` is nil where it has ended before.
function recordings.changed(model, session, event, timestamp)
  local id = text(event.id)
  if not id then return model:count "odd" end
  local start = values.time(event.startTime) or timestamp
  local recording = recording_of(model, session, event, id, start)
  if not recording then return model:count "repeated" end
  recording.status, recording.reason = text(event.status), text(event.reason)
  recording.legacy = false
  if model.keep then recording.event = values.copy(event) end
  if DONE[recording.status] then finish(model, session, recording, event, timestamp) end
end

--- recordingStarted
function recordings.started(model, session, event, timestamp)
  local id = text(event.id)
  if not id then return model:count "odd" end
  if not session or pending_of(session, id, timestamp) then return end
  local recording = recording_of(model, session, event, id, timestamp)
  if recording then recording.status, recording.legacy = "started", true end
end

--- recordingStopped: the end of a recording that nothing but legacy events told of.
function recordings.stopped(model, session, event, timestamp)
  local id = text(event.id)
  if not id then return model:count "odd" end
  local start = values.time(event.startTime) or timestamp
  local known = pending_of(session, id, start)
  if known and not known.legacy then return end
  local recording = recording_of(model, session, event, id, start)
  if not recording then return end
  recording.status = "ready"
  finish(model, session, recording, event, timestamp)
end

return recordings
