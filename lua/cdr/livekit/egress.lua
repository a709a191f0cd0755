-- Egresses are recordings: several of a room at once, told in their own order, not the room's.
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"
local recent = require "cdr.livekit.recent"
local rooms = require "cdr.livekit.rooms"
local sessions = require "cdr.standard.sessions"
local write = require "cdr.standard.write"

local egress = {}

-- What lasts longer after its room has finished will not be told of any more.
local FORGET_MS = 24 * 3600 * 1000

-- By status: what it means, `active`, `ending` or the recording's own last status. Starting is
-- left out.
local meaning = {
  EGRESS_ACTIVE = "active", EGRESS_ENDING = "ending", EGRESS_COMPLETE = "ready",
  EGRESS_LIMIT_REACHED = "ready", EGRESS_FAILED = "failed", EGRESS_ABORTED = "failed",
}

local function is_composed(info)
  return not (read.value(info, "track") or read.value(info, "trackComposite")
    or read.value(info, "participant"))
end

-- The recording of an egress as the generator writes it. An audioOnly one has no picture.
local function recording_of(lk, info, id, now)
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

local function start(lk, recording, room)
  local session = rooms.session(lk, room)
  sessions.tell(lk.server, session)
  recording.startTime = math.max(recording.startTime, session.startTime)
  recording.session = { sessionId = session.sessionId, startTime = session.startTime }
  recording.status = "started"
  rooms.clock(room, recording.startTime)
  write.recording(lk.server, recording.session, recording, "started", recording.startTime)
end

local function stop(lk, recording, now, reason)
  if recording.status ~= "started" then return end
  recording.status, recording.reason = "stopped", reason
  recording.stopped = math.max(now, recording.startTime)
  write.recording(lk.server, recording.session, recording, "stopped", recording.stopped, reason)
end

-- The session of one whose room finished, or never was heard of.
local function start_alone(lk, recording, name, sid)
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

-- It ends by a limit, with the last one of the room, or because somebody asked for it.
local function reason_of(lk, room, info)
  if info.status == "EGRESS_LIMIT_REACHED" then return "automaticStop" end
  if not room then return "lastParticipantLeft" end
  if rooms.session(lk, room).count == 0 then return rooms.reason(room) end
  return "recordingStoppedByServer"
end

local function finish(lk, recording, info, status, now, reason)
  local size, duration = file_of(info)
  stop(lk, recording, read.nanoseconds(info, "endedAt") or now, reason)
  if info.status == "EGRESS_LIMIT_REACHED" then recording.reason = "automaticStop" end
  local at = math.max(now, recording.stopped)
  write.recording(lk.server, recording.session, recording, status, at, recording.reason, size,
    duration)
end

-- One that did not start is told since OpenVidu 2.32, without a reason.
local function not_started(lk, recording, room, now)
  if not room or lk.server.profile == "2.16" then return end
  local session = rooms.session(lk, room)
  recording.startTime = math.max(recording.startTime, session.startTime)
  write.recording(lk.server, session, recording, "failed", math.max(now, recording.startTime))
end

local function forget(lk, recording)
  lk.memory.egresses[recording.id] = nil
  recent.add(lk.memory.ended, recording.id)
end

local function ended(lk, recording, info, room, names, now)
  local status = meaning[info.status]
  forget(lk, recording)
  if status == "failed" and not recording.status then
    return not_started(lk, recording, room, now)
  end
  if not recording.status and room then start(lk, recording, room) end
  if not recording.status then start_alone(lk, recording, names.name, names.sid) end
  finish(lk, recording, info, status, now, reason_of(lk, room, info))
end

local function advance(lk, recording, info, room, names, now)
  local means = meaning[info.status]
  if not means then return end
  if means == "ready" or means == "failed" then
    return ended(lk, recording, info, room, names, now)
  end
  recording.is_active = true
  if room and not recording.status then start(lk, recording, room) end
  if means == "ending" then
    stop(lk, recording, read.nanoseconds(info, "updatedAt") or now, reason_of(lk, room, info))
  end
end

--- egress_started, egress_updated and egress_ended: what counts is the status. An egress of no
--- room (of a web page) is no recording.
function egress.told(lk, webhook, now)
  local info, given = read.object(webhook, "egressInfo"), read.object(webhook, "room")
  local id = read.text(info, "egressId")
  if not id then error(webhook.event .. ": egressInfo has no egressId", 0) end
  local names = {
    name = read.text(info, "roomName") or read.text(given, "name"),
    sid = read.text(info, "roomId") or read.text(given, "sid"),
  }
  if not names.name and not names.sid or recent.get(lk.memory.ended, id) then return end
  local recording = lk.memory.egresses[id] or recording_of(lk, info, id, now)
  recording.name_of_room, recording.sid_of_room, recording.at = names.name, names.sid, now
  lk.memory.egresses[id] = recording
  advance(lk, recording, info, rooms.find(lk, names.name, names.sid), names, now)
end

--- A room began: the recordings that came before it.
function egress.room_began(lk, room)
  for _, recording in ipairs(order.list(lk.memory.egresses)) do
    if recording.is_active and not recording.status
      and rooms.find(lk, recording.name_of_room, recording.sid_of_room) == room then
      start(lk, recording, room)
    end
  end
end

--- A room ends: its recordings stop, and their files may come later. Very old ones are forgotten.
function egress.room_ends(lk, room, now)
  for _, recording in ipairs(order.list(lk.memory.egresses)) do
    if recording.session and recording.session.sessionId == room.sessionId then
      stop(lk, recording, now, rooms.reason(room))
    end
    if now - recording.at > FORGET_MS and recording.status ~= "started" then
      lk.memory.egresses[recording.id] = nil
    end
  end
end

return egress
