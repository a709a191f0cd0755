-- Groups of tracks are streams: camera and microphone are one, a screen and its sound another.
--
-- A stream speaks of the media it began with. When a kind of media comes or goes later, it ends
-- (unpublish) and another begins. What changes waits two seconds for the tracks that come or go
-- with it, unless the stream has both kinds now, or none.
local inbound = require "cdr.livekit.inbound"
local media = require "cdr.livekit.media"
local order = require "cdr.standard.order"
local rooms = require "cdr.livekit.rooms"
local screens = require "cdr.livekit.screens"
local streams = require "cdr.standard.streams"

local groups = {}

local WAIT_MS = 2000

local function key(person, name) return person.participantId .. " " .. name end

local function publish(lk, room, participant, all, now)
  all.timestamp = math.max(now, participant.startTime)
  streams.publish(lk.server, rooms.session(lk, room), participant, all)
  inbound.published(lk, room, participant)
end

local function is_same(stream, all)
  return stream.audioEnabled == all.audioEnabled and stream.videoEnabled == all.videoEnabled
end

-- Makes the stream of a group what its tracks are.
local function settle(lk, room, person, name, now)
  local all = media.of(person.groups[name].tracks)
  local participant = screens.connection(lk, room, person, name, now)
  if participant.stream and not is_same(participant.stream, all) then
    streams.unpublish(lk.server, rooms.session(lk, room), participant, now, "unpublish")
  end
  if not all.audioEnabled and not all.videoEnabled then
    person.groups[name] = nil
    if name == "SCREEN" then screens.close(lk, room, person, now, "disconnect") end
  elseif not participant.stream then
    publish(lk, room, participant, all, now)
  end
end

-- What waited happens when its first track came or went.
local function settle_held(lk, held)
  local room = lk.memory.sessions[held.sessionId]
  local person = room.people[held.participantId]
  lk.memory.held[key(person, held.name)] = nil
  settle(lk, room, person, held.name, held.at)
end

--- Publishes what has waited long enough; without `now`, all.
function groups.advance(lk, now)
  for _, held in ipairs(order.list(lk.memory.held)) do
    if not now or now - held.at >= WAIT_MS then settle_held(lk, held) end
  end
end

--- Publishes what waits of a person, before something ends.
function groups.flush(lk, person)
  for _, name in ipairs { "CAMERA", "SCREEN" } do
    local held = lk.memory.held[key(person, name)]
    if held then settle_held(lk, held) end
  end
end

local function hold(lk, room, person, name, now)
  local held = lk.memory.held[key(person, name)] or order.number(lk.memory, {
    sessionId = room.sessionId, participantId = person.participantId, name = name, at = now,
  })
  lk.memory.held[key(person, name)] = held
  return held
end

--- The tracks of a group are others now.
function groups.changed(lk, room, person, name, now)
  local all = media.of(person.groups[name].tracks)
  if not all.audioEnabled and not all.videoEnabled then
    lk.memory.held[key(person, name)] = nil
    return settle(lk, room, person, name, now)
  end
  local held = hold(lk, room, person, name, now)
  if all.audioEnabled and all.videoEnabled then settle_held(lk, held) end
end

--- Before a track goes: a stream that waits for its beginning begins.
function groups.begin(lk, room, person, name)
  local held = lk.memory.held[key(person, name)]
  if held and not screens.connection(lk, room, person, name, held.at).stream then
    settle_held(lk, held)
  end
end

return groups
