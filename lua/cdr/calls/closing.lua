-- Closes what a session leaves open, in the order in which the server does it.
local ends = require "cdr.calls.ends"
local recent = require "cdr.recent"
local timeouts = require "cdr.calls.timeouts"
local values = require "cdr.calls.values"
local waiting = require "cdr.calls.waiting"

local closing = {}

local function earlier(key)
  return function(a, b)
    if a.startTime ~= b.startTime then return a.startTime < b.startTime end
    return a[key] < b[key]
  end
end

local by_key, by_participant, by_id = earlier "key", earlier "participantId", earlier "id"

local function sorted(map, before)
  local list = {}
  for _, value in pairs(map) do list[#list + 1] = value end
  table.sort(list, before)
  return list
end

-- The participant's open streams in their order.
local function streams_of(participant)
  local list = {}
  for key, stream in pairs(participant.streams) do
    list[#list + 1] = {
      key = key, startTime = stream.startTime, stream = stream, participant = participant,
    }
  end
  table.sort(list, by_key)
  return list
end

local function put(lists, id, entry)
  if not id then return end
  lists[id] = lists[id] or {}
  table.insert(lists[id], entry)
end

-- The open streams by their senders, by their receivers, and what each sends.
local function roles_of(people)
  local from, to, sent = {}, {}, {}
  for _, participant in ipairs(people) do
    local id = participant.participantId
    for _, entry in ipairs(streams_of(participant)) do
      local inbound = entry.stream.connection == "INBOUND"
      put(inbound and to or sent, id, entry)
      if inbound then put(from, entry.stream.receivingFrom, entry) end
    end
  end
  return { from, to, sent }
end

local function close_streams(model, session, entries, timestamp, reason, synthetic)
  for _, entry in ipairs(entries) do
    local participant, stream = entry.participant, entry.stream
    if participant.streams[entry.key] then
      local when = participant.left and participant.timestamp or timestamp
      participant.streams[entry.key] = nil
      ends.stream(model, session, participant, entry.key, stream, when,
        values.seconds(nil, stream.startTime, when), reason, synthetic)
    end
  end
end

--- As the server does it: what others receive from each, what it receives, what it sends, itself.
local function close_people(model, session, timestamp, reason, synthetic)
  local people = sorted(session.people, by_participant)
  local roles = roles_of(people)
  for _, participant in ipairs(people) do
    for _, role in ipairs(roles) do
      local entries = role[participant.participantId] or {}
      close_streams(model, session, entries, timestamp, reason, synthetic)
    end
    if not participant.left then
      ends.participant(model, session, participant, timestamp,
        values.seconds(nil, participant.startTime, timestamp), reason, synthetic)
    end
  end
end

local function fail(model, recordings, timestamp, synthetic)
  for _, recording in ipairs(recordings) do
    recording.timestamp = math.max(timestamp, recording.startTime)
    recording.status, recording.duration, recording.size = "failed", 0.0, 0
    recording.synthetic = synthetic
    model:tell("recording.failed", recording)
  end
end

--- Recordings that still wait (of one folder) although their sessions have ended.
function closing.recordings(model, timestamp, synthetic, folder)
  fail(model, waiting.take(model.memory, folder), timestamp, synthetic)
end

--- A session. `reason` is as written; `synthetic` says why it is closed without its own event,
--- when its recordings fail too; else they wait on, and the people who are left in it are closed
--- with synthetic = "session".
function closing.session(model, session, timestamp, duration, reason, synthetic)
  local memory = model.memory
  memory.sessions[session.sessionId] = nil
  memory.open = memory.open - 1
  timeouts.forget(memory, session)
  recent.add(memory.closed, session.sessionId, timestamp)
  if next(session.people) then
    close_people(model, session, timestamp, reason, synthetic or "session")
  end
  session.synthetic = synthetic
  if synthetic then
    fail(model, sorted(session.pending, by_id), timestamp, synthetic)
  else
    waiting.add(memory, session)
  end
  session.timestamp, session.duration, session.reason = timestamp, duration, reason
  model:tell("session.closed", session)
end

return closing
