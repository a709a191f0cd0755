-- What OpenVidu writes, as data: the keys of each event in the server's order, and what they hold.
--
-- The specification is that of OpenVidu 2.16; `since` tells what later versions added, and
-- "undocumented" what servers of that time write although the specification does not say so.
local host = require "cdr.host"

local words = require "cdr.events.words"

local set, with, why = words.set, words.with, words.reasons

-- When a conditional key is there.
local function inbound(event) return event.connection == "INBOUND" end
local function video(event) return event.videoEnabled == true end
local function ended(event) return event.status ~= "started" end
local function composed(event) return event.outputMode == "COMPOSED" and event.hasVideo == true end
local function custom(event) return composed(event) and event.recordingLayout == "CUSTOM" end
local function camera(event) return event.connection == "OUTBOUND" and event.rtspUri ~= nil end

-- A key is { name, type, since = , when = , one_of = , optional = , null = }. It is there in each
-- event of its version unless `when` says no, or it is optional.
local head = {
  { "sessionId", "string" },
  { "uniqueSessionId", "string", since = "2.17" },
  { "timestamp", "integer" },
}

local function ending(reasons, duration, when)
  return {
    { "startTime", "integer" },
    { "duration", duration or "integer" },
    { "reason", "string", one_of = reasons, optional = true, when = when },
  }
end

local person = {
  { "participantId", "string" },
  { "connectionId", "string", since = "2.17" },
  { "location", "string" },
  { "ip", "string", since = "2.20" },
  { "platform", "string" },
  { "clientData", "string", null = true },
  { "serverData", "string", null = true },
}

local stream = {
  { "streamId", "string" },
  { "participantId", "string" },
  { "connectionId", "string", since = "2.17" },
  { "connection", "string", one_of = set "INBOUND OUTBOUND" },
  { "receivingFrom", "string", when = inbound },
  { "rtspUri", "string", when = camera },
  { "adaptativeBitrate", "boolean", when = camera },
  { "networkCache", "integer", when = camera },
  { "onlyPlayWithSubscribers", "boolean", when = camera },
  { "videoSource", "string", when = video,
    one_of = with(set "CAMERA SCREEN", "CUSTOM IPCAM", words.UNDOCUMENTED) },
  { "videoFramerate", "integer", when = video, null = true },
  { "videoDimensions", "string", when = video, null = true },
  { "audioEnabled", "boolean" },
  { "videoEnabled", "boolean" },
}

local recording = {
  { "id", "string" },
  { "name", "string" },
  { "outputMode", "string",
    one_of = with(set "COMPOSED INDIVIDUAL", "COMPOSED_QUICK_START", words.UNDOCUMENTED) },
  { "resolution", "string", when = composed },
  { "frameRate", "integer", when = composed, since = "2.18" },
  { "recordingLayout", "string", when = composed },
  { "customLayout", "string", when = custom, optional = true },
  { "media_node_id", "string", optional = true, since = "2.17" },
  { "hasAudio", "boolean" },
  { "hasVideo", "boolean" },
  { "size", "integer" },
}

local status = { "status", "string", one_of = set "started stopped ready failed" }

local filter = {
  { "participantId", "string" },
  { "connectionId", "string", since = "2.17" },
  { "streamId", "string" },
  { "filterType", "string" },
  { "eventType", "string" },
  { "data", "string" },
}

local signal = {
  { "from", "string", null = true },
  { "to", "list" },
  { "type", "string" },
  { "data", "string" },
}

local node = {
  { "timestamp", "integer" },
  { "id", "string" },
  { "environmentId", "string", optional = true },
  { "ip", "string" },
  { "uri", "string" },
  { "nodeRole", "string", one_of = set "medianode masternode" },
  { "sessionIds", "list" },
  { "recordingIds", "list" },
  { "broadcasts", "list", optional = true, since = "2.26" },
  { "clusterId", "string" },
  { "timeOfDisconnection", "integer" },
}

local function join(...)
  local keys = {}
  for _, part in ipairs { ... } do table.move(part, 1, #part, #keys + 1, keys) end
  return keys
end

local events = {}

--- By name of the event: its keys in the server's order, and in which versions it is written.
events.known = {
  sessionCreated = { keys = head },
  sessionDestroyed = { keys = join(head, ending(why.session)) },
  participantJoined = { keys = join(head, person) },
  participantLeft = { keys = join(head, ending(why.participant), person) },
  webrtcConnectionCreated = { keys = join(head, stream) },
  webrtcConnectionDestroyed = { keys = join(head, ending(why.stream), stream) },
  recordingStatusChanged = {
    keys = join(head, ending(why.recording, "float", ended), recording, { status }),
  },
  filterEventDispatched = { keys = join(head, filter) },
  signalSent = { since = "2.17", keys = join(head, signal) },
  nodeCrashed = { since = "2.17", keys = node },
  recordingStarted = { to = "2.20", keys = join(head, recording, { { "duration", "float" } }) },
  recordingStopped = { to = "2.20", keys = join(head, ending(why.recording, "float"), recording) },
}

--- Events of which only the name is known here, by the version that brought them.
events.others = {
  mediaNodeStatusChanged = "2.12", autoscaling = "2.15", nodeRecovered = "2.22",
  broadcastStarted = "2.26", broadcastStopped = "2.26", HANodeRegistered = "2.28",
  HANodeDeregistered = "2.28",
}

local function number(version)
  local major, minor = version:match "^(%d+)%.(%d+)$"
  return major and major * 1000 + minor
end

--- Whether the profile ("2.16", "2.32") has what came with version `since`; nil came before.
function events.has(profile, since)
  return since == nil or since == words.UNDOCUMENTED or number(since) <= number(profile)
end

-- Scripts that make such events have their keys written in this order.
for name, event in pairs(events.known) do
  local names = {}
  for i, key in ipairs(event.keys) do names[i] = key[1] end
  host.key_order(name, names)
end

return events
