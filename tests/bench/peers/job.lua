-- The jobs as one writes them by hand with Lua 5.4 and lua-cjson: job.lua h1|h2|h3|sel FILE
local json = require "cjson"

local job, path = arg[1], arg[2]
local out = io.stdout
out:setvbuf("full", 1 << 20)

local function emit(name, event) out:write(json.encode { [name] = event }, "\n") end

local jobs = {}

function jobs.h1()
  local counts = {}
  local function on_event(name) counts[name] = (counts[name] or 0) + 1 end
  local function on_end()
    local words = {}
    for name, count in pairs(counts) do words[#words + 1] = name .. "=" .. count end
    table.sort(words)
    out:write(table.concat(words, " "), "\n")
  end
  return on_event, on_end
end

function jobs.h2()
  local wanted = { disconnect = true, lastParticipantLeft = true }
  return function(name, event)
    local duration = event.duration
    if not duration or duration <= 60 or not wanted[event.reason] then return end
    event.minutes = duration // 60
    emit(name, event)
  end
end

function jobs.h3()
  local sessions = {}
  return function(name, event)
    local id = event.sessionId
    local s = sessions[id]
    if not s then
      s = { sessionId = id, events = 0, joined = 0, left = 0, streams = 0, seconds = 0 }
      sessions[id] = s
    end
    s.events = s.events + 1
    if name == "participantJoined" then
      s.joined = s.joined + 1
    elseif name == "participantLeft" then
      s.left = s.left + 1
      s.seconds = s.seconds + event.duration
    elseif name == "webrtcConnectionCreated" then
      s.streams = s.streams + 1
    elseif name == "sessionDestroyed" then
      sessions[id] = nil
      emit("sessionSummary", s)
    end
  end
end

function jobs.sel()
  local count, seconds = 0, 0
  local function on_event(name, event)
    if name ~= "sessionDestroyed" then return end
    count = count + 1
    seconds = seconds + event.duration
  end
  return on_event, function() out:write(("%d %d\n"):format(count, seconds)) end
end

local on_event, on_end = jobs[job]()
for line in io.lines(path) do on_event(next(json.decode(line))) end
if on_end then on_end() end
