-- What the keys of one event say together: times and durations, sizes, dimensions.
local host = require "cdr.host"

local sums = {}

local EARLIEST_MS = 1262304000000 -- 2010
local AHEAD_MS = 24 * 3600 * 1000
local latest_ms = 0 -- looked up again when something is later

local function check_time(event, report)
  local at = event.timestamp
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
  if at < start then
    report("error", "%s: timestamp %d is before its startTime %d", event.event, at, start)
  elseif math.type(duration) == "integer" and duration ~= (at - start) // 1000 then
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
  for _, key in ipairs { "size", "duration" } do
    local value = event[key]
    if value and value < 0 then
      report("error", "%s: %s is less than 0", event.event, key)
    elseif value == 0 and event.status == "ready" then
      report("warning", "%s: %s is 0 of recording %s, which is ready", event.event, key, event.id)
    end
  end
end

--- Reports what does not agree in an event whose keys have their types, or are missing.
function sums.check(event, report)
  if event.timestamp then
    check_time(event, report)
    if event.startTime then check_duration(event, report) end
  end
  if event.videoDimensions then check_dimensions(event, report) end
  if event.size then check_file(event, report) end
end

return sums
