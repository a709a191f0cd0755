-- Alerts as rows of the state table "cdr.alerts", with what happens when one changes.
local alike = require "cdr.alert.alike"
local clock = require "cdr.alert.clock"
local closed = require "cdr.alert.closed"
local flaps = require "cdr.alert.flaps"
local groups = require "cdr.alert.groups"
local held = require "cdr.alert.held"
local history = require "cdr.alert.history"
local host = require "cdr.host"
local kept = require "cdr.alert.kept"
local machine = require "cdr.alert.machine"
local outbox = require "cdr.alert.outbox"
local silences = require "cdr.alert.silences"
local state = require "cdr.state"
local time = require "cdr.time"

local life = {}

local DRAFTED = { "name", "key", "severity", "group", "labels" }

local rows = state "cdr.alerts"

local function id_of(alert, key) return alert.name .. "/" .. key end

-- Nothing of it is left but its history.
local function forget(alert, row)
  clock.disarm(row)
  rows[id_of(alert, row.key)] = nil
  alert.count = alert.count - 1
  alert.held:remove(row.key)
end

local function tell(alert, from, to, at, row)
  history.add(from, to, at, row)
  if to == "firing" then
    alert.firing:add(row.key, row.labels)
    return flaps.fires(alert, row, at)
  end
  if to == "pending" then return end
  if from == "firing" then groups.pass(alert, row.group, at) end
  alert.firing:remove(row.key)
  forget(alert, row)
  if from ~= "firing" then return end
  flaps.ends(alert, row, at)
  held.released(alert, row.labels, at)
end

-- Does one thing of the machine with a row, and comes again when it says so.
local function step(alert, row, what, at)
  row = machine[what](alert.spec.limits, row, at, alert.tell)
  if row then
    clock.arm(alert, row, "row", row.key, (machine.due(alert.spec.limits, row)))
  end
  return row
end

--- What an alert has of its rows when the program begins.
function life.load(alert)
  alert.rows, alert.count = rows, 0
  alert.members, alert.firing, alert.held = {}, alike.new(), alike.new()
  closed.load(alert)
  alert.groups, alert.flaps = kept.count(alert, "group"), kept.count(alert, "flap")
  for _, row in kept.each(alert, "row") do
    alert.count = alert.count + 1
    if row.status == "firing" then
      alert.firing:add(row.key, row.labels)
      groups.join(alert, row)
    end
    held.remember(alert, row)
  end
end

--- The row under that key as it is at that time, or nil.
function life.find(alert, key, at)
  local row = rows[id_of(alert, key)]
  return row and step(alert, row, "pass", at)
end

--- Adds a row with what the draft has of `name`, `key`, `severity`, `group` and `labels`, unless
--- there is one by now; nil when there are too many. (What was a row may be over by now, too.)
function life.add(alert, draft, at)
  local id = id_of(alert, draft.key)
  if rows[id] then return rows[id] end
  if alert.count >= alert.spec.limit then return nil end
  local row = machine.new(at)
  for _, name in ipairs(DRAFTED) do row[name] = draft[name] end
  alert.count = alert.count + 1
  rows[id] = row
  return rows[id]
end

function life.fire(alert, row, at) step(alert, row, "fire", at) end
function life.resolve(alert, row, at) step(alert, row, "resolve", at) end

-- Silences are others than before.
silences.listen(function(at)
  held.changed(at)
  outbox.flush()
end)

local function row_due(alert, key, at)
  local row = rows[id_of(alert, key)]
  if not row then return end
  clock.ran(row)
  step(alert, row, "pass", at)
end

local TASKS = { row = row_due, group = groups.due, flap = flaps.due }

-- With other options than in the run before, a row may be due earlier than its timer; of another
-- script, it has none.
local function arm(alert)
  for id, row in kept.each(alert, "row") do
    local due = machine.due(alert.spec.limits, row)
    if due and due < (row.due or math.huge) then
      clock.arm(alert, rows[id], "row", row.key, due)
    end
  end
  for _, stray in ipairs(alert.strays) do
    if stray[1] ~= "row" then TASKS[stray[1]](alert, stray[2], time.now()) end
  end
  outbox.flush()
end

--- Makes the timer of an alert, and what others may ask of it: they may be of another script, whose
--- timers are not ours.
function life.start(alert)
  local tasks = {}
  alert.tell = function(...) tell(alert, ...) end
  alert.again = function(group, at) groups.again(alert, group, at) end
  for word, task in pairs(TASKS) do
    tasks[word] = function(...)
      task(...)
      outbox.flush()
    end
  end
  clock.start(alert, tasks)
  alert.strays = kept.strays(alert)
  if alert.count + alert.groups + alert.flaps == 0 then return end
  local handle
  handle = host.on("file.opened", function()
    handle:off()
    arm(alert)
  end)
end

return life
