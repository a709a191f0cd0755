-- Tracks are published and unpublished; those of one who has not joined yet are kept until then.
local groups = require "cdr.livekit.groups"
local media = require "cdr.livekit.media"
local order = require "cdr.standard.order"
local people = require "cdr.livekit.people"
local read = require "cdr.livekit.read"
local recent = require "cdr.recent"
local rooms = require "cdr.livekit.rooms"

local tracks = {}

-- So many are kept of one who has not joined.
local MOST_EARLY = 100

local function given_track(webhook)
  local track = read.object(webhook, "track")
  local id = read.text(track, "sid")
  if not id then error(webhook.event .. ": track has no sid", 0) end
  return track, id
end

local function publish(lk, room, person, track, id, now)
  local name, kept = media.group(track), media.track(track, person.is_ingress)
  if not kept then return end
  local group = person.groups[name] or { tracks = {} }
  if group.tracks[id] then return end
  person.groups[name] = group
  group.tracks[id] = order.number(lk.memory, kept)
  groups.changed(lk, room, person, name, rooms.clock(room, now))
end

local function keep(room, participant_id, track, id, now)
  local early = room.early[participant_id] or {}
  room.early[participant_id] = early
  if #early >= MOST_EARLY then return end
  table.insert(early, {
    id = id, now = now, type = track.type, source = track.source, stream = track.stream,
    width = track.width, height = track.height,
  })
end

--- What was kept of a person who has joined now.
function tracks.publish_early(lk, room, person)
  local early = room.early[person.participantId] or {}
  room.early[person.participantId] = nil
  for _, track in ipairs(early) do publish(lk, room, person, track, track.id, track.now) end
end

function tracks.published(lk, webhook, now)
  local _, participant_id = people.given(webhook)
  local track, id = given_track(webhook)
  local room = rooms.of(lk, webhook, now)
  if not room or recent.get(lk.memory.gone, participant_id) then return end
  local person = room.people[participant_id]
  if person then return publish(lk, room, person, track, id, now) end
  keep(room, participant_id, track, id, now)
end

local function forget_early(room, participant_id, id)
  local early = room.early[participant_id] or {}
  for i = #early, 1, -1 do
    if early[i].id == id then table.remove(early, i) end
  end
end

function tracks.unpublished(lk, webhook, now)
  local _, participant_id = people.given(webhook)
  local _, id = given_track(webhook)
  local room = rooms.of(lk, webhook, now)
  if not room then return end
  local person = room.people[participant_id]
  if not person then return forget_early(room, participant_id, id) end
  for _, name in ipairs { "CAMERA", "SCREEN" } do
    local group = person.groups[name]
    if group and group.tracks[id] then
      groups.begin(lk, room, person, name)
      group.tracks[id] = nil
      groups.changed(lk, room, person, name, rooms.clock(room, now))
    end
  end
end

return tracks
