-- The generator: what happens in a server becomes OpenVidu's standard events.
--
-- A server has one method for each thing that can happen: the signals of scripts/README.md, in
-- snake_case (cdr/standard/signals.lua has them as data).
--
--   local server = standard.new({}, { emit = function(event) ... end })
--   server:create_session { sessionId = "daily", timestamp = 1601394690713 }
--   server:join { sessionId = "daily", timestamp = 1601394715606, participantId = "mike" }
--
-- A method gives true, or nil and a sentence where that is impossible; then nothing has changed.
local host = require "cdr.host"
local needs = require "cdr.standard.needs"
local outages = require "cdr.standard.outages"
local read = require "cdr.standard.read"
local recordings = require "cdr.standard.recordings"
local sessions = require "cdr.standard.sessions"
local streams = require "cdr.standard.streams"
local write = require "cdr.standard.write"

-- What each signal does; `at` holds what it is about.
local happens = {}

function happens.serverStarted(server) outages.start(server) end
function happens.serverCrashed(server) outages.crash(server) end
function happens.serverStopped(server, signal) outages.stop(server, signal.timestamp) end
function happens.mediaServerLost(server) server.memory.media_lost = true end
function happens.nodeCrashed(server, signal) outages.node_crashed(server, signal) end

-- The same process again (restarted = false) is as if nothing had been.
function happens.mediaServerBack(server, signal)
  server.memory.media_lost = nil
  if signal.restarted ~= false then outages.reconnect(server, signal.timestamp) end
end

function happens.createSession(server, signal)
  sessions.create(server, signal.sessionId, signal.timestamp)
end

function happens.closeSession(server, signal, at)
  sessions.close(server, at.session, signal.timestamp, "sessionClosedByServer", signal)
end

function happens.join(server, signal, at) sessions.join(server, at.session, signal) end

function happens.leave(server, signal, at)
  sessions.leave(server, at.session, at.participant, signal.timestamp, signal.reason, signal)
end

function happens.publish(server, signal, at)
  streams.publish(server, at.session, at.participant, signal)
  recordings.watch(server, at.session, signal.timestamp)
end

function happens.unpublish(server, signal, at)
  streams.unpublish(server, at.session, at.participant, signal.timestamp, signal.reason)
  recordings.watch(server, at.session, signal.timestamp)
end

function happens.subscribe(server, signal, at)
  streams.subscribe(server, at.session, at.participant, at.publisher, signal.timestamp)
end

function happens.unsubscribe(server, signal, at)
  streams.unsubscribe(server, at.session, at.participant, at.publisher, signal.timestamp,
    "unsubscribe")
end

function happens.startRecording(server, signal, at) recordings.start(server, at.session, signal) end

function happens.recordingStarted(server, _, at) recordings.started(server, at.session) end

function happens.stopRecording(server, signal, at)
  sessions.stop_recording(server, at.session, signal.timestamp, "recordingStoppedByServer", signal)
end

function happens.recordingReady(server, signal, at)
  recordings.ready(server, at.session, at.thing, signal.timestamp, signal)
end

function happens.recordingFailed(server, signal, at)
  if at.thing == at.session.recording then
    return sessions.not_started(server, at.session, signal.timestamp)
  end
  recordings.failed(server, at.session, at.thing, signal.timestamp, signal)
end

function happens.filterEvent(server, signal, at)
  write.other(server, at.session, "filterEventDispatched", signal.timestamp, {
    participantId = signal.participantId, connectionId = signal.participantId,
    streamId = at.thing.streamId, filterType = signal.filterType, eventType = signal.eventType,
    data = signal.data or "",
  })
end

function happens.signal(server, signal, at)
  write.other(server, at.session, "signalSent", signal.timestamp, {
    from = signal.from or host.null, to = host.array(signal.to or {}), type = signal.type or "",
    data = signal.data or "",
  })
end

local Server = {}
Server.__index = Server

--- What happened, by the verb of its signal: true, or nil and a sentence.
function Server:happened(verb, signal)
  local given, at, problem
  given, problem = read(verb, signal)
  if not given then return nil, problem end
  at, problem = needs.find(self.memory, verb, given)
  if not at then return nil, problem end
  happens[verb](self, given, at)
  return true
end

for verb in pairs(happens) do
  local method = verb:gsub("%u", function(letter) return "_" .. letter:lower() end)
  Server[method] = function(self, signal) return self:happened(verb, signal) end
end

--- What happens by time alone until `now` (milliseconds), in its order: automatic stops of
--- recordings, and idle sessions that are forgotten.
function Server:advance(now)
  local session, at = sessions.next_due(self.memory, now)
  while session do
    sessions.expire(self, session, at)
    session, at = sessions.next_due(self.memory, now)
  end
end

local standard = {}

--- A server that keeps all it knows in `memory`, one plain table of the caller's: {} for a new
--- one, the same table for one that goes on. Of `options`
---   emit(event)               is called with each event; required
---   profile                   "2.16", the specification (default), or "2.32"
---   autostop                  seconds; as OPENVIDU_RECORDING_AUTOSTOP_TIMEOUT (default 120)
---   geo                       has geo:location(ip), for those who join with an ip and no location
---   keep_empty                true: a session does not end with its last participant
---   recorder(recording, now)  gives size in bytes and duration in seconds of a recording's file,
---                             where the signal does not (default: 0, and the time that it ran)
function standard.new(memory, options)
  local profile = options.profile or "2.16"
  if not write.profiles[profile] then
    error(('no profile "%s" (there are 2.16 and 2.32)'):format(tostring(profile)), 2)
  end
  memory.sessions = memory.sessions or {}
  memory.processing = memory.processing or {}
  memory.due = memory.due or {}
  return setmetatable({ memory = memory, options = options, profile = profile }, Server)
end

return standard
