-- A recording fails, or is not ready some time after it stopped or its session ended.
--
-- The `started` line may come seconds late, `ready` more than once, and from 2.32 on `failed` alone.
local cdr = require "cdr"
local deadlines = require "cdr.alerts.deadlines"
local sessions = require "cdr.alerts.sessions"
local state = require "cdr.state"
local time = require "cdr.time"
local values = require "cdr.calls.values"

local MOST = 20000 -- that are waited for

-- What a recording is called: its id may be used again with its session's.
local function key_of(event)
  local start = values.time(event.startTime) or values.time(event.timestamp)
  return ("%s %s"):format(event.id, start)
end

local failed = { name = "recording_failed", options = { seconds = { 3600, 10, 86400 } } }

function failed.start(make, opt)
  local alert = make {
    key = "recording", labels = { "sessionId" }, resolve_after = opt.seconds,
    summary = "recording {key} of {labels.sessionId} failed, of {event.seconds} s"
  }
  cdr.on("recordingStatusChanged", function(event)
    if event.status == "failed" then
      alert:fire(event.id, { timestamp = event.timestamp, sessionId = event.sessionId,
        seconds = values.seconds(event.duration, 0, 0) })
    elseif event.status == "ready" then
      alert:resolve(event.id, event)
    end
  end)
end

local late = { name = "recording_late", options = { minutes = { 10, 1, 10080 } } }

-- Waits for what the key names, from now on.
local function wait(self, key, at)
  local row = self.rows[key]
  if row and not row.timer then self.deadline:set(row, "timer", at + self.wait_ms, key) end
end

local function started(self, event)
  local key, session = key_of(event), sessions.find(event)
  if self.rows[key] or #self.rows >= MOST then return end
  self.rows[key] = { id = event.id, sessionId = event.sessionId }
  if not session then return end
  session.recordings = session.recordings or {}
  session.recordings[key] = true
end

local takers = { started = started }

function takers.stopped(self, event)
  started(self, event)
  wait(self, key_of(event), event.timestamp)
end

function takers.ready(self, event)
  local key, session = key_of(event), sessions.find(event)
  local row = self.rows[key]
  if session and session.recordings then session.recordings[key] = nil end
  if row then self.deadline:clear(row, "timer") end
  self.rows[key] = nil
  self.alert:resolve(event.id, event)
end

takers.failed = takers.ready

local function overdue(self, key, at)
  local row = self.rows[key]
  if not row then return end
  self.rows[key] = nil
  self.alert:fire(row.id, { timestamp = at, sessionId = row.sessionId, minutes = self.minutes })
end

function late.start(make, opt)
  local self = { minutes = opt.minutes, wait_ms = opt.minutes * 60000,
    rows = state "alerts.recordings" }
  self.alert = make {
    key = "recording", labels = { "sessionId" }, resolve_after = 86400,
    summary = "recording {key} of {labels.sessionId} is not ready"
      .. " {event.minutes} minutes after its end",
  }
  self.deadline = deadlines.new("recording", function(key, at) overdue(self, key, at) end)
  cdr.on("recordingStatusChanged", function(event)
    local take = takers[event.status]
    if take and type(event.id) == "string" then take(self, event) end
  end)
  sessions.on("closed", function(row)
    for key in pairs(row.recordings or {}) do wait(self, key, time.now()) end
  end)
end

return { failed, late }
