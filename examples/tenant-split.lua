-- Writes each tenant's events to a file of its own: --set dir=FOLDER (default: tenants)
--
-- The tenant stands in the JSON that the application gives as clientData, as in
-- {"tenant":"acme","name":"Mike"}. A session belongs to the tenant of its first
-- participant; what comes before that, such as sessionCreated, goes to "other".
local cdr = require "cdr"

local opt = cdr.options { dir = "tenants", other = "other" }

local tenant_of = {} -- by session

-- clientData comes from strangers: only a plain word may become a file name.
local function tenant_in(event)
  local data = type(event.clientData) == "string" and cdr.json.decode(event.clientData)
  local name = type(data) == "table" and data.tenant
  return type(name) == "string" and #name <= 64 and name:match "^[%w_-]+$"
end

local function file_of(tenant)
  local sink, problem = cdr.sink(("%s/%s.jsonl"):format(opt.dir, tenant))
  return sink or error(problem, 0)
end

cdr.on("*", function(event)
  local session = event.sessionId or ""
  local tenant = tenant_of[session] or tenant_in(event)
  if session ~= "" and tenant then tenant_of[session] = tenant end
  file_of(tenant or opt.other):send(event)
  if event.event == "sessionDestroyed" then tenant_of[session] = nil end
end)
