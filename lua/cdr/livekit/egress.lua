-- Egresses are recordings: several of a room at once, told in their own order, not the room's.
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"
local recent = require "cdr.recent"
local recordings = require "cdr.livekit.recordings"
local rooms = require "cdr.livekit.rooms"

local egress = {}

-- What lasts longer after its room has finished will not be told of any more.
local FORGET_MS = 24 * 3600 * 1000

-- By status: what it means, `active`, `ending` or the recording's own last status. Starting is
-- left out.
local meaning = {
  EGRESS_ACTIVE = "active", EGRESS_ENDING = "ending", EGRESS_COMPLETE = "ready",
  EGRESS_LIMIT_REACHED = "ready", EGRESS_FAILED = "failed", EGRESS_ABORTED = "failed",
}

-- It ends by a limit, with the last one of the room, or because somebody asked for it.
local function reason_of(lk, room, info)
  if info.status == "EGRESS_LIMIT_REACHED" then return "automaticStop" end
  if not room then return "lastParticipantLeft" end
  if rooms.session(lk, room).count == 0 then return rooms.reason(room) end
  return "recordingStoppedByServer"
end

local function forget(lk, recording)
  lk.memory.egresses[recording.id] = nil
  recent.add(lk.memory.ended, recording.id)
end

local function ended(lk, recording, info, room, names, now)
  local status = meaning[info.status]
  forget(lk, recording)
  if status == "failed" and not recording.status then
    return recordings.not_started(lk, recording, room, now)
  end
  if not recording.status and room then recordings.start(lk, recording, room) end
  if not recording.status then recordings.start_alone(lk, recording, names.name, names.sid) end
  recordings.finish(lk, recording, info, status, now, reason_of(lk, room, info))
end

local function advance(lk, recording, info, room, names, now)
  local means = meaning[info.status]
  if not means then return end
  if means == "ready" or means == "failed" then
    return ended(lk, recording, info, room, names, now)
  end
  recording.is_active = true
  if room and not recording.status then recordings.start(lk, recording, room) end
  if means == "ending" then
    local at = read.nanoseconds(info, "updatedAt") or now
    recordings.stop(lk, recording, at, reason_of(lk, room, info))
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
  local recording = lk.memory.egresses[id] or recordings.new(lk, info, id, now)
  recording.name_of_room, recording.sid_of_room, recording.at = names.name, names.sid, now
  lk.memory.egresses[id] = recording
  advance(lk, recording, info, rooms.find(lk, names.name, names.sid), names, now)
end

--- A room began: the recordings that came before it.
function egress.room_began(lk, room)
  for _, recording in ipairs(order.list(lk.memory.egresses)) do
    if recording.is_active and not recording.status
      and rooms.find(lk, recording.name_of_room, recording.sid_of_room) == room then
      recordings.start(lk, recording, room)
    end
  end
end

--- A room ends: its recordings stop, and their files may come later. Very old ones are forgotten.
function egress.room_ends(lk, room, now)
  for _, recording in ipairs(order.list(lk.memory.egresses)) do
    if recording.session and recording.session.sessionId == room.sessionId then
      recordings.stop(lk, recording, now, rooms.reason(room))
    end
    if now - recording.at > FORGET_MS and recording.status ~= "started" then
      lk.memory.egresses[recording.id] = nil
    end
  end
end

return egress
