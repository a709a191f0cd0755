-- Participants come and go; who shares a screen has a second connection for it, as with OpenVidu.
local groups = require "cdr.livekit.groups"
local host = require "cdr.host"
local inbound = require "cdr.livekit.inbound"
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"
local recent = require "cdr.recent"
local rooms = require "cdr.livekit.rooms"
local screens = require "cdr.livekit.screens"
local sessions = require "cdr.standard.sessions"

local people = {}

-- disconnectReason to reason; all others are `disconnect`.
local reasons = {
  PARTICIPANT_REMOVED = "forceDisconnectByServer",
  ROOM_DELETED = "sessionClosedByServer", ROOM_CLOSED = "sessionClosedByServer",
  SERVER_SHUTDOWN = "openviduServerStopped", MIGRATION = "mediaServerReconnect",
  SIGNAL_CLOSE = "networkDisconnect", CONNECTION_TIMEOUT = "networkDisconnect",
  MEDIA_FAILURE = "networkDisconnect", STATE_MISMATCH = "networkDisconnect",
  JOIN_FAILURE = "networkDisconnect",
}

local function server_data(given)
  local attributes = read.object(given, "attributes")
  return next(attributes) ~= nil and host.json_encode(attributes) or nil
end

local function signal_of(given, id, start)
  local attributes, is_ingress = read.object(given, "attributes"), given.kind == "INGRESS"
  return {
    participantId = id, timestamp = start, ip = read.text(attributes, "ip"),
    platform = is_ingress and "IPCAM" or read.text(attributes, "platform"),
    clientData = read.text(given, "metadata") or read.text(given, "name"),
    serverData = server_data(given),
  }
end

--- The participant of a webhook and its id. Raises when it has none.
function people.given(webhook)
  local given = read.object(webhook, "participant")
  local id = read.text(given, "sid") or read.text(given, "identity")
  if not id then error(webhook.event .. ": participant has neither sid nor identity", 0) end
  return given, id
end

-- The recorder of an egress is nobody, as if it had gone.
local function join(lk, room, given, id, now)
  if given.kind == "EGRESS" then recent.add(lk.memory.gone, id) end
  if room.people[id] or recent.get(lk.memory.gone, id) then return end
  local session = rooms.session(lk, room)
  local start = math.max(read.exact(given, "joinedAt") or now, session.startTime)
  rooms.clock(room, start)
  local person = order.number(lk.memory, {
    participantId = id, is_ingress = given.kind == "INGRESS" or nil, groups = {},
  })
  room.people[id] = person
  sessions.join(lk.server, session, signal_of(given, id, start))
  inbound.joined(lk, room, session.participants[id])
  lk.publish_early(room, person)
end

function people.joined(lk, webhook, now)
  local given, id = people.given(webhook)
  local room = rooms.of(lk, webhook, read.exact(given, "joinedAt") or now)
  if room then join(lk, room, given, id, now) end
end

local function leave(lk, room, person, now, reason)
  groups.flush(lk, person)
  now = rooms.clock(room, now)
  screens.close(lk, room, person, now, reason)
  local session = rooms.session(lk, room)
  sessions.leave(lk.server, session, session.participants[person.participantId], now, reason)
  room.people[person.participantId] = nil
end

local function left(lk, room, given, id, now)
  local why = read.text(given, "disconnectReason")
  if room.people[id] then
    room.deleted = why == "ROOM_DELETED" or nil
    leave(lk, room, room.people[id], now, reasons[why] or "disconnect")
  end
  room.early[id] = nil
  recent.add(lk.memory.gone, id)
end

--- Of one whose joined never came, both are told.
function people.left(lk, webhook, now)
  local given, id = people.given(webhook)
  local room = rooms.of(lk, webhook, read.exact(given, "joinedAt") or now)
  if not room then return end
  join(lk, room, given, id, now)
  left(lk, room, given, id, now)
end

--- One that never came to be active gives no event.
function people.aborted(lk, webhook, now)
  local given, id = people.given(webhook)
  local room = rooms.of(lk, webhook, now)
  if room then left(lk, room, given, id, now) end
end

--- Those whose left was lost go with the room.
function people.clear(lk, room, now)
  local reason = room.deleted and "sessionClosedByServer" or "disconnect"
  for _, person in ipairs(order.list(room.people)) do
    leave(lk, room, person, now, reason)
    recent.add(lk.memory.gone, person.participantId)
  end
end

return people
