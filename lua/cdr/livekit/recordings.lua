-- An egress as a recording: how it is made, and how it starts, stops and ends.
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"
local rooms = require "cdr.livekit.rooms"
local sessions = require "cdr.standard.sessions"
local write = require "cdr.standard.write"

local recordings = {}

local function is_composed(info)
  return not (read.value(info, "track") or read.value(info, "trackComposite")
    or read.value(info, "participant"))
end

--- The recording of an egress as the generator writes it, begun at `now` unless it says when.
--- With audioOnly it has no picture.
function recordings.new(lk, info, id, now)
  local request = read.object(info, "roomComposite")
  local composed = is_composed(info)
  return order.number(lk.memory, {
    id = id, name = id, startTime = read.nanoseconds(info, "startedAt") or now,
    outputMode = composed and "COMPOSED" or "INDIVIDUAL",
    hasAudio = read.value(request, "videoOnly") ~= true,
    hasVideo = read.value(request, "audioOnly") ~= true,
    resolution = "1920x1080", frameRate = 30, recordingLayout = "BEST_FIT",
  })
end

--- Its file begins, in an open room.
function recordings.start(lk, recording, room)
  local session = rooms.session(lk, room)
  sessions.tell(lk.server, session)
  recording.startTime = math.max(recording.startTime, session.startTime)
  recording.session = { sessionId = session.sessionId, startTime = session.startTime }
  recording.status = "started"
  rooms.clock(room, recording.startTime)
  write.recording(lk.server, recording.session, recording, "started", recording.startTime)
end

--- Stops it, unless it has stopped.
function recordings.stop(lk, recording, now, reason)
  if recording.status ~= "started" then return end
  recording.status, recording.reason = "stopped", reason
  recording.stopped = math.max(now, recording.startTime)
  write.recording(lk.server, recording.session, recording, "stopped", recording.stopped, reason)
end

--- Starts one whose room has finished, or was never heard of.
function recordings.start_alone(lk, recording, name, sid)
  local head = rooms.finished(lk, sid)
    or { sessionId = name or sid, startTime = recording.startTime }
  recording.session = { sessionId = head.sessionId, startTime = head.startTime }
  recording.startTime = math.max(recording.startTime, head.startTime)
  recording.status = "started"
  write.recording(lk.server, recording.session, recording, "started", recording.startTime)
end

local function file_of(info)
  local file = read.object(info, "fileResults")[1]
  if type(file) ~= "table" then file = read.object(info, "file") end
  local ns = read.integer(file, "duration")
  return read.integer(file, "size"), ns and ns / 1e9
end

--- `status` is ready or failed; its file is that of the egress.
function recordings.finish(lk, recording, info, status, now, reason)
  local size, duration = file_of(info)
  recordings.stop(lk, recording, read.nanoseconds(info, "endedAt") or now, reason)
  if info.status == "EGRESS_LIMIT_REACHED" then recording.reason = "automaticStop" end
  local at = math.max(now, recording.stopped)
  write.recording(lk.server, recording.session, recording, status, at, recording.reason, size,
    duration)
end

--- One that did not start is told since OpenVidu 2.32, without a reason.
function recordings.not_started(lk, recording, room, now)
  if not room or lk.server.profile == "2.16" then return end
  local session = rooms.session(lk, room)
  recording.startTime = math.max(recording.startTime, session.startTime)
  write.recording(lk.server, session, recording, "failed", math.max(now, recording.startTime))
end

return recordings
