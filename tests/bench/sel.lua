-- Looks at one event in fifty, the others are not even decoded.
local cdr = require "cdr"

local count, seconds = 0, 0

cdr.on("sessionDestroyed", function(event)
  count = count + 1
  seconds = seconds + event.duration
end)

cdr.on("input.ended", function() print(count .. " " .. seconds) end)
