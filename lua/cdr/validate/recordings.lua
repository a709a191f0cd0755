-- The life of a recording: started, stopped, then ready or failed; ready even after its session.
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
    stopped = { "error", "recording %s stopped after it was ready" },
    ready = { "note", "recordings told to be ready more than once, as by OpenVidu 2.22" },
    failed = { "error", "recording %s failed after it was ready" },
  },
  failed = {
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

local function check(server, old, before, event, report)
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

local done = { ready = true, failed = true }

local function remember(server, old, event, place)
  if done[event.status] then
    server.recordings[event.id] = nil
    server.finished:add(event.id, event.status)
    return
  end
  server.recordings[event.id] = {
    status = event.status, start = event.startTime, id = event.id, place = old and old.place or place,
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
  local before = old and old.status or server.finished:get(event.id) or "none"
  if not odd.none[event.status] and event.status ~= "started" then return end
  if not old and event.status == "started" then before = "none" end -- an id is used again
  check(server, old, before, event, report)
  tell_session(server, event, place, report)
  remember(server, old, event, place)
end

return recordings
