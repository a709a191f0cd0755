-- Too many of the sessions that end were very short: people gave up.
--
-- A session's time is from the first join to the last leave; one that nobody joined is none, nor
-- one that the server ended.
local sessions = require "cdr.alerts.sessions"
local state = require "cdr.state"
local tally = require "cdr.alerts.tally"

local kept = state "alerts.short_calls" -- window

local short_calls = {
  name = "short_calls",
  options = {
    seconds = { 15, 1 }, share = { 40, 1, 100 }, count = { 10, 1 }, minutes = { 30, 1, 1440 },
  },
}

local BY_SERVER = {
  openviduServerStopped = true, nodeCrashed = true, mediaServerDisconnect = true,
  mediaServerReconnect = true,
}

local function is_call(row, event)
  return event and row.whole and row.first and not BY_SERVER[event.reason]
end

function short_calls.start(make, opt)
  local window_s = opt.minutes * 60
  local alert = make {
    resolve_after = window_s,
    summary = "{event.short} of {event.all} sessions that ended within {event.minutes} min were"
      .. " shorter than {event.seconds} s",
  }
  sessions.on("closed", function(row, event)
    if not is_call(row, event) then return end
    local at = sessions.time_of(event)
    if not kept.window then kept.window = tally.new() end
    local is_short = (row.emptied or at) - row.first < opt.seconds * 1000
    local short, all = tally.add(kept.window, window_s, at, is_short)
    if short < opt.count or short * 100 < all * opt.share then return end
    alert:fire { timestamp = at, short = short, all = all, minutes = opt.minutes,
      seconds = opt.seconds }
  end)
end

return { short_calls }
