-- Names of events that the specification does not have: a later version's, a slip, or a stranger's.
local events = require "cdr.events"
local host = require "cdr.host"

local names = {}

-- The names in small letters, and how they are spelled.
local known, spelled = {}, {}
for name in pairs(events.known) do
  known[#known + 1], spelled[name:lower()] = name:lower(), name
end
table.sort(known)

--- Reports what an event is that has no rules.
function names.check(name, report)
  local since = events.others[name]
  if since then return report("note", "event %s came with OpenVidu %s", name, since) end
  local near = spelled[host.nearest(name:lower(), known) or ""]
  if near then return report("error", "event %s is unknown (did you mean %s?)", name, near) end
  report("note", "event %s is unknown", name)
end

return names
