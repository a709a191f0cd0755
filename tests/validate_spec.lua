-- The built-in script validate: which slips it finds, and what it lets pass.
local calls = require "tests.support.calls"
local support = require "tests.support"
local validate = require "tests.support.validate"

local findings = validate.findings

-- Where each event stands in the call.
local AT = {
  sessionCreated = 1, participantJoined = 2, webrtcConnectionCreated = 3, inbound = 5,
  recordingStatusChanged = 8, filterEventDispatched = 9, stopped = 10, ready = 11,
  webrtcConnectionDestroyed = 14, participantLeft = 17, sessionDestroyed = 18,
}

-- Event, what stands in its line, what shall stand there instead, and the finding.
local slips = {
  { "participantJoined", '"platform":"Chrome 85",', "",
    "error: participantJoined: platform is missing" },
  { "participantJoined", '"Chrome 85"', "85",
    "error: participantJoined: platform is 85, must be a string" },
  { "participantJoined", '"unknown"', "null",
    "error: participantJoined: location is null, must be a string" },
  { "participantJoined", '"Mike"', "null" },
  { "participantJoined", '"participantId":"ann"', '"participantId":""',
    'error: participantJoined: participantId is "", must be a string, not empty' },
  { "participantJoined", '"Mike"', '"Mike","role":"PUBLISHER"',
    "note: participantJoined: key role is not the server's" },
  { "participantJoined", '"Mike"', '"Mike","ip":"::1"', "note: key ip came with OpenVidu 2.20" },
  { "participantLeft", '"disconnect"', '"bored"',
    'error: participantLeft: reason "bored" is none of the specification\'s' },
  { "participantLeft", '"disconnect"', '"nodeCrashed"',
    "note: reason nodeCrashed came with OpenVidu 2.18" },
  { "participantLeft", ',"reason":"disconnect"', "", "note: participantLeft: reason is missing" },
  { "participantLeft", '"duration":7', '"duration":8',
    "error: participantLeft: duration is 8, from startTime to timestamp it is 7" },
  { "participantLeft", '"duration":7', '"duration":7.0',
    "error: participantLeft: duration is 7.0, must be an integer" },
  { "sessionDestroyed", '"lastParticipantLeft"', '"automaticStop"',
    "note: reason automaticStop is undocumented" },
  { "webrtcConnectionCreated", '"OUTBOUND"', '"BOTH"',
    'error: webrtcConnectionCreated: connection "BOTH" is none of the specification\'s' },
  { "webrtcConnectionCreated", '"OUTBOUND"', '"OUTBOUND","receivingFrom":"bob"',
    "error: webrtcConnectionCreated: receivingFrom belongs to an INBOUND connection only" },
  { "inbound", '"receivingFrom":"ann",', "",
    "error: webrtcConnectionCreated: receivingFrom is missing" },
  { "webrtcConnectionCreated", '"videoEnabled":true', '"videoEnabled":false',
    "error: webrtcConnectionCreated: videoSource belongs to video only" },
  { "webrtcConnectionCreated", '"videoSource":"CAMERA",', "",
    "error: webrtcConnectionCreated: videoSource is missing" },
  { "webrtcConnectionCreated", '"CAMERA"', '"IPCAM"', "note: videoSource IPCAM is undocumented" },
  { "webrtcConnectionCreated", '"CAMERA"', '"FILM"',
    'error: webrtcConnectionCreated: videoSource "FILM" is none of the specification\'s' },
  { "webrtcConnectionCreated", ":30,", ":-1," },
  { "webrtcConnectionCreated", ":30,", ":null," },
  { "webrtcConnectionCreated", '"audioEnabled":true', '"audioEnabled":"true"',
    'error: webrtcConnectionCreated: audioEnabled is "true", must be true or false' },
  { "webrtcConnectionCreated", [["{\"width\":640,\"height\":480}"]], '"wide"',
    'error: webrtcConnectionCreated: videoDimensions "wide" is not a JSON object' },
  { "webrtcConnectionCreated", [["{\"width\":640,\"height\":480}"]], '"640x480"',
    'warning: webrtcConnectionCreated: videoDimensions "640x480" is not a JSON object' },
  { "recordingStatusChanged", '"duration":0.0', '"duration":0',
    "error: recordingStatusChanged: duration is 0, must be a float" },
  { "recordingStatusChanged", '"resolution":"1280x720",', "",
    "error: recordingStatusChanged: resolution is missing" },
  { "recordingStatusChanged", '"COMPOSED"', '"INDIVIDUAL"',
    "error: recordingStatusChanged: resolution belongs to a COMPOSED recording with video only" },
  { "recordingStatusChanged", '"COMPOSED"', '"PAIRED"',
    'error: recordingStatusChanged: outputMode "PAIRED" is none of the specification\'s' },
  { "recordingStatusChanged", '"duration":0.0', '"duration":0.0,"reason":"automaticStop"',
    "error: recordingStatusChanged: reason belongs to the end of a recording only" },
  { "recordingStatusChanged", '"started"', '"paused"',
    'error: recordingStatusChanged: status "paused" is none of the specification\'s' },
  { "ready", '"size":4711', '"size":0',
    "warning: recordingStatusChanged: size is 0 of recording rec, which is ready" },
  { "ready", '"duration":8.6', '"duration":0.0',
    "warning: recordingStatusChanged: duration is 0 of recording rec, which is ready" },
  { "ready", '"size":4711', '"size":-1', "error: recordingStatusChanged: size is less than 0" },
  { "filterEventDispatched", '"timestamp":%d+', '"timestamp":1262303999999',
    "warning: filterEventDispatched: timestamp 1262303999999 is before 2010" },
  { "filterEventDispatched", '"timestamp":%d+', '"timestamp":32503680000000',
    "warning: filterEventDispatched: timestamp 32503680000000 is in the future" },
  { "filterEventDispatched", '"timestamp":%d+', '"timestamp":"1601394690713"',
    'error: filterEventDispatched: timestamp is "1601394690713", must be an integer' },
  { "filterEventDispatched", '"filterEventDispatched"', '"filterEventDispached"',
    "error: event filterEventDispached is unknown (did you mean filterEventDispatched?)" },
  { "filterEventDispatched", '"filterEventDispatched"', '"FILTEREVENTDISPATCHED"',
    "error: event FILTEREVENTDISPATCHED is unknown (did you mean filterEventDispatched?)" },
  { "filterEventDispatched", '"filterEventDispatched"', '"coffeeBreak"',
    "note: event coffeeBreak is unknown" },
  { "filterEventDispatched", '"filterEventDispatched"', '"autoscaling"',
    "note: event autoscaling came with OpenVidu 2.15" },
  { "filterEventDispatched", "}}$", "",
    "error: the line cannot be used: not JSON at byte" },
  { "sessionDestroyed", '"startTime":%d+', '"startTime":1601394700716',
    "error: sessionDestroyed: timestamp 1601394700215 is before its startTime 1601394700716" },
}

