-- What the keys of one event say together: times and durations, sizes, dimensions.
local host = require "cdr.host"

local sums = {}

local EARLIEST_MS = 1262304000000 -- 2010
local AHEAD_MS = 24 * 3600 * 1000
local latest_ms = 0 -- looked up again when something is later

local function check_time(event, report)
  local at = event.timestamp
  if math.type(at) ~= "integer" then return end
  if at < EARLIEST_MS then
    report("warning", "%s: timestamp %d is before 2010", event.event, at)
  elseif at > latest_ms then
    latest_ms = os.time() * 1000 + AHEAD_MS
    if at > latest_ms then
      report("warning", "%s: timestamp %d is in the future", event.event, at)
    end
  end
end

-- A recording's duration is that of its file.
local function check_duration(event, report)
  local at, start, duration = event.timestamp, event.startTime, event.duration
  if math.type(at) ~= "integer" or math.type(start) ~= "integer" then return end
  if at < start then
    report("error", "%s: timestamp %d is before its startTime %d", event.event, at, start)
  elseif event.id == nil and math.type(duration) == "integer"
    and duration ~= (at - start) // 1000 then
    report("error", "%s: duration is %d, from startTime to timestamp it is %d", event.event,
      duration, (at - start) // 1000)
  end
end

local known_dimensions, known_count = {}, 0

-- Whether the text is JSON: true, or the level of the finding. Few texts come again and again.
local function look_at(text)
  if type(host.json_decode(text)) == "table" then return true end
  return text:find "^%d+x%d+$" and "warning" or "error"
end

local function check_dimensions(event, report)
  local text = event.videoDimensions
  if type(text) ~= "string" then return end
  local verdict = known_dimensions[text]
  if not verdict then
    if known_count == 1000 then known_dimensions, known_count = {}, 0 end
    verdict = look_at(text)
    known_dimensions[text], known_count = verdict, known_count + 1
  end
  if verdict ~= true then
    report(verdict, '%s: videoDimensions "%s" is not a JSON object', event.event, text)
  end
end

local function check_file(event, report)
  if event.status ~= "ready" then return end
  for _, key in ipairs { "size", "duration" } do
    if event[key] == 0 then
      report("warning", "%s: recording %s is ready with %s 0", event.event, tostring(event.id), key)
    end
  end
end

--- Reports what does not agree; keys that are missing or of another type are passed over.
function sums.check(event, report)
  check_time(event, report)
  if event.startTime ~= nil then check_duration(event, report) end
  if event.videoDimensions ~= nil then check_dimensions(event, report) end
  if event.status ~= nil then check_file(event, report) end
end

return sums
