-- Makes the lines of a call for specs, one function for each event, as a server of 2.16 does.
-- Times are milliseconds after BASE; `s` names another session than "ses_1".
local calls = {}

calls.BASE = 1601394690713

local PERSON = '"participantId":"%s","location":"unknown","platform":"Chrome 85",'
  .. '"clientData":"Mike","serverData":""'
local VIDEO = '"videoSource":"CAMERA","videoFramerate":30,'
  .. [["videoDimensions":"{\"width\":640,\"height\":480}","audioEnabled":true,"videoEnabled":true]]
local FILE = '"id":"%s","name":"%s","outputMode":"COMPOSED","resolution":"1280x720",'
  .. '"recordingLayout":"BEST_FIT","hasAudio":true,"hasVideo":true,"size":%d,"status":"%s"'

local function line(name, s, at, rest)
  return ('{"%s":{"sessionId":"%s","timestamp":%d%s}}'):format(name, s or "ses_1",
    calls.BASE + at, rest and "," .. rest or "")
end

local function ending(start, at, reason)
  return ('"startTime":%d,"duration":%d,"reason":"%s"'):format(calls.BASE + start,
    (at - start) // 1000, reason)
end

local function stream(who, from)
  local id, way = from or who, from and ('"INBOUND","receivingFrom":"%s"'):format(from)
  return ('"streamId":"str_CAM_AbCd_%s","participantId":"%s","connection":%s,%s'):format(id, who,
    way or '"OUTBOUND"', VIDEO)
end

function calls.created(at, s) return line("sessionCreated", s, at) end
function calls.destroyed(start, at, reason, s)
  return line("sessionDestroyed", s, at, ending(start, at, reason or "lastParticipantLeft"))
end

function calls.joined(at, who, s) return line("participantJoined", s, at, PERSON:format(who)) end
function calls.left(start, at, who, reason, s)
  return line("participantLeft", s, at,
    ending(start, at, reason or "disconnect") .. "," .. PERSON:format(who))
end

--- `who` publishes; with `from`, receives from it.
function calls.opened(at, who, from, s)
  return line("webrtcConnectionCreated", s, at, stream(who, from))
end
function calls.closed(start, at, who, from, reason, s)
  return line("webrtcConnectionDestroyed", s, at,
    ending(start, at, reason or "disconnect") .. "," .. stream(who, from))
end

function calls.recorded(status, start, at, id, s)
  local size, duration = 0, "0.0"
  if status == "ready" then size, duration = 4711, "8.6" end
  local why = status ~= "started" and '"reason":"recordingStoppedByServer",' or ""
  return line("recordingStatusChanged", s, at, ('"startTime":%d,"duration":%s,%s'):format(
    calls.BASE + start, duration, why) .. FILE:format(id, id, size, status))
end

function calls.filtered(at, who, s)
  return line("filterEventDispatched", s, at, ('"participantId":"%s","streamId":"str_1",'
    .. '"filterType":"ZBarFilter","eventType":"CodeFound","data":"{}"'):format(who))
end

--- A call of two in which all is well, from beginning to end.
function calls.good()
  return {
    calls.created(0), calls.joined(1000, "ann"), calls.opened(1500, "ann"),
    calls.joined(2000, "bob"), calls.opened(2500, "bob", "ann"),
    calls.opened(2600, "bob"), calls.opened(2700, "ann", "bob"),
    calls.recorded("started", 2800, 2800, "rec"),
    calls.filtered(2900, "ann"),
    calls.recorded("stopped", 2800, 3900, "rec"),
    calls.recorded("ready", 2800, 4100, "rec"),
    calls.closed(2500, 9000, "bob", "ann"), calls.closed(2700, 9000, "ann", "bob"),
    calls.closed(1500, 9000, "ann"), calls.left(1000, 9000, "ann"),
    calls.closed(2600, 9500, "bob"), calls.left(2000, 9501, "bob"), calls.destroyed(0, 9502),
  }
end

return calls
