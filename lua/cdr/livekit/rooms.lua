-- Rooms are sessions: from room_started to room_finished, by name, each with LiveKit's own sid.
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"
local recent = require "cdr.recent"
local sessions = require "cdr.standard.sessions"
local timeouts = require "cdr.calls.timeouts"

local rooms = {}

--- The generator's session of a room.
function rooms.session(lk, room) return lk.server.memory.sessions[room.sessionId] end

--- The later of `now` and all that was written of the room: nothing ends before it began.
function rooms.clock(room, now)
  room.latest = math.max(room.latest, now)
  return room.latest
end

local function begin(lk, id, sid, start)
  local session = sessions.create(lk.server, id, start)
  lk.memory.sessions[id] = order.number(lk.memory, {
    sessionId = id, sid = sid, latest = session.startTime, people = {}, early = {},
    opened = lk.memory.now, timestamp = lk.memory.now,
  })
  timeouts.watch(lk.memory, lk.memory.sessions[id])
  lk.began(lk.memory.sessions[id])
  return lk.memory.sessions[id]
end

--- The session of a room that finished, { sessionId = , startTime = }, when it is still known.
function rooms.finished(lk, sid) return sid and recent.get(lk.memory.finished, sid) end

--- The open room of this name and sid, or nil; that it is asked for is a sign of life.
function rooms.find(lk, name, sid)
  local room = lk.memory.sessions[name or sid]
  if not room or sid and room.sid and room.sid ~= sid then return nil end
  room.timestamp = lk.memory.now
  return room
end

--- The room that a webhook is about, begun at `start` when it is not open yet; nil when it has
--- finished already. Raises when the webhook names none.
function rooms.of(lk, webhook, start)
  local given = read.object(webhook, "room")
  local name, sid = read.text(given, "name"), read.text(given, "sid")
  if not name and not sid then error(webhook.event .. ": room has neither name nor sid", 0) end
  local room = rooms.find(lk, name, sid)
  if room then room.sid = room.sid or sid end
  if room or rooms.finished(lk, sid) then return room end
  local old = lk.memory.sessions[name or sid]
  if old then lk.finish(old, start) end
  return begin(lk, name or sid, sid, read.exact(given, "creationTime") or start)
end

--- room_started. One that others told of before began when this says, when nothing is written yet.
function rooms.started(lk, webhook, now)
  local room = rooms.of(lk, webhook, now)
  local start = room and read.exact(read.object(webhook, "room"), "creationTime")
  local session = start and rooms.session(lk, room)
  if session and not session.told then session.startTime = math.min(session.startTime, start) end
end

--- Ends the session of a room in which nobody is any more.
function rooms.finish(lk, room, now)
  local session = rooms.session(lk, room)
  local head = { sessionId = session.sessionId, startTime = session.startTime }
  if room.sid then recent.add(lk.memory.finished, room.sid, head) end
  sessions.destroy(lk.server, session, rooms.clock(room, now), rooms.reason(room))
  timeouts.forget(lk.memory, room)
  lk.memory.sessions[room.sessionId] = nil
end

--- Why the session of a room ends (or would end now): by the last participant that left.
function rooms.reason(room)
  return room.deleted and "sessionClosedByServer" or "lastParticipantLeft"
end

return rooms
