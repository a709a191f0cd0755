-- Keeps ends of over a minute by leaving, and adds the minutes; run with `-w -`.
local cdr = require "cdr"

local WANTED = { disconnect = true, lastParticipantLeft = true }

cdr.on("*", function(event)
  local duration = event.duration
  if not duration or duration <= 60 or not WANTED[event.reason] then return false end
  event.minutes = duration // 60 | 0
end)
