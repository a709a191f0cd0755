-- Alerts that no script has any more: what is left of them in the state goes when a run begins, and
-- what they, or silences that are gone, have held back is told.
local held = require "cdr.alert.held"
local history = require "cdr.alert.history"
local host = require "cdr.host"
local outbox = require "cdr.alert.outbox"
local state = require "cdr.state"
local time = require "cdr.time"

local TABLES = { "cdr.alerts", "cdr.alerts.groups", "cdr.alerts.flaps", "cdr.alerts.closed" }

-- Keys of the rows of a table whose alerts are not there, in order.
local function strangers(name)
  local keys = {}
  for key, row in pairs(host.state(name).values) do
    if not held.alerts[row.name] then keys[#keys + 1] = key end
  end
  table.sort(keys)
  return keys
end

local function drop()
  local rows = state "cdr.alerts"
  for _, key in ipairs(strangers "cdr.alerts") do
    local row = rows[key]
    history.add(row.status, row.status == "firing" and "resolved" or "expired", time.now(), row)
  end
  for _, name in ipairs(TABLES) do
    local all = state(name)
    for _, key in ipairs(strangers(name)) do all[key] = nil end
  end
end

local function is_anything_kept()
  for _, name in ipairs(TABLES) do
    if next(host.state(name).values) then return true end
  end
  return false
end

local leftovers = {}

--- While loading: has it done before the first line, when all scripts are loaded.
function leftovers.watch()
  if not is_anything_kept() then return end
  local handle
  handle = host.on("file.opened", function()
    handle:off()
    drop()
    held.resumed(time.now())
    outbox.flush()
  end)
end

return leftovers
