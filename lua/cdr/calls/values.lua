-- Reads what fields of events hold, whatever they hold.
local values = {}

local LATEST_MS = 253402300799999 -- the end of the year 9999
local LONGEST_S = 1e12

local math_type = math.type

--- The text, or nil.
function values.text(value)
  return type(value) == "string" and value or nil
end

--- Milliseconds since 1970, or nil.
function values.time(value)
  if math_type(value) == "float" then value = math.tointeger(value) end
  if math_type(value) ~= "integer" or value < 0 or value > LATEST_MS then return nil end
  return value
end

--- Seconds as written, else those between two times, truncated as the server does.
function values.seconds(written, from, to)
  if math_type(written) and written >= 0 and written < LONGEST_S then return written end
  return to > from and (to - from) // 1000 or 0
end

--- Bytes, 0 where there is no sensible number.
function values.bytes(value)
  if math_type(value) == "float" then value = math.tointeger(value) end
  return math_type(value) == "integer" and value > 0 and value or 0
end

--- Of "CITY, COUNTRY" the country; a location without a city is the country.
function values.country(location)
  if not location or location == "" then return "unknown" end
  return location:match ".*, (.+)$" or location
end

--- Since 2.17 the same id stands in both fields; the specification has the first only.
function values.participant(event)
  local id = event.participantId
  if type(id) == "string" then return id end
  id = event.connectionId
  return type(id) == "string" and id or nil
end

--- The fields of an event, apart from what may become of it on the road.
function values.copy(event)
  local copy = {}
  for key, value in pairs(event) do copy[key] = value end
  return copy
end

--- Adds to what `sums` has under a key.
function values.add(sums, key, n)
  sums[key] = (sums[key] or 0) + n
end

return values
