-- The life of a recording: started, stopped, then ready or failed; ready even after its session.
local recent = require "cdr.recent"
local sessions = require "cdr.validate.sessions"

local recordings = {}

-- What may not follow what, or is odd: level and words, by the status before and the one told.
local odd = {
  none = {
    stopped = { nil, "recording %s stopped, not seen to start" },
    ready = { nil, "recording %s is ready, not seen to start" },
    failed = { "note", "recordings that fail to start are told by OpenVidu 2.32" },
  },
  started = {
    started = { "error", "recording %s started twice" },
    ready = { "error", "recording %s is ready before it stopped" },
    failed = { "error", "recording %s failed before it stopped" },
  },
  stopped = {
    started = { "error", "recording %s started after it stopped" },
    stopped = { "error", "recording %s stopped twice" },
  },
  ready = {
    started = { "error", "recording %s started after it was ready" },
    stopped = { "error", "recording %s stopped after it was ready" },
    ready = { "note", "recordings told to be ready more than once, as by OpenVidu 2.22" },
    failed = { "error", "recording %s failed after it was ready" },
  },
  failed = {
    started = { "error", "recording %s started after it failed" },
    stopped = { "error", "recording %s stopped after it failed" },
    ready = { "error", "recording %s is ready after it failed" },
    failed = { "error", "recording %s failed twice" },
  },
}

-- A session that closes while a recording begins: stopped and failed, never started.
local function level_of_unseen(server, event)
  if event.status == "stopped" then return "warning" end
  return sessions.unseen(server, false, event.startTime)
end

-- An id is free again when its recording is done. A file that has no OpenVidu name may hold the
-- lines of more than one server.
local function begins_anew(server, old, event, report)
  if old.start == event.startTime or event.status ~= "started" then return false end
  local level = server.folder and old.status == "started" and "error" or "warning"
  report(level, "recording %s starts, and the one before (%s) never ended", event.id, old.status)
  return true
end

-- What was told of the recording last.
local function status_of(server, old, event)
  if old then return old.status end
  local done = recent.get(server.finished, event.id)
  return done and done.start == event.startTime and done.status or "none"
end

local function check(server, old, event, report)
  if old and begins_anew(server, old, event, report) then return end
  local before = status_of(server, old, event)
  local verdict = odd[before][event.status]
  if verdict then
    local level = verdict[1] or level_of_unseen(server, event)
    if level == "note" then report(level, verdict[2]) else report(level, verdict[2], event.id) end
  end
  if not old or event.status == "started" then return end
  if event.startTime ~= old.start then
    report("error", "recording %s: startTime is not that of its start", event.id)
  end
  if old.reason and event.reason and event.reason ~= old.reason then
    report("warning", "recording %s: %s with another reason than it stopped with", event.id,
      event.status)
  end
end

local statuses = { started = true, stopped = true, ready = true, failed = true }
local done = { ready = true, failed = true }

local function remember(server, old, event, place)
  if done[event.status] then
    server.recordings[event.id] = nil
    recent.add(server.finished, event.id, { status = event.status, start = event.startTime })
    return
  end
  server.recordings[event.id] = {
    status = event.status, start = event.startTime, id = event.id,
    place = event.status == "stopped" and old and old.place or place,
    reason = event.status == "stopped" and event.reason or nil,
  }
end

-- Ready and failed may come when the session is gone.
local function tell_session(server, event, place, report)
  if done[event.status] then return end
  local session = sessions.of(server, event, place, report)
  if not session then return end
  session.recording = event.status == "started" and event.id or nil
end

function recordings.changed(server, event, place, report)
  if type(event.id) ~= "string" then return end
  local old = server.recordings[event.id]
  if not statuses[event.status] then return end
  check(server, old, event, report)
  tell_session(server, event, place, report)
  remember(server, old, event, place)
end

return recordings
