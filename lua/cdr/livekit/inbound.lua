-- Who receives whom, inferred: LiveKit does not tell, so everybody receives every stream.
local order = require "cdr.standard.order"
local rooms = require "cdr.livekit.rooms"
local screens = require "cdr.livekit.screens"
local streams = require "cdr.standard.streams"

local inbound = {}

-- The connection of a screen and an ingress receive nothing, and nobody receives its own screen.
local function receives(room, watcher, publisher)
  local person = room.people[watcher.participantId]
  return publisher.stream and watcher ~= publisher and person and not person.is_ingress
    and publisher.participantId ~= screens.id(watcher.participantId)
end

local function receive(lk, room, session, watcher, publisher)
  if not lk.options.inbound or not receives(room, watcher, publisher) then return end
  local start = math.max(publisher.stream.startTime, watcher.startTime)
  streams.subscribe(lk.server, session, watcher, publisher, start)
end

--- A participant (the generator's) that came in receives all that is published.
function inbound.joined(lk, room, participant)
  local session = rooms.session(lk, room)
  for _, publisher in ipairs(order.list(session.participants)) do
    receive(lk, room, session, participant, publisher)
  end
end

--- All receive what a participant began to publish.
function inbound.published(lk, room, participant)
  local session = rooms.session(lk, room)
  for _, watcher in ipairs(order.list(session.participants)) do
    receive(lk, room, session, watcher, participant)
  end
end

return inbound
