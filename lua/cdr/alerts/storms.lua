-- The network cuts off many at once: of all who leave, and of those in one session.
--
-- Only who leaves counts, not the streams that end with him for the same reason. People who close
-- their browsers may look like this too (a networkDisconnect some seconds later), so that it takes
-- a share of all who leave besides a number.
local cdr = require "cdr"
local sessions = require "cdr.alerts.sessions"
local state = require "cdr.state"
local tally = require "cdr.alerts.tally"

local kept = state "alerts.storm" -- window

-- Counts who leaves; what to say when so many of them were cut off, else nil.
local function count(window, event, opt)
  local at, is_cut = sessions.time_of(event), event.reason == "networkDisconnect"
  local cut, all = tally.add(window, opt.seconds, at, is_cut)
  if cut < opt.count or cut * 100 < all * opt.share then return nil end
  return { timestamp = at, cut = cut, all = all, seconds = opt.seconds }
end

local SUMMARY = "the network cut off {event.cut} of {event.all} who left within {event.seconds} s"

local storm = {
  name = "storm",
  options = { count = { 10, 1 }, share = { 50, 1, 100 }, seconds = { 300, 10, 86400 } },
}

function storm.start(make, opt)
  local alert = make { severity = "critical", summary = SUMMARY, resolve_after = opt.seconds }
  cdr.on("participantLeft", function(event)
    if not kept.window then kept.window = tally.new() end
    local said = count(kept.window, event, opt)
    if said then alert:fire(said) end
  end)
end

local session_storm = {
  name = "session_storm",
  options = { count = { 5, 1 }, share = { 60, 1, 100 }, seconds = { 120, 10, 86400 } },
}

function session_storm.start(make, opt)
  local alert = make { key = "sessionId", summary = "{key}: " .. SUMMARY,
    resolve_after = opt.seconds, inhibited_by = "storm" }
  sessions.on("left", function(row, event)
    row.cuts = row.cuts or tally.new()
    local said = count(row.cuts, event, opt)
    if not said then return end
    said.sessionId = row.sessionId
    alert:fire(said)
  end)
end

return { storm, session_storm }
