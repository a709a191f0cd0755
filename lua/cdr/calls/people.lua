-- Participants: who joins and leaves, in whatever order that is told.
local ends = require "cdr.calls.ends"
local recent = require "cdr.recent"
local values = require "cdr.calls.values"

local people = {}

local text = values.text

local type = type

-- The country is counted in any case; the rest is for those who ask for participants.
local function describe(model, participant, event)
  local location = event.location
  location = type(location) == "string" and location or nil
  participant.country = values.country(location)
  if not model.describes then return end
  participant.location, participant.ip = location, text(event.ip)
  participant.platform = text(event.platform)
  participant.clientData, participant.serverData = text(event.clientData), text(event.serverData)
end

-- Room for all that becomes known, so that the table grows only once.
local function new_described(session, id, start, joined)
  return {
    sessionId = session.sessionId, uniqueSessionId = nil, participantId = id, startTime = start,
    joined = joined, streams = {}, sentSeconds = {}, receivedSeconds = {}, left = nil,
    timestamp = nil, duration = nil, reason = nil, location = nil, country = nil, platform = nil,
    clientData = nil, serverData = nil,
  }
end

--- Somebody who is there: by a Joined event, or since an event tells of him (`joined` false).
function people.add(model, session, id, start, joined)
  session.people[id] = model.describes and new_described(session, id, start, joined) or {
    participantId = id, startTime = start, joined = joined, streams = {}, country = nil,
    left = nil, timestamp = nil, reason = nil,
  }
  session.participants = session.participants + 1
  session.present = session.present + 1
  if session.present > session.peak then session.peak = session.present end
  return session.people[id]
end

-- A Joined event of someone who is there: told again, told late, or a Left that was never told.
local function join_again(model, session, participant, timestamp)
  if not participant.joined then
    participant.joined, participant.startTime = true, timestamp
    return participant
  end
  if participant.startTime == timestamp then
    model:count "repeated"
    return nil
  end
  if not participant.left then
    ends.participant(model, session, participant, timestamp,
      values.seconds(nil, participant.startTime, timestamp), nil, "reused")
  end
  return people.add(model, session, participant.participantId, timestamp, true)
end

--- participantJoined
function people.joined(model, session, event, timestamp)
  local id = values.participant(event)
  if not id then return model:count "odd" end
  local participant = session.people[id]
  if participant then
    participant = join_again(model, session, participant, timestamp)
    if not participant then return end
  elseif recent.get(session.gone, id) == timestamp then
    return model:count "late"
  else
    participant = people.add(model, session, id, timestamp, true)
  end
  describe(model, participant, event)
  if model.keep then participant.event = values.copy(event) end
  participant.uniqueSessionId = session.uniqueSessionId
  model:tell("participant.joined", participant)
end

-- A Left without its Joined: that is late, or stands before the beginning of the file, when all
-- who are so were there at once.
local function add_missed(model, session, id, start)
  local participant = people.add(model, session, id, start, false)
  if start < session.timestamp then session.missed = session.missed + 1 end
  session.peak = math.max(session.peak, session.missed)
  return participant
end

--- participantLeft
function people.left(model, session, event, timestamp)
  local id = values.participant(event)
  if not id then return model:count "odd" end
  local start = values.time(event.startTime)
  local participant = session.people[id]
  if not participant then
    if recent.get(session.gone, id) then return model:count "repeated" end
    participant = add_missed(model, session, id, start or timestamp)
  elseif participant.left then
    return model:count "repeated"
  end
  if not participant.joined then
    describe(model, participant, event)
    participant.startTime = start or participant.startTime
  end
  ends.participant(model, session, participant, timestamp,
    values.seconds(event.duration, participant.startTime, timestamp), text(event.reason))
end

return people
