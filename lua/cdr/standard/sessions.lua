-- Sessions: who comes and goes, and how a session ends.
local order = require "cdr.standard.order"
local recordings = require "cdr.standard.recordings"
local streams = require "cdr.standard.streams"
local write = require "cdr.standard.write"

local sessions = {}

-- How a session, or the recording of one that ends, tells of the leave that ended it.
local final = {
  disconnect = "lastParticipantLeft", networkDisconnect = "lastParticipantLeft",
  forceDisconnectByUser = "lastParticipantLeft", forceDisconnectByServer = "lastParticipantLeft",
}

-- A session that nobody joins is forgotten after this time, and nothing is written.
local IDLE_MS = 3600 * 1000

--- Until OpenVidu 2.18 the line is written with the first participant, and never without one.
function sessions.create(server, id, now)
  local session = order.number(server.memory, {
    sessionId = id, startTime = now, participants = {}, count = 0, publishers = 0,
    recordings = 0,
  })
  server.memory.sessions[id] = session
  server.memory.due[id] = now + IDLE_MS
  if server.profile ~= "2.16" then sessions.tell(server, session) end
  return session
end

--- Writes sessionCreated, once.
function sessions.tell(server, session)
  if session.told then return end
  session.told = true
  write.session_created(server, session)
end

local function location(server, signal)
  if signal.location then return signal.location end
  if signal.country then
    return signal.city and signal.city .. ", " .. signal.country or signal.country
  end
  local geo = server.options.geo
  return geo and signal.ip and geo:location(signal.ip) or "unknown"
end

function sessions.join(server, session, signal)
  local participant = order.number(server.memory, {
    participantId = signal.participantId, startTime = signal.timestamp,
    location = location(server, signal), ip = signal.ip, platform = signal.platform or "unknown",
    clientData = signal.clientData or "", serverData = signal.serverData or "", from = {},
  })
  session.participants[signal.participantId] = participant
  session.count = session.count + 1
  if not session.joined then
    session.joined = true
    server.memory.due[session.sessionId] = nil
  end
  sessions.tell(server, session)
  write.joined(server, session, participant)
end

-- Takes a participant out: those who watched it lose it first, then it loses what it received,
-- then its own stream ends, then it has left.
local function evict(server, session, participant, now, reason)
  streams.close_watchers(server, session, participant, now, reason)
  streams.close_received(server, session, participant, now, reason)
  streams.close_published(server, session, participant, now, reason)
  write.left(server, session, participant, now, reason)
  session.participants[participant.participantId] = nil
  session.count = session.count - 1
end

--- Takes it out of the memory, without a word.
function sessions.forget(server, session)
  server.memory.sessions[session.sessionId] = nil
  server.memory.due[session.sessionId] = nil
end

--- Ends a session in which nobody is any more, with its recording.
function sessions.destroy(server, session, now, reason, file)
  if session.recording then recordings.stop(server, session, now, reason, file) end
  if session.told then write.session_destroyed(server, session, now, reason) end
  sessions.forget(server, session)
end

--- The last one to leave ends the session, unless it is recorded: then there is a time to wait.
--- With options.keep_empty it goes on until it is closed.
function sessions.leave(server, session, participant, now, reason, file)
  evict(server, session, participant, now, reason)
  if server.options.keep_empty then return end
  recordings.watch(server, session, now)
  if session.count == 0 and not server.memory.due[session.sessionId] then
    sessions.destroy(server, session, now, final[reason] or reason, file)
  end
end

--- Closes a session with all that is in it.
function sessions.close(server, session, now, reason, file)
  for _, participant in ipairs(order.list(session.participants)) do
    evict(server, session, participant, now, reason)
  end
  sessions.destroy(server, session, now, reason, file)
end

--- The same for all sessions of the server.
function sessions.close_all(server, now, reason)
  for _, session in ipairs(order.list(server.memory.sessions)) do
    sessions.close(server, session, now, reason)
  end
end

--- The recording could not start.
function sessions.not_started(server, session, now)
  recordings.not_started(server, session, now)
  if session.joined and session.count == 0 then
    sessions.destroy(server, session, now, "lastParticipantLeft")
  end
end

--- The session for which something comes due first, and when; nil when nothing does until `now`.
function sessions.next_due(memory, now)
  local first, first_at
  for id, at in pairs(memory.due) do
    local session = memory.sessions[id]
    if at <= now and (not first or at < first_at
      or at == first_at and session.order < first.order) then
      first, first_at = session, at
    end
  end
  return first, first_at
end

--- What has come due: the automatic stop of a recording, or the end of an idle session.
function sessions.expire(server, session, now)
  if session.joined then
    sessions.stop_recording(server, session, now, "automaticStop")
  else
    sessions.forget(server, session)
  end
end

--- Ends the recording. One that nobody is left in the session for ends that too.
function sessions.stop_recording(server, session, now, reason, file)
  recordings.stop(server, session, now, reason, file)
  if session.joined and session.count == 0 then
    sessions.destroy(server, session, now, reason)
  end
end

return sessions
