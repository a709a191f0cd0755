-- What can happen in a server, as data: each signal, and what must and may be said of it.
local signals = {}

--- By verb: its keys besides `timestamp`, and their types. "?" may be left out.
signals.keys = {
  serverStarted = {},
  serverStopped = {},
  serverCrashed = {},
  mediaServerLost = {},
  mediaServerBack = { restarted = "boolean?" },
  nodeCrashed = { id = "string?", ip = "string?", uri = "string?", nodeRole = "string?",
    clusterId = "string?", environmentId = "string?", timeOfDisconnection = "integer?" },
  createSession = { sessionId = "string" },
  closeSession = { sessionId = "string", size = "integer?", duration = "number?" },
  join = { sessionId = "string", participantId = "string", ip = "string?", location = "string?",
    city = "string?", country = "string?", platform = "string?", clientData = "string?",
    serverData = "string?" },
  leave = { sessionId = "string", participantId = "string", reason = "string?",
    size = "integer?", duration = "number?" },
  publish = { sessionId = "string", participantId = "string", streamId = "string?",
    videoSource = "string?", videoFramerate = "integer?", videoDimensions = "string?",
    audioEnabled = "boolean?", videoEnabled = "boolean?", rtspUri = "string?",
    adaptativeBitrate = "boolean?", networkCache = "integer?",
    onlyPlayWithSubscribers = "boolean?" },
  unpublish = { sessionId = "string", participantId = "string", reason = "string?" },
  subscribe = { sessionId = "string", participantId = "string", receivingFrom = "string" },
  unsubscribe = { sessionId = "string", participantId = "string", receivingFrom = "string" },
  startRecording = { sessionId = "string", id = "string?", name = "string?",
    outputMode = "string?", resolution = "string?", frameRate = "integer?",
    recordingLayout = "string?", customLayout = "string?", media_node_id = "string?",
    hasAudio = "boolean?", hasVideo = "boolean?", pending = "boolean?" },
  recordingStarted = { sessionId = "string", id = "string?" },
  stopRecording = { sessionId = "string", size = "integer?", duration = "number?",
    pending = "boolean?" },
  recordingReady = { sessionId = "string", id = "string", size = "integer?",
    duration = "number?" },
  recordingFailed = { sessionId = "string", id = "string?", size = "integer?",
    duration = "number?" },
  filterEvent = { sessionId = "string", participantId = "string", filterType = "string",
    eventType = "string", data = "string?" },
  signal = { sessionId = "string", from = "string?", to = "list?", type = "string?",
    data = "string?" },
}

--- The reasons that a signal may give; the first is meant when it gives none. (The cascades of
--- the other signals have reasons of their own.)
signals.reasons = {
  leave = { "disconnect", "forceDisconnectByUser", "forceDisconnectByServer",
    "networkDisconnect" },
  unpublish = { "unpublish", "forceUnpublishByUser", "forceUnpublishByServer" },
}

--- What must be so before it is possible: see cdr/standard/needs.lua.
signals.needs = {
  serverStopped = "running",
  serverCrashed = "running",
  mediaServerLost = "running media",
  mediaServerBack = "running lost",
  nodeCrashed = "running",
  createSession = "running no_session",
  closeSession = "running session in_time",
  join = "running session no_participant in_time",
  leave = "running session participant in_time",
  publish = "running media session participant no_stream in_time",
  unpublish = "running session participant stream in_time",
  subscribe = "running media session participant publisher not_received in_time",
  unsubscribe = "running session participant publisher received in_time",
  startRecording = "running media session somebody no_recording in_time",
  recordingStarted = "running session recording starting",
  stopRecording = "running session recording in_time",
  recordingReady = "running stopped_recording in_time",
  recordingFailed = "running failing_recording in_time",
  filterEvent = "running session participant stream",
  signal = "running session sender",
}

return signals
