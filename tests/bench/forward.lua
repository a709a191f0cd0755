-- Calls a handler for every event and changes nothing; run with `-w -`.
local cdr = require "cdr"

cdr.on("*", function(event) return event.sessionId ~= nil end)
