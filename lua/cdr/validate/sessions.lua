-- The life of a session: created, then all else, then destroyed, when everybody has left.
--
-- A session whose creation was not read has no `start`: the file began in the middle of it.
local recent = require "cdr.recent"

local sessions = {}

--- How bad it is that the beginning of something was not seen: impossible where what holds it
--- was read from its own beginning (`seen`), or where it began after the log did (`server.floor`).
function sessions.unseen(server, seen, start)
  if seen then return "error" end
  if server.floor and math.type(start) == "integer" and start > server.floor then return "error" end
  return "warning"
end

local function open(server, event, place, start)
  local session = {
    id = event.sessionId, place = place, start = start, first = event.timestamp,
    unique = event.uniqueSessionId, people = {}, count = 0,
  }
  server.sessions[event.sessionId] = session
  return session
end

--- The open session of the event; made, when the log began in the middle of it. After its end
--- there is none, which is reported.
function sessions.of(server, event, place, report)
  local session = server.sessions[event.sessionId]
  if not session then
    local line = recent.get(server.ended, event.sessionId)
    if not line then return open(server, event, place) end
    report("error", "%s of session %s, which was destroyed (line %d)", event.event,
      event.sessionId, line)
    return nil
  end
  if event.uniqueSessionId ~= session.unique and session.start then
    report("error", "%s of session %s: uniqueSessionId is not that of its sessionCreated",
      event.event, event.sessionId)
  end
  return session
end

-- Before OpenVidu 2.19 the line may come after those of the first participant, with its true time.
local function is_late(old, event) return not old.start and event.timestamp <= old.first end

-- A server forgets without a word what nobody joins for an hour. A file that has no OpenVidu name
-- may hold the lines of more than one server.
local function level_of_second(server, old, event)
  if old.start == event.timestamp then return "error" end
  return old.start and old.count > 0 and server.folder and "error" or "warning"
end

local function created_again(server, old, event, place, report)
  if is_late(old, event) then
    old.start, old.unique = event.timestamp, event.uniqueSessionId
    return
  end
  report(level_of_second(server, old, event), "sessionCreated of %s, which is open (line %d)",
    event.sessionId, old.place.line)
  if old.start ~= event.timestamp then open(server, event, place, event.timestamp) end
end

function sessions.created(server, event, place, report)
  local unique = event.uniqueSessionId
  if type(unique) == "string" and unique ~= event.sessionId .. "_" .. event.timestamp then
    report("error", "sessionCreated: uniqueSessionId %s is not sessionId_timestamp", unique)
  end
  local old = server.sessions[event.sessionId]
  if old then return created_again(server, old, event, place, report) end
  if recent.get(server.ended, event.sessionId) then
    recent.add(server.ended, event.sessionId, false)
  end
  open(server, event, place, event.timestamp)
end

function sessions.destroyed(server, event, place, report)
  local id, start = event.sessionId, event.startTime
  local session = sessions.of(server, event, place, report)
  if not session then return end
  if not session.start then
    report(sessions.unseen(server, false, start), "sessionDestroyed of %s, not seen to begin", id)
  elseif math.type(start) == "integer" and start ~= session.start then
    report("error", "sessionDestroyed of %s: startTime is not the timestamp of its sessionCreated "
      .. "(line %d)", id, session.place.line)
  end
  if session.count > 0 then
    report("error", "sessionDestroyed of %s with %d still in it", id, session.count)
  end
  if session.recording then
    report("error", "sessionDestroyed of %s: its recording %s has not stopped", id,
      session.recording)
  end
  server.sessions[id] = nil
  recent.add(server.ended, id, place.line)
end

return sessions
