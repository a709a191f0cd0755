-- Which sessions are open and who is in them, kept over a restart: what rules about sessions see.
--
-- A row has: sessionId, unique (uniqueSessionId, from 2.17 on), folder (of its file), created (ms),
-- whole (its sessionCreated was seen: nobody is in it unknown), people (when each joined, by
-- participantId), inside (how many), first (when the first joined), emptied (when the last left,
-- until another joins); besides what the rules put there.
--
-- A session that nobody joins is cleared away by the server after an hour, without a word
-- (OPENVIDU_SESSIONS_GARBAGE_THRESHOLD), and so are those of a server that crashed: both are told
-- as closed, without an event.
local cdr = require "cdr"
local deadlines = require "cdr.alerts.deadlines"
local host = require "cdr.host"
local processes = require "cdr.alerts.processes"
local state = require "cdr.state"
local time = require "cdr.time"
local values = require "cdr.calls.values"

local sessions = {}

local MOST = 10000 -- that are watched at once
local IDLE_MS = 75 * 60 * 1000 -- the server looks every quarter of an hour
local FORGET_S = 2 * 86400 -- of silence

local rows = state("alerts.sessions", { ttl = FORGET_S })
local store = host.state "alerts.sessions"

local listeners = { opened = {}, joined = {}, left = {}, closed = {}, restarted = {} }

--- Calls fn(row, event) when a session is "opened" or "closed" (then perhaps without an event),
--- when somebody has "joined" or "left"; and fn(folder, rows) when the server of a folder has
--- "restarted" with sessions open, before they are closed.
function sessions.on(what, fn) table.insert(listeners[what], fn) end

--- When the event happened, ms: not behind the clock, which does not believe in a far future.
function sessions.time_of(event)
  local now = time.now()
  return math.min(values.time(event.timestamp) or now, now)
end
local time_of = sessions.time_of

--- The row of a sessionId, or nil.
function sessions.get(id) return rows[id] end

--- All rows by sessionId, only to look at: behind the table's back, since what is not changed need
--- not be kept again.
function sessions.all() return store.values end

local function tell(what, ...)
  for _, fn in ipairs(listeners[what]) do fn(...) end
end

local idle -- the deadline of a session that nobody joins

local function close(row, event)
  deadlines.clear(row, "idle")
  rows[row.sessionId] = nil
  tell("closed", row, event)
end

idle = deadlines.new("idle", function(id)
  local row = rows[id]
  if row then close(row) end
end)

local is_full

local function refuse()
  if not is_full then cdr.log.warn("alerts: %d sessions are open, more are not watched", MOST) end
  is_full = true
end

-- Another that has the id is over: it is used again.
local function open(event, at)
  local id, whole = event.sessionId, event.event == "sessionCreated"
  if rows[id] then close(rows[id]) end
  if #rows >= MOST then return refuse() end
  rows[id] = { sessionId = id, unique = values.text(event.uniqueSessionId), created = at,
    folder = processes.folder(), whole = whole, people = {}, inside = 0 }
  tell("opened", rows[id], event)
  return rows[id]
end

-- The row of an event, if it is about the same session: a sessionId may be used again.
local function find(event)
  local id = event.sessionId
  local row = type(id) == "string" and rows[id]
  if not row then return nil end
  if not row.unique then row.unique = values.text(event.uniqueSessionId) end
  if (values.text(event.uniqueSessionId) or row.unique) ~= row.unique then return nil end
  return row
end
sessions.find = find

-- Before 2.19 the event is written at the first join, with the time of the creation.
local function created(event)
  local at = time_of(event)
  if type(event.sessionId) ~= "string" then return end
  local row = rows[event.sessionId]
  if row and row.created == at then return end
  row = open(event, at)
  if row then idle:set(row, "idle", at + IDLE_MS, row.sessionId) end
end

local function joined(event)
  local id, at = values.participant(event), time_of(event)
  if not id or type(event.sessionId) ~= "string" then return end
  local row = find(event) or open(event, at) -- it may have begun before the first line
  if not row or row.people[id] then return end
  deadlines.clear(row, "idle")
  row.people[id], row.inside = at, row.inside + 1
  row.first, row.emptied = row.first or at, nil
  tell("joined", row, event)
end

local function left(event)
  local row, id = find(event), values.participant(event)
  if not row or not id or not row.people[id] then return end
  row.people[id], row.inside = nil, row.inside - 1
  if row.inside == 0 then row.emptied = time_of(event) end
  tell("left", row, event)
end

local function destroyed(event)
  local row = find(event)
  if row then close(row, event) end
end

local function by_id(a, b) return a.sessionId < b.sessionId end

-- The server's process before is dead, and so is what it had open.
local function restarted(folder)
  local lost = {}
  for _, row in pairs(rows) do
    if row.folder == folder then lost[#lost + 1] = row end
  end
  if #lost == 0 then return end
  table.sort(lost, by_id)
  tell("restarted", folder, lost)
  for _, row in ipairs(lost) do close(row) end
end

--- Begins to watch.
function sessions.watch()
  cdr.on("sessionCreated", created)
  cdr.on("participantJoined", joined)
  cdr.on("participantLeft", left)
  cdr.on("sessionDestroyed", destroyed)
  processes.on_restart(restarted)
end

return sessions
