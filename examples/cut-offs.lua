-- Tells when a session's network fails, and sums up each hour: examples/cut-offs.lua FILE
local cdr = require "cdr"

local opt = cdr.options { seconds = 60, most = 5 }

local cuts = cdr.window { seconds = opt.seconds, name = "cuts" }

local hours = cdr.window {
  seconds = 3600, kind = "tumbling", name = "hours", of = { "count", "mean", "p95" },
  on_close = function(reason, calls, from)
    print(("%s  %-21s %d left, after %.0f s, 95 %% within %.0f s"):format(
      os.date("!%Y-%m-%d %H:00", from // 1000), reason, calls.count, calls.mean, calls.p95))
  end,
}

cdr.on("participantLeft", function(event)
  hours:add(event.reason or "no reason given", event.duration)
  if event.reason ~= "networkDisconnect" then return end
  cuts:add(event.sessionId)
  local n = cuts:count(event.sessionId)
  if n > opt.most then
    print(("%s: %d were cut off within %d s"):format(event.sessionId, n, opt.seconds))
  end
end)

cdr.on("input.ended", function(event)
  if event.why == "end" then hours:close() end -- the last hour too, though it is not over
end)
