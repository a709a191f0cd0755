-- What a model of calls tells of.
local host = require "cdr.host"

local names = {}

local known = {
  "session.opened", "session.closed", "participant.joined", "participant.left", "stream.closed",
  "recording.ready", "recording.failed",
}

local is_known = {}
for _, name in ipairs(known) do is_known[name] = true end

--- Raises where the caller of its caller gave a name that does not exist.
function names.check(name)
  if is_known[name] then return end
  name = tostring(name):sub(1, 100)
  error(('calls tell nothing named "%s" (did you mean "%s"?)'):format(name,
    host.nearest(name, known, 100) or known[1]), 3)
end

return names
