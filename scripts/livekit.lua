-- Makes standard events of LiveKit's webhooks (--set profile=2.16|2.32 inbound=auto timeout=S).
local cdr = require "cdr"
local livekit = require "cdr.livekit"

local opt = cdr.options { profile = "2.16", inbound = "none", timeout = 86400 }

if opt.inbound ~= "none" and opt.inbound ~= "auto" then
  error(("--set inbound=%s: must be none or auto"):format(opt.inbound), 0)
end

-- Alone on the road and without -w, the events are meant for standard output.
local output = #cdr.args.scripts == 1 and not cdr.args.forwards and cdr.sink "-"
local function emit(event)
  if output then output:send(event) else cdr.emit(event) end
end

local reader = livekit.new({}, {
  profile = opt.profile, inbound = opt.inbound == "auto", timeout = opt.timeout, emit = emit,
})

-- A webhook is no event of OpenVidu.
cdr.fail_closed()

cdr.on("*", function(webhook)
  reader:webhook(webhook)
  return false
end)

cdr.on("input.ended", function() reader:flush() end)
