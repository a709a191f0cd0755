-- A recording fails, or is not ready some time after it stopped or its session ended.
--
-- The `started` line may come seconds late, `ready` more than once, and from 2.32 on `failed` alone
-- and without a reason, of a recording that cannot start.
local cdr = require "cdr"
local deadlines = require "cdr.alerts.deadlines"
local in_order = require "cdr.alerts.in_order"
local sessions = require "cdr.alerts.sessions"
local state = require "cdr.state"
local time = require "cdr.time"
local values = require "cdr.calls.values"

local MOST = 10000 -- that are waited for
local FORGET_S = 2 * 86400 -- of silence: what started and never ends, or whose session does not

-- What is said of a recording: its id may be used again with its session's, so that its start
-- belongs to its key.
local function new(event)
  return { timestamp = sessions.time_of(event), sessionId = event.sessionId, recording = event.id,
    startTime = values.time(event.startTime) or sessions.time_of(event) }
end

local function key_of(said) return ("%s %d"):format(said.recording, said.startTime) end

-- Calls take[status](said, event) for each event that says which recording it is about.
local function on_status(take)
  cdr.on("recordingStatusChanged", function(event)
    local fn = take[event.status]
    if fn and type(event.id) == "string" then fn(new(event), event) end
  end)
end

local KEY = { "recording", "startTime" }

local failed = { name = "recording_failed", options = { seconds = { 3600, 10, 86400 } } }

function failed.start(make, opt)
  local alert = make {
    key = KEY, labels = { "sessionId" }, resolve_after = opt.seconds,
    summary = "recording {labels.recording} of {labels.sessionId} failed{event.why}",
  }
  on_status {
    failed = function(said, event)
      local reason, has_lasted = values.text(event.reason), values.bytes(event.size) > 0
      said.why = reason and (" (%s)"):format(reason) or has_lasted and "" or " to start"
      alert:fire(said)
    end,
    ready = function(said) alert:resolve(said) end,
  }
end

local late = {
  name = "recording_late", deadline = "recording", options = { minutes = { 10, 1, 10080 } },
}

-- Its end is there, or its session's: from now on it is waited for.
local function wait(self, key, at)
  local row = self.rows[key]
  if row and not row.timer then self.deadline:set(row, "timer", at + self.wait_ms, key) end
end

local function started(self, said)
  local key, session = key_of(said), sessions.find(said)
  if self.rows[key] or #self.rows >= MOST then return end
  self.rows[key] = { recording = said.recording, startTime = said.startTime,
    sessionId = said.sessionId }
  if not session then return end
  session.recordings = session.recordings or {}
  session.recordings[key] = true
end

local function stopped(self, said)
  started(self, said)
  wait(self, key_of(said), said.timestamp)
end

local function done(self, said)
  local key, session = key_of(said), sessions.find(said)
  local row = self.rows[key]
  if session and session.recordings then session.recordings[key] = nil end
  if row then deadlines.clear(row, "timer") end
  self.rows[key] = nil
  self.alert:resolve(said)
end

local function overdue(self, key, at)
  local row = self.rows[key]
  if not row then return end
  self.rows[key] = nil
  self.alert:fire { timestamp = at, sessionId = row.sessionId, recording = row.recording,
    startTime = row.startTime, minutes = self.minutes }
end

function late.start(make, opt)
  local self = { minutes = opt.minutes, wait_ms = opt.minutes * 60000,
    rows = state("alerts.recordings", { ttl = FORGET_S + opt.minutes * 60 }) }
  self.alert = make {
    key = KEY, labels = { "sessionId" }, resolve_after = 86400,
    summary = "recording {labels.recording} of {labels.sessionId} is not ready"
      .. " {event.minutes} min after its end",
  }
  self.deadline = deadlines.new(late.deadline, function(key, at) overdue(self, key, at) end)
  local function finish(said) done(self, said) end
  on_status {
    started = function(said) started(self, said) end,
    stopped = function(said) stopped(self, said) end,
    ready = finish, failed = finish,
  }
  sessions.on("closed", function(row)
    for key in in_order(row.recordings or {}) do wait(self, key, time.now()) end
  end)
end

return { failed, late }
