-- What things count under: the key of a participant, a session or a recording, for each `by`.
local memo = require "cdr.report.memo"
local platform = require "cdr.report.platform"
local user = require "cdr.report.user"

local keys = {}

local UNKNOWN, LONGEST = "unknown", 200

-- A key is kept for as long as the report is made, so that a stranger cannot make it any length.
local function key(text)
  if type(text) ~= "string" or text == "" then return UNKNOWN end
  if #text <= LONGEST then return text end
  local last = LONGEST
  while last > LONGEST - 3 and text:find("^[\x80-\xBF]", last + 1) do last = last - 1 end
  return text:sub(1, last)
end

-- Offsets of time zones are whole quarters of an hour.
local QUARTER_MS = 900000
local day_of_quarter = memo(function(quarter)
  return os.date("%Y-%m-%d", quarter * (QUARTER_MS // 1000))
end)

--- The day of the thing's beginning, in the time zone of this machine or of $TZ.
local function day(thing)
  local ms = math.tointeger(thing.startTime)
  return ms and day_of_quarter(ms // QUARTER_MS) or UNKNOWN
end

local function session(thing) return key(thing.sessionId) end
local function country(participant) return key(participant.country) end

local function family(participant)
  local text = key(participant.platform)
  return key(platform(text))
end

-- `whole`: sessions and recordings belong to one row, as they do not to one of their participants.
local ways = {
  day = { key = function() return day end, whole = true, in_order = true },
  session = { key = function() return session end, whole = true },
  country = { key = function() return country end },
  platform = { key = function() return family end },
  user = {
    key = function(path)
      local read = user.reader(path)
      return function(participant) return key(read(participant)) end
    end,
  },
}

--- How to count by that word: { name =, key = function(thing), whole =, in_order = }; `path` is
--- where users' names are. Raises when it is none of the words.
function keys.by(name, path)
  if name == "sessionId" then name = "session" end
  local way = ways[name]
  if not way then
    error(("--set by=%s: must be session, user, day, country or platform"):format(name), 0)
  end
  return { name = name, key = way.key(path), whole = way.whole, in_order = way.in_order }
end

return keys
