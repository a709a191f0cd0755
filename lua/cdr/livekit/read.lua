-- Reads protobuf's JSON: 64-bit integers as strings, zero values left out, keys in two spellings.
local host = require "cdr.host"

local read = {}

-- The end of the year 9999: what is later is no time.
local LAST_MS = 253402300799999

--- The value of a key, also when it is spelled in snake_case; nil when it is null.
function read.value(object, key)
  local value = object[key]
  if value == nil then
    value = object[(key:gsub("%u", function(letter) return "_" .. letter:lower() end))]
  end
  if value ~= host.null then return value end
end

--- A table, empty when there is none.
function read.object(object, key)
  local value = read.value(object, key)
  return type(value) == "table" and value or {}
end

--- A text that says something, else nil.
function read.text(object, key)
  local value = read.value(object, key)
  if type(value) == "string" and value ~= "" then return value end
end

--- An integer of 0 or more, else nil.
function read.integer(object, key)
  local value = read.value(object, key)
  if type(value) == "string" then value = value:match "^%d+$" and tonumber(value) end
  value = type(value) == "number" and math.tointeger(value)
  return value and value >= 0 and value or nil
end

local function time(ms) return ms and ms > 0 and ms <= LAST_MS and ms or nil end

--- Seconds as milliseconds; nil when it is not told, or zero.
function read.seconds(object, key)
  local value = read.integer(object, key)
  return value and value <= LAST_MS // 1000 and time(value * 1000) or nil
end

--- `key` followed by "Ms" when that is there, else `key` in seconds: milliseconds.
function read.exact(object, key)
  return time(read.integer(object, key .. "Ms")) or read.seconds(object, key)
end

--- Nanoseconds as milliseconds.
function read.nanoseconds(object, key)
  local value = read.integer(object, key)
  return value and time(value // 1000000)
end

return read
