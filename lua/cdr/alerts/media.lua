-- Somebody joins but neither sends nor receives, though there is something to receive.
local cdr = require "cdr"
local deadlines = require "cdr.alerts.deadlines"
local in_order = require "cdr.alerts.in_order"
local sessions = require "cdr.alerts.sessions"
local values = require "cdr.calls.values"

local no_media = {
  name = "no_media", deadline = "media", options = { seconds = { 10, 1, 3600 } },
}

-- A row's `dry` are those without any media so far, by participantId: the number of their timer,
-- false while there is nothing to receive, true when it was told. `sending` are those who send.

local function is_anybody_sending(row, but)
  for id in pairs(row.sending or {}) do
    if id ~= but then return true end
  end
  return false
end

-- The seconds of all who wait in vain begin.
local function arm(self, row, at)
  for id, timer in in_order(row.dry) do
    if not timer and is_anybody_sending(row, id) then
      row.dry[id] = self.deadline:at(at + self.wait_ms, { row.sessionId, id })
    end
  end
end

local function wet(self, row, id, event)
  local timer = row.dry and row.dry[id]
  if timer == nil then return end
  row.dry[id] = nil
  if timer == true then return self.alert:resolve(id, event) end
  if timer then deadlines.cancel(timer) end
end

local function joined(self, row, event)
  row.dry = row.dry or {}
  row.dry[values.participant(event)] = false
  arm(self, row, sessions.time_of(event))
end

local function left(self, row, event)
  local id = values.participant(event)
  if row.sending then row.sending[id] = nil end
  wet(self, row, id, event)
end

local function closed(self, row, event)
  for id in in_order(row.dry or {}) do wet(self, row, id, event) end
end

-- Most events are those of people who have media already.
local function is_news(event, id)
  local row = sessions.all()[event.sessionId]
  return row and (event.connection == "OUTBOUND" or row.dry and row.dry[id] ~= nil)
end

local function created(self, event)
  local id = values.participant(event)
  local row = id and event.sessionId and is_news(event, id) and sessions.find(event)
  if not row then return end
  wet(self, row, id, event)
  if event.connection ~= "OUTBOUND" then return end
  row.sending = row.sending or {}
  row.sending[id] = true
  if row.dry then arm(self, row, sessions.time_of(event)) end
end

local function destroyed(event)
  local row, id = sessions.find(event), values.participant(event)
  if id and row and row.sending then row.sending[id] = nil end
end

local function due(self, session_id, id, at)
  local row = sessions.get(session_id)
  if not row or not row.dry or not row.dry[id] then return end
  row.dry[id] = is_anybody_sending(row, id)
  if not row.dry[id] then return end
  self.alert:fire(id, { timestamp = at, sessionId = session_id, seconds = self.seconds })
end

function no_media.start(make, opt)
  local self = { seconds = opt.seconds, wait_ms = opt.seconds * 1000 }
  self.alert = make {
    key = "participantId", labels = { "sessionId" }, group_by = "sessionId", group_wait = 10,
    hold = 30, -- so that it is not over before it was told
    inhibited_by = { "media_server", "node_crashed" }, resolve_after = 3600,
    summary = "{key} has neither sent nor received in {labels.sessionId} for {event.seconds} s",
  }
  self.deadline = deadlines.new(no_media.deadline, function(value, at)
    due(self, value[1], value[2], at)
  end)
  sessions.on("joined", function(row, event) joined(self, row, event) end)
  sessions.on("left", function(row, event) left(self, row, event) end)
  sessions.on("closed", function(row, event) closed(self, row, event) end)
  cdr.on("webrtcConnectionCreated", function(event) created(self, event) end)
  cdr.on("webrtcConnectionDestroyed", function(event)
    if event.connection == "OUTBOUND" then destroyed(event) end
  end)
end

return { no_media }
