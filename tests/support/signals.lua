-- Says shortly what happens in a server, and tells shortly what events come of it: for specs of
-- the generator.
local rules = require "tests.support.rules"
local support = require "tests.support"

local signals = {}

local BASE_MS = 1600000000000

-- What the words behind verb and session mean.
local words_of = {
  join = { "participantId" }, leave = { "participantId", "reason" },
  publish = { "participantId" }, unpublish = { "participantId", "reason" },
  subscribe = { "participantId", "receivingFrom" },
  unsubscribe = { "participantId", "receivingFrom" },
  filterEvent = { "participantId", "filterType", "eventType" },
  recordingReady = { "id" }, signal = { "from" },
}

local function json(text)
  if tonumber(text) or text == "true" or text == "false" or text == "null" or text:find "^%[" then
    return text
  end
  return '"' .. text:gsub('["\\]', "\\%0") .. '"'
end

-- "3 subscribe A q p key=value" is {"subscribe":{"sessionId":"A","timestamp":...,...}}, three
-- seconds after the beginning. A dash stands for no session.
function signals.line(text)
  local at, verb, session, rest = text:match "^(%S+) (%S+) ?(%S*)(.*)$"
  local fields = { ('"timestamp":%d'):format(BASE_MS + tonumber(at) * 1000) }
  if session ~= "" and session ~= "-" then fields[2] = '"sessionId":' .. json(session) end
  local nth = 0
  for word in rest:gmatch "%S+" do
    local key, value = word:match "^([%w_]+)=(.*)$"
    if not key then
      nth = nth + 1
      key, value = (words_of[verb] or {})[nth] or nth, word
    end
    fields[#fields + 1] = ('"%s":%s'):format(key, json(value))
  end
  return ('{"%s":{%s}}'):format(verb, table.concat(fields, ","))
end

-- Prints each event in a few words: its time in seconds, and what tells it from the others.
local TELL = [[
local cdr = require "cdr"
local tell = {}
local function at(ms) return ("%g"):format((ms - 1600000000000) / 1000) end
local function by(e) return e.receivingFrom and e.participantId .. "<" .. e.receivingFrom
  or e.participantId end
function tell.sessionCreated() return "created" end
function tell.sessionDestroyed(e) return "destroyed", e.duration, e.reason end
function tell.participantJoined(e) return "joined", by(e) end
function tell.participantLeft(e) return "left", by(e), e.duration, e.reason end
function tell.webrtcConnectionCreated(e) return "+" .. by(e) end
function tell.webrtcConnectionDestroyed(e) return "-" .. by(e), e.duration, e.reason end
function tell.recordingStatusChanged(e)
  return "recording", e.id, e.status, e.duration, e.size, e.reason
end
function tell.filterEventDispatched(e) return "filter", e.streamId, e.eventType end
function tell.signalSent(e)
  return "signal", e.from == cdr.null and "nobody" or e.from, #e.to, e.type, e.data
end
function tell.nodeCrashed(e)
  return "node", e.id, "sessions", #e.sessionIds, "recordings", #e.recordingIds
end
cdr.on("*", function(e)
  local words = { tell[e.event](e) }
  for i, word in ipairs(words) do words[i] = tostring(word) end
  print(at(e.timestamp) .. " " .. (e.sessionId or "-") .. " " .. table.concat(words, " "))
end)
]]

-- Runs a script on lines: the events in few words, what was written to standard error, and the
-- rejected lines.
function signals.told_by(script, lines, options)
  local folder = support.folder()
  support.write_file(folder .. "/tell.lua", TELL)
  support.write_file(folder .. "/input.jsonl", table.concat(lines, "\n") .. "\n")
  local words = { "run", "--once", "-s", script, "-s", "tell.lua", "input.jsonl",
    "--rejects", "rejects.jsonl", cwd = folder }
  for _, option in ipairs(options or {}) do
    words[#words + 1] = "--set"
    words[#words + 1] = option
  end
  local _, out, errors = support.run(words)
  return rules.lines(out), errors, rules.lines(support.read_file(folder .. "/rejects.jsonl"))
end

-- The same of the script `standard` and signals as above.
function signals.run(texts, options)
  local lines = {}
  for i, text in ipairs(texts) do lines[i] = signals.line(text) end
  return signals.told_by("standard", lines, options)
end

return signals
