-- Sessions that are open though nobody is in them.
local deadlines = require "cdr.alerts.deadlines"
local sessions = require "cdr.alerts.sessions"
local time = require "cdr.time"

local MINUTE_MS = 60000

-- The server ends a session with its last participant, except while it is recorded: then after
-- OPENVIDU_RECORDING_AUTOSTOP_TIMEOUT, two minutes.
local ghost = { name = "ghost", deadline = "ghost", options = { minutes = { 5, 1, 1440 } } }

function ghost.start(make, opt)
  local alert = make {
    key = "sessionId", resolve_after = 86400,
    summary = "{key} is still open {event.minutes} min after everybody left",
  }
  local deadline = deadlines.new(ghost.deadline, function(id, at)
    local row = sessions.get(id)
    if not row then return end
    row.ghost, row.is_ghost = nil, true
    alert:fire { timestamp = at, sessionId = id, minutes = opt.minutes }
  end)
  sessions.on("left", function(row)
    if row.inside > 0 or not row.whole then return end
    deadline:set(row, "ghost", row.emptied + opt.minutes * MINUTE_MS, row.sessionId)
  end)
  local function over(row, event)
    deadlines.clear(row, "ghost")
    if not row.is_ghost then return end
    row.is_ghost = nil
    alert:resolve(row.sessionId, event)
  end
  sessions.on("joined", over)
  sessions.on("closed", over)
end

-- One that nobody joins is nothing; many are people who cannot come in.
local unused = {
  name = "unused", deadline = "unused",
  options = { count = { 10, 1 }, minutes = { 15, 1, 70 } },
}

-- How many there are of an earlier run.
local function count_unused()
  local count = 0
  for _, row in pairs(sessions.all()) do
    if row.is_unused then count = count + 1 end
  end
  return count
end

function unused.start(make, opt)
  local count = count_unused()
  local alert = make {
    summary = "{event.count} sessions are open that nobody joined within {event.minutes} min",
  }
  local deadline = deadlines.new(unused.deadline, function(id, at)
    local row = sessions.get(id)
    if not row then return end
    row.unused, row.is_unused = nil, true
    count = count + 1
    if count < opt.count then return end
    alert:fire { timestamp = at, count = count, minutes = opt.minutes }
  end)
  local function used(row, event)
    deadlines.clear(row, "unused")
    if not row.is_unused then return end
    row.is_unused = nil
    count = count - 1
    if count == opt.count - 1 then alert:resolve(event or { timestamp = time.now() }) end
  end
  sessions.on("opened", function(row)
    if not row.whole then return end
    deadline:set(row, "unused", row.created + opt.minutes * MINUTE_MS, row.sessionId)
  end)
  sessions.on("joined", used)
  sessions.on("closed", used)
end

return { ghost, unused }
