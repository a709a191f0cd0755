-- No event at all for a long time while people should be there.
local cdr = require "cdr"
local state = require "cdr.state"
local time = require "cdr.time"

local kept = state "alerts.no_events" -- last: of the last event; looked, since: see below

local no_events = {
  name = "no_events",
  options = { minutes = { 120, 1, 1440 }, hours = "8-17", days = "mon-fri" },
}

local MINUTE_MS = 60000
local GRAIN_MS = 1000 -- the last event is known so exactly

-- Since when there could have been events: the last one, or since it is open again. Asked each
-- minute while it is open.
local function silent_since(at)
  if not kept.looked or at - kept.looked > MINUTE_MS then kept.since = at end
  kept.looked = at
  return math.max(kept.last, kept.since)
end

local function each_minute(opt, fn)
  local line = ("* %s * * %s"):format(opt.hours, opt.days)
  local right, problem = pcall(cdr.at, line, fn)
  if right then return end
  error(('--set no_events_hours="%s" no_events_days="%s": %s'):format(opt.hours, opt.days,
    tostring(problem):gsub("^.-cdr%.at: ", "")), 0)
end

function no_events.start(make, opt)
  local alert = make {
    severity = "critical", summary = "no event for {event.minutes} min",
  }
  each_minute(opt, function(at)
    if not kept.last then return end
    local silent_ms = at - silent_since(at)
    if silent_ms < opt.minutes * MINUTE_MS or kept.told then return end
    kept.told = true
    alert:fire { timestamp = at, minutes = opt.minutes }
  end)
  local next_look = (kept.last or 0) + GRAIN_MS
  cdr.on("*", function(event)
    local now = time.now()
    if now < next_look then return end
    kept.last, next_look = now, now + GRAIN_MS
    if not kept.told then return end
    kept.told = nil
    alert:resolve(event)
  end)
end

return { no_events }
