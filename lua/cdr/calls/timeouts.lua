-- Finds sessions that have been silent for too long, without looking at all of them.
--
-- Each open session stands in one slot of time, the one in which it would be due if nothing more
-- came of it. When that slot has passed, a session that was heard of since moves to a later one.
local host = require "cdr.host"

local timeouts = {}

local AHEAD_MS = 3600 * 1000 -- so much ahead of the machine's clock a timestamp is not believed
local SLOTS = 64 -- to a timeout: so much finer is what a session may be closed late

local function watch(memory, session)
  local slot = (math.max(session.timestamp, session.opened) + memory.timeout) // memory.slot_ms + 1
  local due = memory.due[slot]
  if not due then
    due = {}
    memory.due[slot] = due
  end
  due[session.sessionId] = true
  session.due = slot
end
timeouts.watch = watch

--- A session has ended.
function timeouts.forget(memory, session)
  local due = memory.due[session.due]
  if due then due[session.sessionId] = nil end
end

--- Sets the timeout (ms): of a new memory, or of one that had another.
function timeouts.set(memory, timeout)
  if memory.timeout == timeout then return end
  memory.timeout = timeout
  memory.slot_ms = math.max(1, timeout // SLOTS)
  memory.due, memory.passed = {}, memory.now // memory.slot_ms
  memory.next_due = (memory.passed + 1) * memory.slot_ms
  for _, session in pairs(memory.sessions) do watch(memory, session) end
end

local function pass(memory, slot, silent)
  local due = memory.due[slot] or {}
  memory.due[slot] = nil
  for id in pairs(due) do
    local session = memory.sessions[id]
    if session.timestamp + memory.timeout <= memory.now then
      silent[#silent + 1] = session
    else
      watch(memory, session)
    end
  end
end

--- Whether a timestamp may move memory.now.
function timeouts.believes(memory, timestamp)
  return timestamp <= memory.now + AHEAD_MS or timestamp <= host.wall() + AHEAD_MS
end

--- The sessions whose time is over at memory.now, in no order.
function timeouts.pass(memory)
  local silent = {}
  local last = memory.now // memory.slot_ms
  -- nothing stands further ahead than a timeout from when it was last looked
  for slot = memory.passed + 1, math.min(last, memory.passed + SLOTS * 2 + 2) do
    pass(memory, slot, silent)
  end
  memory.passed, memory.next_due = last, (last + 1) * memory.slot_ms
  return silent
end

return timeouts
