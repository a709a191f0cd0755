-- Prints one readable line for each event, in local time (--set colour=auto|always|never).
local cdr = require "cdr"

local opt = cdr.options { colour = "auto", time = "%Y-%m-%d %H:%M:%S" }

local coloured = opt.colour == "always" or (opt.colour == "auto" and cdr.args.terminal)

local colours = {
  sessionCreated = 32, participantJoined = 32, webrtcConnectionCreated = 36,
  sessionDestroyed = 35, participantLeft = 35, webrtcConnectionDestroyed = 34,
  recordingStatusChanged = 33,
}

-- What everybody knows from the columns before, or is too long for a line.
local hidden = { event = true, sessionId = true, timestamp = true, uniqueSessionId = true }

-- What a person looks for first; the other fields follow by name.
local rank = {
  participantId = 1, connectionId = 2, connection = 3, receivingFrom = 4, streamId = 5, status = 6,
  reason = 7, duration = 8, location = 9,
}

local function before(a, b)
  local x, y = rank[a] or math.huge, rank[b] or math.huge
  return x < y or (x == y and a < b)
end

-- Names come from strangers: nothing in them may move the cursor.
local function plain(text) return (tostring(text):gsub("%c", "?")) end

local function show(value)
  if value == cdr.null then return "-" end
  if type(value) == "table" then return cdr.json.encode(value) end
  local text = tostring(value)
  if text == "" or text:find "[%s%c]" then text = ("%q"):format(text):gsub("\\\n", "\\n") end
  return text
end

local function fields(event)
  local keys, words = {}, {}
  for key in pairs(event) do
    if not hidden[key] then keys[#keys + 1] = key end
  end
  table.sort(keys, before)
  for i, key in ipairs(keys) do words[i] = plain(key) .. "=" .. show(event[key]) end
  return table.concat(words, " ")
end

local function time_of(event)
  local ms = math.tointeger(event.timestamp)
  return ms and os.date(opt.time, ms // 1000) .. (".%03d"):format(ms % 1000) or "-"
end

cdr.on("*", function(event)
  local name = ("%-25s"):format(plain(event.event))
  if coloured then name = ("\27[%dm%s\27[0m"):format(colours[event.event] or 37, name) end
  local session = event.sessionId ~= nil and plain(event.sessionId) or "-"
  local line = ("%-23s  %s  %-14s  %s"):format(time_of(event), name, session, fields(event))
  print((line:gsub("%s+$", "")))
end)
