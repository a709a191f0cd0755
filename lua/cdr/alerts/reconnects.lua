-- One user joins a session again and again.
--
-- A participantId is new with each connection: who it is, serverData or clientData tell (2.12 and
-- later). Many may have the same name, so that joins count only with about as many leaves.
local fields = require "cdr.alert.fields"
local host = require "cdr.host"
local memo = require "cdr.report.memo"
local sessions = require "cdr.alerts.sessions"
local tally = require "cdr.alerts.tally"
local users = require "cdr.report.user"
local values = require "cdr.calls.values"

local MOST = 200 -- users of a session who are counted at once
local SHOWN = 80 -- bytes of a user that are told

local reconnects = {
  name = "reconnects",
  options = { count = { 5, 2 }, seconds = { 120, 10, 86400 }, user = "" },
}

-- {"clientData":"Ada"} is Ada; what says more is told as it is.
local function name_of(text)
  local data = host.json_decode(text)
  if type(data) ~= "table" then return text end
  local key, value = next(data)
  local is_name = type(value) == "string" and value ~= "" and next(data, key) == nil
  return is_name and value or text
end

local function is_said(text) return text ~= nil and text ~= "" end

-- What tells of an event who it is, or nil.
local function reader(path)
  if path ~= "" then return users.reader(path, "reconnects_user") end
  local known = memo(name_of) -- the same people come again
  return function(event)
    local server, client = values.text(event.serverData), values.text(event.clientData)
    local text = is_said(server) and server or is_said(client) and client
    return text and known(text) or nil
  end
end

-- Users of whom nothing was heard for the whole window go.
local function prune(row, seconds, at)
  local count = 0
  for user, window in pairs(row.users) do
    if tally.is_over(window, seconds, at) then row.users[user] = nil else count = count + 1 end
  end
  row.known = count
end

-- The user's joins and leaves, as things counted of which the joins are hits; nil: too many users.
-- What strangers say of themselves may be long: it is not kept.
local function window_of(row, who, seconds, at)
  local user = fields.text(who)
  row.users, row.known = row.users or {}, row.known or 0
  if row.users[user] then return row.users[user] end
  if row.known >= MOST then prune(row, seconds, at) end
  if row.known >= MOST then return nil end
  row.users[user], row.known = tally.new(), row.known + 1
  return row.users[user]
end

function reconnects.start(make, opt)
  local who = reader(opt.user)
  local alert = make {
    key = { "sessionId", "user" }, resolve_after = opt.seconds,
    summary = "{labels.user} joined {labels.sessionId} {event.joins} times within"
      .. " {event.seconds} s",
  }
  local function count(row, event, is_join)
    local user = who(event)
    local at = sessions.time_of(event)
    local window = user and window_of(row, user, opt.seconds, at)
    if not window then return end
    local joins, all = tally.add(window, opt.seconds, at, is_join)
    if not is_join or joins < opt.count or all - joins < opt.count - 1 then return end
    alert:fire { timestamp = at, sessionId = row.sessionId, user = fields.cut(user, SHOWN),
      joins = joins, seconds = opt.seconds }
  end
  sessions.on("joined", function(row, event) count(row, event, true) end)
  sessions.on("left", function(row, event) count(row, event, false) end)
end

return { reconnects }
