-- Posts who was cut off by the network to a signed webhook, with a name that another server knows.
--
--   HOOK_SECRET=... cdrlua run examples/webhook.lua --set hook=https://ops.example/hook
--                                                   --set users=https://users.example/name?id=
local cdr = require "cdr"

local opt = cdr.options { hook = "https://ops.example/hook", users = "", seconds = 60 }
local hook = cdr.sink(opt.hook, { secret_env = "HOOK_SECRET", headers = { ["X-From"] = "cdrlua" } })

-- The name, or nil: then the event goes without.
local function name_of(id)
  if opt.users == "" then return nil end
  local answer, why = cdr.http.get(opt.users .. id, { timeout = 5 })
  if answer and answer.status == 200 then return answer.body end
  cdr.log.warn("%s: no name: %s", id, why or answer.status)
end

cdr.on("participantLeft", function(event)
  if event.reason ~= "networkDisconnect" or event.duration >= opt.seconds then return end
  event.name = name_of(event.participantId) -- other calls go on meanwhile
  hook:send(event)
end)
