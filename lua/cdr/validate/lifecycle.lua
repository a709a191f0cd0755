-- What a server's events say one after the other, against what can happen in a server.
--
-- Timestamps are not compared from line to line: lines are written late. All memory is in the
-- server's table: what is open, and a fixed number of ids of what has ended.
local people = require "cdr.validate.people"
local recordings = require "cdr.validate.recordings"
local recent = require "cdr.recent"
local sessions = require "cdr.validate.sessions"
local streams = require "cdr.validate.streams"

local lifecycle = {}

local LATELY = 1000 -- ended sessions and recordings remembered

local steps = {
  sessionCreated = sessions.created,
  sessionDestroyed = sessions.destroyed,
  participantJoined = people.joined,
  participantLeft = people.left,
  webrtcConnectionCreated = streams.created,
  webrtcConnectionDestroyed = streams.destroyed,
  recordingStatusChanged = recordings.changed,
  filterEventDispatched = people.filtered,
  signalSent = sessions.of,
}

-- These are written at their timestamp, but for other threads: what is newer than the first of
-- them, and a second, began in the log.
local on_time = {
  sessionDestroyed = true, participantLeft = true, webrtcConnectionDestroyed = true,
}
local THREADS_MS = 1000

--- A server whose log is read from here on. `folder` is where its files are, or nil.
function lifecycle.new(folder)
  return {
    folder = folder, sessions = {}, recordings = {}, ended = recent.new(LATELY),
    finished = recent.new(LATELY), floor = nil,
  }
end

--- The next event; `report(level, format, ...)` is called with each finding. What it does not
--- understand (no id, no time) it passes over.
function lifecycle.follow(server, event, place, report)
  local step = steps[event.event]
  if not step or type(event.sessionId) ~= "string" then return end
  if math.type(event.timestamp) ~= "integer" then return end
  if not server.floor and on_time[event.event] then
    server.floor = event.timestamp + THREADS_MS
  end
  step(server, event, place, report)
end

return lifecycle
