-- Streams that participants send and receive, in whatever order that is told.
--
-- Most events are these: what is found by an id needs no look at the id's type, and only what is
-- not found takes the longer way.
local ends = require "cdr.calls.ends"
local people = require "cdr.calls.people"
local recent = require "cdr.recent"
local values = require "cdr.calls.values"

local streams = {}

local EARLY_MOST = 100 -- ends of a session's streams whose begin may still come

-- By what a source is called; what others invent is asked for its type.
local SOURCES = { CAMERA = "CAMERA", SCREEN = "SCREEN", CUSTOM = "CUSTOM", IPCAM = "IPCAM" }

local type = type
local seconds = values.seconds

-- What a stream is among those of its participant: its id, with a "<" where it is received from
-- oneself. Before 2.9 there are no ids: one sends one stream and receives one of each other.
local function key_of(event, id)
  local from = event.connection == "INBOUND" and values.text(event.receivingFrom)
  local key = values.text(event.streamId) or "?" .. (from or id)
  return from == id and "<" .. key or key
end

local function has_way(event)
  local connection = event.connection
  return connection == "OUTBOUND" or connection == "INBOUND"
end

local function early_key(event, id, key)
  return ("%s %s %s"):format(id, event.connection, key)
end

local function new(event, start)
  local from, source = event.receivingFrom, event.videoSource
  source = SOURCES[source] or values.text(source)
  return {
    connection = event.connection, receivingFrom = type(from) == "string" and from or nil,
    source = event.videoEnabled ~= false and source or "AUDIO", startTime = start,
  }
end

-- Its end, or its participant's, was told before.
local function has_ended(session, event, id, key, timestamp)
  if recent.get(session.gone, id) then return true end
  return session.early and recent.get(session.early, early_key(event, id, key)) == timestamp
end

-- A begin of what is open: told again, or its end was never told.
local function begin_again(model, session, participant, key, stream, timestamp)
  if stream.startTime == timestamp then
    model:count "repeated"
    return false
  end
  ends.stream(model, session, participant, key, stream, timestamp,
    seconds(nil, stream.startTime, timestamp), nil, "reused")
  return true
end

--- webrtcConnectionCreated
function streams.created(model, session, event, timestamp)
  local id, key = event.participantId, event.streamId
  local participant = session.people[id]
  if not participant then
    id = values.participant(event)
    participant = session.people[id]
  end
  if not id or not has_way(event) then return model:count "odd" end
  if type(key) ~= "string" or event.receivingFrom == id then key = key_of(event, id) end
  if (not participant or session.early) and has_ended(session, event, id, key, timestamp) then
    return model:count "late"
  end
  participant = participant or people.add(model, session, id, timestamp, false)
  local open = participant.streams[key]
  if open and not begin_again(model, session, participant, key, open, timestamp) then return end
  local stream = new(event, timestamp)
  if model.keep then stream.event = values.copy(event) end
  participant.streams[key] = stream
end

-- An end without a begin: that is late, or stands before the beginning of the file.
local function end_early(model, session, event, id, key, start)
  session.early = session.early or recent.new(EARLY_MOST)
  recent.add(session.early, early_key(event, id, key), start)
  if not session.people[id] and not recent.get(session.gone, id) then
    people.add(model, session, id, start, false)
  end
  return new(event, start)
end

local function find(model, session, event, timestamp)
  local id = values.participant(event)
  if not id or not has_way(event) then return nil end
  local key = key_of(event, id)
  local participant = session.people[id]
  local stream = participant and participant.streams[key]
  if not stream then
    local start = values.time(event.startTime) or timestamp
    stream = end_early(model, session, event, id, key, start)
  end
  return session.people[id] or { participantId = id, streams = {}, left = true }, key, stream
end

--- webrtcConnectionDestroyed
function streams.destroyed(model, session, event, timestamp)
  local key = event.streamId
  local participant = session.people[event.participantId]
  local stream = participant and participant.streams[key]
  if not stream or stream.connection ~= event.connection then
    participant, key, stream = find(model, session, event, timestamp)
    if not participant then return model:count "odd" end
  end
  participant.streams[key] = nil
  ends.stream(model, session, participant, key, stream, timestamp,
    seconds(event.duration, stream.startTime, timestamp), event.reason)
  if participant.left and not next(participant.streams) then
    session.people[participant.participantId] = nil
  end
end

return streams
