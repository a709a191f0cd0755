-- Recordings: one at a time in a session, from started over stopped to ready or failed.
--
-- What is told of the file (size in bytes, duration in seconds) comes from the signal that ends the
-- recording, else from options.recorder(recording, now), else the duration is the time it ran.
local events = require "cdr.events"
local write = require "cdr.standard.write"

local recordings = {}

local function composed(recording, signal)
  recording.resolution = signal.resolution or "1920x1080"
  recording.frameRate = signal.frameRate or 25
  recording.recordingLayout = signal.recordingLayout or "BEST_FIT"
  if recording.recordingLayout == "CUSTOM" and signal.customLayout ~= "" then
    recording.customLayout = signal.customLayout
  end
end

-- The first has the session's id; later ones count, with another mark since OpenVidu 2.21.
local function new_id(server, session)
  local n = session.recordings
  if n == 0 then return session.sessionId end
  return session.sessionId .. (server.profile == "2.16" and "-" or "~") .. n
end

function recordings.start(server, session, signal)
  local id = signal.id or new_id(server, session)
  local recording = {
    id = id, name = signal.name or id, startTime = signal.timestamp,
    outputMode = signal.outputMode or "COMPOSED", media_node_id = signal.media_node_id,
    hasAudio = signal.hasAudio ~= false, hasVideo = signal.hasVideo ~= false,
  }
  if recording.outputMode == "COMPOSED" and recording.hasVideo then composed(recording, signal) end
  session.recordings = session.recordings + 1
  session.recording = recording
  if not signal.pending then recordings.started(server, session) end
end

--- The file exists: the event has the time at which the recording was asked for.
function recordings.started(server, session)
  local recording = session.recording
  recording.started = true
  write.recording(server, session, recording, "started", recording.startTime)
  recordings.watch(server, session, recording.startTime)
end

--- It could not start, which is told since OpenVidu 2.32.
function recordings.not_started(server, session, now)
  if events.has(server.profile, "2.32") then
    write.recording(server, session, session.recording, "failed", now)
  end
  session.recording = nil
  recordings.watch(server, session, now)
end

local function file_of(server, recording, now, file)
  local duration, size = (now - recording.startTime) / 1000, 0
  if server.options.recorder then
    size, duration = server.options.recorder(recording, now)
  end
  return file and file.size or size, file and file.duration or math.max(duration, 0)
end

--- Stopped, and ready at once (failed, when it had not begun). With file.pending the file comes
--- later, by recordings.ready.
function recordings.stop(server, session, now, reason, file)
  local recording = session.recording
  session.recording = nil
  recordings.watch(server, session, now)
  recording.reason = reason
  write.recording(server, session, recording, "stopped", now, reason)
  if file and file.pending then
    recording.session = { sessionId = session.sessionId, startTime = session.startTime }
    server.memory.processing[recording.id] = recording
  elseif recording.started then
    recordings.ready(server, session, recording, now, file)
  else
    write.recording(server, session, recording, "failed", now, reason)
  end
end

function recordings.ready(server, session, recording, now, file)
  local size, duration = file_of(server, recording, now, file)
  write.recording(server, session, recording, "ready", now, recording.reason, size, duration)
  server.memory.processing[recording.id] = nil
end

function recordings.failed(server, session, recording, now, file)
  local size, duration = file and file.size, file and file.duration
  write.recording(server, session, recording, "failed", now, recording.reason, size, duration)
  server.memory.processing[recording.id] = nil
end

--- While nobody publishes, a recording has `autostop` seconds; 0 is for ever. OpenVidu's own
--- setting is OPENVIDU_RECORDING_AUTOSTOP_TIMEOUT.
function recordings.watch(server, session, now)
  local due, id = server.memory.due, session.sessionId
  local timeout = server.options.autostop or 120
  if not session.recording or session.publishers > 0 then
    due[id] = nil
  elseif timeout > 0 and not due[id] then
    due[id] = now + timeout * 1000
  end
end

return recordings
