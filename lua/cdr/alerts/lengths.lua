-- A session lasts too long, or has too many participants.
local deadlines = require "cdr.alerts.deadlines"
local sessions = require "cdr.alerts.sessions"

local HOLD_S = 60 -- so long it is told at least

local long_session = {
  name = "long_session", deadline = "long", options = { hours = { 8, 0.01, 720 } },
}

-- It counts from the first join: sessions are made long before, or never joined.
function long_session.start(make, opt)
  local limit_ms = math.tointeger(opt.hours * 3600000 // 1)
  local alert = make {
    key = "sessionId", severity = "info", resolve_after = 7 * 86400,
    summary = "{key} has been going on for {event.hours} h, {event.inside} are in it",
  }
  local function check(row, at)
    if row.is_long or row.inside == 0 or at < row.first + limit_ms then return end
    row.is_long = true
    alert:fire { timestamp = at, sessionId = row.sessionId, hours = opt.hours,
      inside = row.inside }
  end
  local deadline = deadlines.new(long_session.deadline, function(id, at)
    local row = sessions.get(id)
    if not row then return end
    row.long = nil
    check(row, at)
  end)
  sessions.on("joined", function(row, event)
    local at = sessions.time_of(event)
    if at == row.first and row.inside == 1 then
      deadline:set(row, "long", at + limit_ms, row.sessionId)
    end
    check(row, at)
  end)
  sessions.on("closed", function(row, event)
    deadlines.clear(row, "long")
    if row.is_long then alert:resolve(row.sessionId, event) end
  end)
end

local crowd = { name = "crowd", options = { people = { 50, 1 } } }

function crowd.start(make, opt)
  local alert = make {
    key = "sessionId", hold = HOLD_S, resolve_after = 7 * 86400,
    summary = "{key} has {event.people} participants, more than {event.most}",
  }
  sessions.on("joined", function(row, event)
    if row.inside <= opt.people then return end
    alert:fire { timestamp = sessions.time_of(event), sessionId = row.sessionId,
      people = row.inside, most = opt.people }
  end)
  sessions.on("left", function(row, event) -- another number may have been set before
    if row.inside <= opt.people then alert:resolve(row.sessionId, event) end
  end)
  sessions.on("closed", function(row, event) alert:resolve(row.sessionId, event) end)
end

return { long_session, crowd }
