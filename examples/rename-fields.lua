-- Gives fields the names another system expects: cdrlua run examples/rename-fields.lua -w -
local cdr = require "cdr"

local new_names = {
  sessionId = "room",
  participantId = "user",
  duration = "seconds",
}

cdr.on("*", function(event)
  for old, new in pairs(new_names) do
    if event[old] ~= nil then
      event[new], event[old] = event[old], nil
    end
  end
  if event.timestamp then
    event.time = os.date("!%Y-%m-%dT%H:%M:%SZ", event.timestamp // 1000)
  end
end)
