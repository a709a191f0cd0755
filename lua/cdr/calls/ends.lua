-- The end of a stream or of a participant, told by its event or not.
local recent = require "cdr.recent"
local values = require "cdr.calls.values"

local ends = {}

local add = values.add

local WAYS = { INBOUND = "receivedSeconds", OUTBOUND = "sentSeconds" }

local function tell_stream(model, session, participant, key, stream)
  stream.sessionId, stream.participantId = session.sessionId, participant.participantId
  stream.streamId = key:match "^<?([^?<].*)$" -- a key may have marks before the id, or no id
  model:tell("stream.closed", stream)
end

--- A stream: its seconds count for its session and, until that has left, for its participant.
--- `key` is what it was among the participant's.
function ends.stream(model, session, participant, key, stream, timestamp, duration, reason,
                     synthetic)
  local way, source = WAYS[stream.connection], stream.source
  local sums = session[way]
  sums[source] = (sums[source] or 0) + duration
  sums = participant[way]
  if sums and not participant.left then sums[source] = (sums[source] or 0) + duration end
  if not model.listeners["stream.closed"] then return end
  stream.timestamp, stream.duration, stream.reason = timestamp, duration, values.text(reason)
  stream.synthetic = synthetic
  tell_stream(model, session, participant, key, stream)
end

--- Streams that are still open when their participant leaves count for it up to then.
local function count_open(participant, timestamp)
  for _, stream in pairs(participant.streams) do
    local sums = participant[WAYS[stream.connection]]
    add(sums, stream.source, values.seconds(nil, stream.startTime, timestamp))
  end
end

local function tell_participant(model, session, participant, duration, synthetic)
  participant.uniqueSessionId, participant.duration = session.uniqueSessionId, duration
  participant.sentSeconds = participant.sentSeconds or {}
  participant.receivedSeconds = participant.receivedSeconds or {}
  participant.synthetic = synthetic
  count_open(participant, participant.timestamp)
  model:tell("participant.left", participant)
end

--- A participant; it stays in the session while streams of it are open.
function ends.participant(model, session, participant, timestamp, duration, reason, synthetic)
  local id = participant.participantId
  if not next(participant.streams) then session.people[id] = nil end
  recent.add(session.gone, id, participant.startTime)
  participant.left, participant.timestamp, participant.reason = true, timestamp, reason
  participant.country = participant.country or "unknown"
  session.present = session.present - 1
  session.participantSeconds = session.participantSeconds + duration
  add(session.countries, participant.country, 1)
  add(session.reasons, reason or "unknown", 1)
  if model.listeners["participant.left"] then
    tell_participant(model, session, participant, duration, synthetic)
  end
end

return ends
