-- The model behind cdr.calls: a memory, listeners, and one function for each event.
local files = require "cdr.calls.files"
local names = require "cdr.calls.names"
local people = require "cdr.calls.people"
local recent = require "cdr.recent"
local recordings = require "cdr.calls.recordings"
local sessions = require "cdr.calls.sessions"
local streams = require "cdr.calls.streams"
local timeouts = require "cdr.calls.timeouts"
local values = require "cdr.calls.values"

local Model = {}
Model.__index = Model

local DAY_S = 86400
local CLOSED_MOST, DONE_MOST = 1000, 1000

local math_type = math.type

local takers = {
  sessionDestroyed = sessions.destroyed,
  participantJoined = people.joined,
  participantLeft = people.left,
  webrtcConnectionCreated = streams.created,
  webrtcConnectionDestroyed = streams.destroyed,
  recordingStatusChanged = recordings.changed,
  recordingStarted = recordings.started,
  recordingStopped = recordings.stopped,
}

-- Those that may also come when their session has ended.
local may_be_late = {
  recordingStatusChanged = true, recordingStarted = true, recordingStopped = true,
}

local function fill(memory)
  memory.now = memory.now or 0
  memory.open = memory.open or 0
  memory.folder = memory.folder or ""
  memory.folders = memory.folders or {}
  memory.counts = memory.counts or {}
  memory.sessions = memory.sessions or {}
  memory.closed = memory.closed or recent.new(CLOSED_MOST)
  memory.done = memory.done or recent.new(DONE_MOST)
  memory.waiting = memory.waiting or recent.new(DONE_MOST)
end

--- A model that keeps all it knows in `memory`, empty at first. options.timeout: after so many
--- seconds of silence a session is closed (a day); keep: records have the `event` of their begin.
function Model.new(memory, options)
  fill(memory)
  local timeout = options and options.timeout or DAY_S
  timeouts.set(memory, math.max(1, math.tointeger(timeout * 1000 // 1)))
  return setmetatable({ memory = memory, listeners = {}, keep = options and options.keep }, Model)
end

--- Calls fn(record) at what `name` says; raises for a name that does not exist.
function Model:on(name, fn)
  names.check(name)
  local list = self.listeners[name] or {}
  list[#list + 1] = fn
  self.listeners[name] = list
  if name:find "^participant" then self.describes = true end
end

--- Calls those who listen to `name`.
function Model:tell(name, record)
  local listeners = self.listeners[name]
  for i = 1, listeners and #listeners or 0 do listeners[i](record) end
end

function Model:count(what)
  values.add(self.memory.counts, what, 1)
end

--- What happens by time: sessions that have been silent for the timeout are closed.
function Model:advance(now)
  local memory = self.memory
  if now > memory.now then memory.now = now end
  if memory.now < memory.next_due then return end
  sessions.lose_each(self, timeouts.pass(memory), "timeout")
end

-- The clock passes what may be due.
local function pass_time(model, memory, timestamp)
  if not timeouts.believes(memory, timestamp) then return model:count "ahead" end
  model:advance(timestamp)
end

local function time_of(model, event)
  local timestamp = values.time(event.timestamp)
  if not timestamp then model:count "odd" end
  return timestamp or model.memory.now
end

-- An event that is not simply one of the open session of its id.
local function feed_other(model, event, timestamp)
  local name = event.event
  if type(event.sessionId) ~= "string" then return model:count "without_session" end
  if name == "sessionCreated" then return sessions.created(model, event, timestamp) end
  local session, take = sessions.find(model, event, timestamp), takers[name]
  if session and timestamp > session.timestamp then session.timestamp = timestamp end
  if take and (session or may_be_late[name]) then return take(model, session, event, timestamp) end
  if not session then model:count(take and "late" or "unknown") end
end

--- One CDR event. What it does not understand it counts in memory.counts.
function Model:feed(event)
  local memory, timestamp = self.memory, event.timestamp
  if math_type(timestamp) ~= "integer" or timestamp < 0 then timestamp = time_of(self, event) end
  if timestamp > memory.now then
    if timestamp < memory.next_due then
      memory.now = timestamp
    else
      pass_time(self, memory, timestamp)
    end
  end
  local session, take = memory.sessions[event.sessionId], takers[event.event]
  if not session or not take or event.uniqueSessionId ~= session.uniqueSessionId
    or timestamp < session.startTime then
    return feed_other(self, event, timestamp)
  end
  if timestamp > session.timestamp then session.timestamp = timestamp end
  return take(self, session, event, timestamp)
end

--- A file was opened; its name may tell that the process that wrote the others is dead.
function Model:file(path)
  local memory = self.memory
  if not files.open(memory, path) then return end
  local folder = memory.folder
  sessions.lose_all(self, "restart", memory.now, folder)
end

--- Where the next event comes from (cdr.place(), or nil); told where there are several folders.
function Model:from(place)
  if place then files.at(self.memory, place.file) end
end

--- The end of the input: nothing stays open.
function Model:finish(now)
  sessions.lose_all(self, "end", now or self.memory.now)
end

return Model
