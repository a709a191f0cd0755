-- What can happen in a server, as data: each signal, and what must and may be said of it.
local host = require "cdr.host"

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

local is = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" and value >= 0 end,
  number = function(value) return type(value) == "number" and value >= 0 end,
  boolean = function(value) return type(value) == "boolean" end,
  list = function(value)
    if type(value) ~= "table" then return false end
    for i = 1, #value do
      if type(value[i]) ~= "string" then return false end
    end
    return true
  end,
}

local article = {
  integer = "an integer, 0 or more", number = "a number, 0 or more", list = "a list of strings",
}

local function check_key(verb, key, wanted, value)
  local kind, optional = wanted:match "^(%a+)(%??)$"
  if value == nil and optional == "?" then return true end
  if value == nil or value == "" and optional == "" then
    return nil, ("%s: %s is missing"):format(verb, key)
  end
  if not is[kind](value) then
    return nil, ("%s: %s must be %s"):format(verb, key, article[kind] or "a " .. kind)
  end
  return true
end

local function check_reason(verb, given)
  local known = signals.reasons[verb]
  if not known then return true end
  given.reason = given.reason or known[1]
  for _, word in ipairs(known) do
    if word == given.reason then return true end
  end
  return nil, ("%s: reason %q is none of %s"):format(verb, given.reason, table.concat(known, ", "))
end

-- In one order, so that the same mistake is told each time.
local sorted = {}
for verb, keys in pairs(signals.keys) do
  sorted[verb] = {}
  for key in pairs(keys) do table.insert(sorted[verb], key) end
  table.sort(sorted[verb])
end

-- A copy without what is null.
local function given_in(verb, signal)
  local keys, given = signals.keys[verb], {}
  for key, value in pairs(signal) do
    if key ~= "timestamp" and key ~= "event" and not keys[key] then
      return nil, ("%s: unknown key %q"):format(verb, tostring(key))
    end
    if value ~= host.null then given[key] = value end
  end
  return given
end

--- What is said of `verb`: a copy of `signal` without its nulls and with a reason where one
--- belongs; or nil and a sentence.
function signals.read(verb, signal)
  if not signals.keys[verb] then return nil, ("unknown signal %q"):format(verb) end
  local given, problem = given_in(verb, signal)
  if not given then return nil, problem end
  local ok
  ok, problem = check_key(verb, "timestamp", "integer", given.timestamp)
  for _, key in ipairs(sorted[verb]) do
    if ok then ok, problem = check_key(verb, key, signals.keys[verb][key], given[key]) end
  end
  if ok then ok, problem = check_reason(verb, given) end
  return ok and given, problem
end

return signals
