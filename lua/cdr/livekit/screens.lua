-- A screen is shared under a connection of its own, since a participant publishes one stream.
local rooms = require "cdr.livekit.rooms"
local sessions = require "cdr.standard.sessions"

local screens = {}

--- The id of the connection that shares the screen of a participant.
function screens.id(participant_id) return participant_id .. "_SCREEN" end

local function join(lk, session, owner, now)
  local id = screens.id(owner.participantId)
  sessions.join(lk.server, session, {
    participantId = id, timestamp = now, location = owner.location, ip = owner.ip,
    platform = owner.platform, clientData = owner.clientData, serverData = owner.serverData,
  })
  return session.participants[id]
end

--- The generator's participant that publishes the stream `name` (CAMERA or SCREEN) of a person;
--- that of a screen comes in now when it is not there.
function screens.connection(lk, room, person, name, now)
  local session = rooms.session(lk, room)
  local owner = session.participants[person.participantId]
  if name == "CAMERA" then return owner end
  return session.participants[screens.id(person.participantId)]
    or join(lk, session, owner, math.max(now, owner.startTime))
end

--- The connection of a person's screen leaves, when it is there.
function screens.close(lk, room, person, now, reason)
  local session = rooms.session(lk, room)
  local screen = session.participants[screens.id(person.participantId)]
  if screen then sessions.leave(lk.server, session, screen, now, reason) end
end

return screens
