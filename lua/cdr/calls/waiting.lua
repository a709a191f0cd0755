-- Recordings of sessions that have ended, whose ready or failed is still to come.
local recent = require "cdr.recent"

local waiting = {}

local function key_of(id, start) return id .. " " .. start end
waiting.key_of = key_of

--- A session has ended by its own event: its recordings wait on.
function waiting.add(memory, session)
  for _, recording in pairs(session.pending) do
    recording.folder = session.folder
    recent.add(memory.waiting, key_of(recording.id, recording.startTime), recording)
  end
end

local function take(found, memory, folder)
  for _, recording in pairs(memory) do
    if not folder or recording.folder == folder then found[#found + 1] = recording end
  end
end

--- Takes out those that wait (of one folder), in the order of their ids.
function waiting.take(memory, folder)
  local found = {}
  take(found, memory.waiting.young, folder)
  take(found, memory.waiting.old, folder)
  for _, recording in ipairs(found) do
    recent.remove(memory.waiting, key_of(recording.id, recording.startTime))
  end
  table.sort(found, function(a, b)
    return key_of(a.id, a.startTime) < key_of(b.id, b.startTime)
  end)
  return found
end

return waiting
