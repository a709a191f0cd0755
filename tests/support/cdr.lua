-- Makes CDR lines for specs: deterministic, numbered by their timestamp, all eight events in turn.
local cdr = {}

local BASE_MS = 1601394690713 -- line 0

local PERSON = '"participantId":"con_EIeO06zgMz","location":"Berlin, Germany",'
  .. '"platform":"Chrome 85.0.4183.121 on Linux 64-bit","clientData":"Zoë",'
  .. [["serverData":"{'user': 'client1'}"]]
local STREAM = '"streamId":"str_CAM_GPdf_con_EIeO06zgMz","participantId":"con_ThN5Rgi8Y8",'
  .. '"connection":"INBOUND","receivingFrom":"con_EIeO06zgMz","videoSource":"CAMERA",'
  .. [["videoFramerate":30,"videoDimensions":"{\"width\":1280,\"height\":720}",]]
  .. '"audioEnabled":true,"videoEnabled":true'
local ENDED = '"startTime":1601394690713,"duration":%d,"reason":"disconnect"'

-- Name and what follows the timestamp; %d is the duration.
local EVENTS = {
  { "sessionCreated", "" },
  { "participantJoined", "," .. PERSON },
  { "webrtcConnectionCreated", "," .. STREAM },
  { "webrtcConnectionDestroyed", "," .. ENDED .. "," .. STREAM },
  { "recordingStatusChanged", ',"startTime":1601394690713,"duration":%d.6,'
    .. '"id":"ses_1","name":"MyRecording","outputMode":"COMPOSED","resolution":"1920x1080",'
    .. '"recordingLayout":"BEST_FIT","hasAudio":true,"hasVideo":true,"size":0,"status":"ready"' },
  { "filterEventDispatched", ',"participantId":"con_EIeO06zgMz",'
    .. '"streamId":"str_CAM_GPdf_con_EIeO06zgMz","filterType":"ZBarFilter",'
    .. '"eventType":"CodeFound","data":"{value=0012345678905, tags=[]}"' },
  { "participantLeft", "," .. ENDED .. "," .. PERSON },
  { "sessionDestroyed", "," .. ENDED },
}

-- Line number `n` of the file (or whatever it is) called `series`, with its newline.
function cdr.line(n, series)
  local event = EVENTS[n % #EVENTS + 1]
  return ('{"%s":{"sessionId":"ses_%s","timestamp":%d%s}}\n'):format(
    event[1], series or "A", BASE_MS + n, (event[2]:gsub("%%d", tostring(n))))
end

-- Lines `from` to `to` in one string.
function cdr.lines(from, to, series)
  local lines = {}
  for n = from, to do lines[#lines + 1] = cdr.line(n, series) end
  return table.concat(lines)
end

-- The numbers of the lines in `text` in their order, by series: { A = { 1, 2 }, B = { 1 } }.
-- A line that is none of ours stops the spec.
function cdr.numbers(text)
  local by_series = {}
  for line in text:gmatch "[^\n]*\n?" do
    if line ~= "" then
      local series, ms = line:match '^{"%a+":{"sessionId":"ses_(.-)","timestamp":(%d+)'
      local n = ms and tonumber(ms) - BASE_MS
      if not n or line ~= cdr.line(n, series) then error("not a whole line: " .. line, 2) end
      by_series[series] = by_series[series] or {}
      table.insert(by_series[series], n)
    end
  end
  return by_series
end

-- What is wrong with `text`, which should hold lines from..to of the series, each once and in
-- order: nil when nothing is.
function cdr.fault(text, from, to, series)
  local numbers = cdr.numbers(text)[series or "A"] or {}
  for i = 1, to - from + 1 do
    if numbers[i] ~= from + i - 1 then
      return ("line %d of %s is %s, not %d"):format(i, series or "A", numbers[i], from + i - 1)
    end
  end
  if #numbers > to - from + 1 then
    return ("%d lines of %s, not %d"):format(#numbers, series or "A", to - from + 1)
  end
end

return cdr
