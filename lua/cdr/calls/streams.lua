-- Streams that participants send and receive, in whatever order that is told.
local ends = require "cdr.calls.ends"
local people = require "cdr.calls.people"
local recent = require "cdr.calls.recent"
local values = require "cdr.calls.values"

local streams = {}

local EARLY_MOST = 100 -- ends of a session's streams whose begin may still come

-- What a stream is among those of its participant. Before 2.9 there is no streamId: one sends one
-- stream, and receives one of each other.
local function key_of(event, id)
  local inbound = event.connection == "INBOUND"
  local from = inbound and values.text(event.receivingFrom)
  local key = values.text(event.streamId) or from or id
  return inbound and (from == id or not from) and "<" .. key or key
end

local function source_of(event)
  local source = event.videoSource
  return event.videoEnabled ~= false and type(source) == "string" and source or "AUDIO"
end

local function is_odd(model, event, id)
  local connection = event.connection
  if id and (connection == "INBOUND" or connection == "OUTBOUND") then return false end
  model:count "odd"
  return true
end

local function early_key(event, id, key)
  return ("%s %s %s"):format(id, event.connection, key)
end

local function new(event, id, start)
  return {
    participantId = id, connection = event.connection, streamId = values.text(event.streamId),
    receivingFrom = values.text(event.receivingFrom), source = source_of(event), startTime = start,
  }
end

-- Its end was told before: nil; else whether the participant is known to have left.
local function has_ended(session, event, id, key, timestamp)
  if recent.get(session.gone, id) then return true end
  return session.early and recent.get(session.early, early_key(event, id, key)) == timestamp
end

-- A begin of what is open: told again, or its end was never told.
local function begin_again(model, session, participant, stream, timestamp)
  if stream.startTime == timestamp then
    model:count "repeated"
    return false
  end
  ends.stream(model, session, participant, stream, timestamp,
    values.seconds(nil, stream.startTime, timestamp), nil, "reused")
  return true
end

--- webrtcConnectionCreated
function streams.created(model, session, event, timestamp)
  local id = values.participant(event)
  if is_odd(model, event, id) then return end
  local key = key_of(event, id)
  local participant = session.people[id]
  if (not participant or session.early) and has_ended(session, event, id, key, timestamp) then
    return model:count "late"
  end
  participant = participant or people.add(session, id, timestamp, false)
  local open = participant.streams[key]
  if open and not begin_again(model, session, participant, open, timestamp) then return end
  participant.streams[key] = new(event, id, timestamp)
end

-- An end without a begin: that is late, or stands before the beginning of the file.
local function end_early(session, event, id, key, start)
  session.early = session.early or recent.new(EARLY_MOST)
  recent.add(session.early, early_key(event, id, key), start)
  if not session.people[id] and not recent.get(session.gone, id) then
    people.add(session, id, start, false)
  end
  return new(event, id, start)
end

--- webrtcConnectionDestroyed
function streams.destroyed(model, session, event, timestamp)
  local id = values.participant(event)
  if is_odd(model, event, id) then return end
  local key = key_of(event, id)
  local participant = session.people[id]
  local stream = participant and participant.streams[key]
  if stream then
    participant.streams[key] = nil
  else
    stream = end_early(session, event, id, key, values.time(event.startTime) or timestamp)
    participant = session.people[id]
  end
  ends.stream(model, session, participant, stream, timestamp,
    values.seconds(event.duration, stream.startTime, timestamp), values.text(event.reason))
  if participant and participant.left and not next(participant.streams) then
    session.people[id] = nil
  end
end

return streams
