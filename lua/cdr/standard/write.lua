-- The standard events as the server writes them: each function makes one and hands it on.
local events = require "cdr.events"
local host = require "cdr.host"

local write = {}

-- Whole seconds, cut off, never less than none: the server's integer division.
local function seconds(from, to) return math.max(to - from, 0) // 1000 end

-- What is newer than the profile is left out. By profile and event: those keys.
local newer = { ["2.16"] = {}, ["2.32"] = {} }
write.profiles = newer
for profile, by_name in pairs(newer) do
  for name, event in pairs(events.known) do
    by_name[name] = {}
    for _, key in ipairs(event.keys) do
      if not events.has(profile, key.since) then table.insert(by_name[name], key[1]) end
    end
  end
end

local function emit(server, event)
  for _, key in ipairs(newer[server.profile][event.event]) do event[key] = nil end
  server.options.emit(event)
end

local function head(name, session, timestamp)
  return {
    event = name, sessionId = session.sessionId, timestamp = timestamp,
    uniqueSessionId = session.sessionId .. "_" .. session.startTime,
  }
end

-- Makes it the event of an end; a cascade never ends what began later before that.
local function ending(event, start, reason)
  event.timestamp = math.max(event.timestamp, start)
  event.startTime = start
  event.duration = seconds(start, event.timestamp)
  event.reason = reason
  return event
end

local function copy(event, from, keys)
  for _, key in ipairs(keys) do event[key] = from[key] end
  return event
end

local person_keys = { "participantId", "location", "ip", "platform", "clientData", "serverData" }

local function person(event, participant)
  event.connectionId = participant.participantId
  return copy(event, participant, person_keys)
end

local video_keys = { "videoSource", "videoFramerate", "videoDimensions" }
local camera_keys = { "rtspUri", "adaptativeBitrate", "networkCache", "onlyPlayWithSubscribers" }

-- What `participant` publishes, or receives from `publisher`. Of a received stream the media are
-- told as they were published.
local function stream(event, participant, publisher)
  local media = (publisher or participant).stream
  event.streamId, event.participantId = media.streamId, participant.participantId
  event.connectionId = participant.participantId
  event.connection = publisher and "INBOUND" or "OUTBOUND"
  event.receivingFrom = publisher and publisher.participantId
  event.audioEnabled, event.videoEnabled = media.audioEnabled, media.videoEnabled
  if media.videoEnabled then
    copy(event, media, video_keys)
    if media.videoSource == "IPCAM" then
      event.videoFramerate = event.videoFramerate or host.null
      event.videoDimensions = event.videoDimensions or host.null
    end
  end
  return publisher and event or copy(event, media, camera_keys)
end

function write.session_created(server, session)
  emit(server, head("sessionCreated", session, session.startTime))
end

function write.session_destroyed(server, session, now, reason)
  emit(server, ending(head("sessionDestroyed", session, now), session.startTime, reason))
end

function write.joined(server, session, participant)
  emit(server, person(head("participantJoined", session, participant.startTime), participant))
end

function write.left(server, session, participant, now, reason)
  local event = ending(head("participantLeft", session, now), participant.startTime, reason)
  emit(server, person(event, participant))
end

--- `start` is when the stream was established: `participant` publishes it, or receives it from
--- `publisher`.
function write.stream_created(server, session, start, participant, publisher)
  emit(server, stream(head("webrtcConnectionCreated", session, start), participant, publisher))
end

function write.stream_destroyed(server, session, start, now, reason, participant, publisher)
  local event = ending(head("webrtcConnectionDestroyed", session, now), start, reason)
  emit(server, stream(event, participant, publisher))
end

local recording_keys = { "id", "name", "outputMode", "hasAudio", "hasVideo", "media_node_id" }
local composed_keys = { "resolution", "frameRate", "recordingLayout", "customLayout" }

--- `size` in bytes and `duration` in seconds are the file's; 0 until it is ready.
function write.recording(server, session, recording, status, now, reason, size, duration)
  local event = head("recordingStatusChanged", session, now)
  event.startTime, event.reason, event.status = recording.startTime, reason, status
  event.size, event.duration = size or 0, (duration or 0) + 0.0
  copy(event, recording, recording_keys)
  if recording.outputMode == "COMPOSED" and recording.hasVideo then
    copy(event, recording, composed_keys)
  end
  emit(server, event)
end

--- `name` is filterEventDispatched or signalSent; `fields` are its own.
function write.other(server, session, name, now, fields)
  local event = head(name, session, now)
  for key, value in pairs(fields) do event[key] = value end
  if events.has(server.profile, events.known[name].since) then emit(server, event) end
end

--- nodeCrashed belongs to no session.
function write.node_crashed(server, event)
  event.event = "nodeCrashed"
  if events.has(server.profile, events.known.nodeCrashed.since) then emit(server, event) end
end

return write
