-- What happens to the whole server: it stops, dies, or loses its media server.
local events = require "cdr.events"
local host = require "cdr.host"
local order = require "cdr.standard.order"
local sessions = require "cdr.standard.sessions"
local streams = require "cdr.standard.streams"
local write = require "cdr.standard.write"

local outages = {}

--- A process begins; whatever an earlier one knew is gone, without a word.
function outages.start(server)
  local memory = server.memory
  memory.sessions, memory.processing, memory.due = {}, {}, {}
  memory.media_lost, memory.stopped = nil, nil
end

--- A crash writes nothing, and nothing is remembered.
function outages.crash(server)
  outages.start(server)
  server.memory.stopped = true
end

--- A stop closes all sessions.
function outages.stop(server, now)
  sessions.close_all(server, now, "openviduServerStopped")
  outages.crash(server)
end

-- Until OpenVidu 2.17 the reason has one name for all that a media server does.
local function reason_of(server, word)
  return events.has(server.profile, "2.18") and word or "mediaServerDisconnect"
end

local function close_streams(server, session, now, reason)
  local participants = order.list(session.participants)
  for _, participant in ipairs(participants) do
    streams.close_received(server, session, participant, now, reason)
    streams.close_published(server, session, participant, now, reason)
  end
  for _, participant in ipairs(participants) do participant.stream = nil end
end

--- The media server is back as a new process: recordings and streams end, people stay.
function outages.reconnect(server, now)
  local reason = reason_of(server, "mediaServerReconnect")
  for _, session in ipairs(order.list(server.memory.sessions)) do
    if session.recording then sessions.stop_recording(server, session, now, reason) end
    close_streams(server, session, now, reason)
  end
end

local function ids(server)
  local session_ids, recording_ids = {}, {}
  for _, session in ipairs(order.list(server.memory.sessions)) do
    table.insert(session_ids, session.sessionId)
    if session.recording then table.insert(recording_ids, session.recording.id) end
  end
  return session_ids, recording_ids
end

--- The node of the media server is gone for good, and all sessions with it.
function outages.node_crashed(server, signal)
  local session_ids, recording_ids = ids(server)
  write.node_crashed(server, {
    timestamp = signal.timestamp, id = signal.id or "", environmentId = signal.environmentId,
    ip = signal.ip or "", uri = signal.uri or "", nodeRole = signal.nodeRole or "medianode",
    sessionIds = host.array(session_ids), recordingIds = host.array(recording_ids),
    clusterId = signal.clusterId or "",
    timeOfDisconnection = signal.timeOfDisconnection or signal.timestamp,
  })
  sessions.close_all(server, signal.timestamp, reason_of(server, "nodeCrashed"))
end

return outages
