-- What ends: a stream, a participant, a session with all that is left open in it.
local recent = require "cdr.calls.recent"
local values = require "cdr.calls.values"

local ends = {}

local add = values.add

--- A stream: its seconds count for its session and, until that has left, for its participant.
function ends.stream(model, session, participant, stream, timestamp, duration, reason, synthetic)
  local sums = stream.connection == "INBOUND" and "receivedSeconds" or "sentSeconds"
  add(session[sums], stream.source, duration)
  if participant and not participant.left then add(participant[sums], stream.source, duration) end
  if not model.listeners["stream.closed"] then return end
  stream.sessionId, stream.timestamp, stream.duration = session.sessionId, timestamp, duration
  stream.reason, stream.synthetic = reason, synthetic
  model:tell("stream.closed", stream)
end

--- Streams that are still open when their participant leaves count for it up to then.
local function count_open(participant, timestamp)
  for _, stream in pairs(participant.streams) do
    local sums = stream.connection == "INBOUND" and "receivedSeconds" or "sentSeconds"
    add(participant[sums], stream.source, values.seconds(nil, stream.startTime, timestamp))
  end
end

--- A participant; it stays in the session while streams of it are open.
function ends.participant(model, session, participant, timestamp, duration, reason, synthetic)
  local id = participant.participantId
  if next(participant.streams) then
    count_open(participant, timestamp)
  else
    session.people[id] = nil
  end
  recent.add(session.gone, id, participant.startTime)
  participant.left, participant.timestamp, participant.duration = true, timestamp, duration
  participant.reason, participant.synthetic = reason, synthetic
  participant.country = participant.country or "unknown"
  session.present = session.present - 1
  session.participantSeconds = session.participantSeconds + duration
  add(session.countries, participant.country, 1)
  add(session.reasons, reason or "unknown", 1)
  participant.uniqueSessionId = session.uniqueSessionId
  model:tell("participant.left", participant)
end

local function earlier(key)
  return function(a, b)
    if a.startTime ~= b.startTime then return a.startTime < b.startTime end
    return tostring(a[key]) < tostring(b[key])
  end
end

local stream_earlier = earlier "streamId"
local participant_earlier = earlier "participantId"
local recording_earlier = earlier "id"

local function sorted(map, before)
  local list = {}
  for _, value in pairs(map) do list[#list + 1] = value end
  table.sort(list, before)
  return list
end

--- The open streams in their order: by who sends, by who receives, and what each sends.
local function by_role(people)
  local from, to, sent = {}, {}, {}
  for _, participant in ipairs(people) do
    local id = participant.participantId
    to[id], sent[id], from[id] = {}, {}, from[id] or {}
    for _, stream in ipairs(sorted(participant.streams, stream_earlier)) do
      local list = stream.connection == "INBOUND" and to[id] or sent[id]
      list[#list + 1] = stream
      local sender = stream.receivingFrom
      if list == to[id] and sender then
        from[sender] = from[sender] or {}
        table.insert(from[sender], stream)
      end
    end
  end
  return { from, to, sent }
end

--- As the server does it: what others receive from each, what it receives, what it sends, itself.
local function close_people(model, session, timestamp, reason, synthetic)
  local people = sorted(session.people, participant_earlier)
  local closed = {}
  local function close_stream(stream)
    if closed[stream] then return end
    closed[stream] = true
    local participant = session.people[stream.participantId]
    local when = participant.left and participant.timestamp or timestamp
    ends.stream(model, session, participant, stream, when,
      values.seconds(nil, stream.startTime, when), reason, synthetic)
  end
  local roles = by_role(people)
  for _, participant in ipairs(people) do
    for _, role in ipairs(roles) do
      for _, stream in ipairs(role[participant.participantId]) do close_stream(stream) end
    end
    if not participant.left then
      participant.streams = {}
      ends.participant(model, session, participant, timestamp,
        values.seconds(nil, participant.startTime, timestamp), reason, synthetic)
    end
  end
end

local function close_recordings(model, session, timestamp)
  for _, recording in ipairs(sorted(session.pending, recording_earlier)) do
    recording.timestamp, recording.status = timestamp, "failed"
    recording.synthetic = session.synthetic
    model:tell("recording.failed", recording)
  end
end

--- A session. `reason` is as written; `synthetic` says why it is closed without its own event,
--- when its recordings fail too. What it left open in its own event has synthetic = "session".
function ends.session(model, session, timestamp, duration, reason, synthetic)
  local memory = model.memory
  memory.sessions[session.sessionId] = nil
  memory.open = memory.open - 1
  recent.add(memory.closed, session.sessionId, timestamp)
  if next(session.people) then
    close_people(model, session, timestamp, reason, synthetic or "session")
  end
  session.synthetic = synthetic
  if synthetic and next(session.pending) then close_recordings(model, session, timestamp) end
  session.timestamp, session.duration, session.reason = timestamp, duration, reason
  model:tell("session.closed", session)
end

return ends
