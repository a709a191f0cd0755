-- Which session an event belongs to, and the events of the session itself.
local closing = require "cdr.calls.closing"
local recent = require "cdr.recent"
local timeouts = require "cdr.calls.timeouts"
local values = require "cdr.calls.values"

local sessions = {}

local GONE_MOST = 100 -- participants of a session who left last: late events of theirs are known

-- What may be the first that is seen of a session.
local opens = {
  sessionDestroyed = true, participantJoined = true, participantLeft = true,
  webrtcConnectionCreated = true, webrtcConnectionDestroyed = true,
}

--- Opens a session. `created`: by its own event, so that its start is known.
function sessions.open(model, event, start, created)
  local memory = model.memory
  local session = {
    sessionId = event.sessionId, uniqueSessionId = values.text(event.uniqueSessionId),
    startTime = start, timestamp = start, duration = nil, reason = nil, synthetic = nil,
    created = created, folder = memory.folder, opened = memory.now, due = nil,
    participants = 0, present = 0, peak = 0, missed = 0, participantSeconds = 0,
    recordings = 0, recordingSeconds = 0, recordingBytes = 0,
    sentSeconds = {}, receivedSeconds = {}, countries = {}, reasons = {},
    people = {}, pending = {}, gone = recent.new(GONE_MOST), early = nil,
  }
  memory.sessions[session.sessionId] = session
  memory.open = memory.open + 1
  timeouts.watch(memory, session)
  model:tell("session.opened", session)
  return session
end

--- Closes without an event of its own: at the last that is known of it.
function sessions.lose(model, session, timestamp, synthetic)
  timestamp = math.max(timestamp, session.startTime)
  local duration = values.seconds(nil, session.startTime, timestamp)
  closing.session(model, session, timestamp, duration, nil, synthetic)
end

--- The same for a list of them, in the order in which they began; without a timestamp each ends
--- with the last that was heard of it.
function sessions.lose_each(model, list, synthetic, timestamp)
  table.sort(list, function(a, b)
    if a.startTime ~= b.startTime then return a.startTime < b.startTime end
    return a.sessionId < b.sessionId
  end)
  for _, session in ipairs(list) do
    sessions.lose(model, session, timestamp or session.timestamp, synthetic)
  end
end

--- The same for all that is open, or what is of one folder.
function sessions.lose_all(model, synthetic, timestamp, folder)
  local open = {}
  for _, session in pairs(model.memory.sessions) do
    if not folder or session.folder == folder then open[#open + 1] = session end
  end
  sessions.lose_each(model, open, synthetic, timestamp)
  closing.recordings(model, timestamp, synthetic, folder)
end

-- "ID_START" since 2.17.
local function start_in(unique)
  return unique and values.time(math.tointeger(tonumber(unique:match "_(%d+)$")))
end

local function is_late(memory, event, began)
  local closed = recent.get(memory.closed, event.sessionId)
  return closed and began <= closed
end

-- The file begins in the middle of the session, or the event comes behind its end.
local function open_in_the_middle(model, event, timestamp)
  local name = event.event
  if not opens[name] and not (name == "recordingStatusChanged" and event.status == "started") then
    return nil
  end
  local began = values.time(event.startTime) or timestamp
  if is_late(model.memory, event, began) then return nil end
  local start = start_in(values.text(event.uniqueSessionId))
  local session = sessions.open(model, event, start or began, start ~= nil)
  session.timestamp = timestamp
  return session
end

-- The event does not fit the session of its id at once: is it of another one?
local function compare(model, session, event, timestamp)
  local unique = values.text(event.uniqueSessionId)
  if unique and session.uniqueSessionId and unique ~= session.uniqueSessionId then
    if (start_in(unique) or timestamp) < session.startTime then return nil end
    sessions.lose(model, session, session.timestamp, "reused")
    return open_in_the_middle(model, event, timestamp)
  end
  session.uniqueSessionId = session.uniqueSessionId or unique
  local began = values.time(event.startTime) or timestamp
  if session.created then return timestamp >= session.startTime and session or nil end
  session.startTime = start_in(unique) or math.min(session.startTime, began)
  session.created = unique ~= nil and start_in(unique) ~= nil
  return session
end

--- The open session of an event; nil where it is of one that has ended.
function sessions.find(model, event, timestamp)
  local session = model.memory.sessions[event.sessionId]
  if not session then return open_in_the_middle(model, event, timestamp) end
  return compare(model, session, event, timestamp)
end

-- Before 2.19 the event is written at the first join, with the time of the creation.
local function is_same(session, event, timestamp)
  local unique = values.text(event.uniqueSessionId)
  if unique and session.uniqueSessionId then return unique == session.uniqueSessionId end
  if session.created then return timestamp == session.startTime end
  return timestamp <= session.startTime
end

--- sessionCreated
function sessions.created(model, event, timestamp)
  local memory = model.memory
  local session = memory.sessions[event.sessionId]
  if session and is_same(session, event, timestamp) then
    session.startTime, session.created = timestamp, true
    session.uniqueSessionId = session.uniqueSessionId or values.text(event.uniqueSessionId)
    return
  end
  if is_late(memory, event, timestamp + 1) or (session and timestamp < session.startTime) then
    model:count "late"
    return
  end
  if session then sessions.lose(model, session, session.timestamp, "reused") end
  sessions.open(model, event, timestamp, true)
end

--- sessionDestroyed
function sessions.destroyed(model, session, event, timestamp)
  local start = values.time(event.startTime) or session.startTime
  session.startTime = start
  closing.session(model, session, timestamp, values.seconds(event.duration, start, timestamp),
    values.text(event.reason))
end

return sessions