describe("validate, on a line,", function()
  after_each(support.clean)

  it("finds nothing in a good call", function()
    local found, summary, code = findings(calls.good(), "--set", "level=note")
    assert.same({}, found)
    assert.equal("18 lines, 0 errors, 0 warnings, 0 notes in 1 file", summary)
    assert.equal(0, code)
  end)

  it("tells several slips in the order of the keys, each time", function()
    local line = '{"participantJoined":{"serverData":1,"ip":"::1","connectionId":2,"platform":3,'
      .. '"location":4,"participantId":5,"sessionId":6}}'
    local expected = { "1: error: participantJoined: sessionId is 6, must be a string, not empty",
      "1: error: participantJoined: participantId is 5, must be a string, not empty",
      "1: error: participantJoined: connectionId is 2, must be a string, not empty",
      "1: error: participantJoined: location is 4, must be a string",
      "1: error: participantJoined: platform is 3, must be a string",
      "1: error: participantJoined: serverData is 1, must be a string",
      "1: error: participantJoined: timestamp is missing",
      "1: error: participantJoined: clientData is missing",
      "1: note: key connectionId came with OpenVidu 2.17",
      "1: note: key ip came with OpenVidu 2.20" }
    for _ = 1, 3 do assert.same(expected, (findings({ line }, "--set", "level=note"))) end
  end)

  for _, slip in ipairs(slips) do
    local name, from, to, expected = table.unpack(slip)
    it(("%s: %s for %s"):format(name, to, from), function()
      local lines, at = calls.good(), AT[name]
      local pattern = (from:find("%d+", 1, true) or from:find "%$$") and from
        or from:gsub("%p", "%%%0")
      local count
      lines[at], count = lines[at]:gsub(pattern, (to:gsub("%%", "%%%%")))
      assert.equal(1, count)
      local found, _, code = findings(lines, "--set", "level=note")
      local first = found[1]
      if not expected then return assert.same({}, found) end
      for _, line in ipairs(found) do -- a note is told at the end of the file
        if expected:find "^note" and line:find(": note:", 1, true) then first = line end
      end
      assert.equal(at .. ": " .. expected, first and first:sub(1, #expected + #tostring(at) + 2))
      assert.equal(expected:find "^error" and 1 or code, code)
    end)
  end
end)
