-- Alerts: told once when they begin, once when they are over, and kept over a restart.
--
--   local cut = cdr.alert { name = "cut", key = "sessionId", after = 5, within = 60,
--     summary = "{key}: {fired} cut off, the last by {event.reason}" }
--   cdr.on("participantLeft", function(event)
--     if event.reason == "networkDisconnect" then cut:fire(event) end
--   end)
--
-- An alert is made while the script loads. README.md lists the options; what is sent stands in
-- cdr/alert/notification.lua, the life of an alert in cdr/alert/machine.lua.
local cdr = require "cdr"
local clock = require "cdr.alert.clock"
local fields = require "cdr.alert.fields"
local held = require "cdr.alert.held"
local host = require "cdr.host"
local life = require "cdr.alert.life"
local options = require "cdr.alert.options"
local outbox = require "cdr.alert.outbox"

local SUMMARY_MOST = 1000 -- bytes

local Alert = {}
Alert.__index = Alert

-- What fire and resolve were given: a key and an event, or only the event.
local function hand(alert, key, event)
  if type(key) == "table" then key, event = nil, key end
  if key == nil and alert.spec.key and event == nil then
    error(('alert "%s": needs a key, or the event that has it'):format(alert.name), 3)
  end
  return key, event
end

-- The key as a text, and the labels that it gives.
local function key_of(alert, key, event, labels)
  local spec = alert.spec
  if key == nil then return spec.key and spec.key(event, labels) or "" end
  local text = fields.text(key)
  labels[spec.key_name or "key"] = text
  return text
end

local function cut(text)
  if type(text) ~= "string" then return tostring(text) end
  if #text <= SUMMARY_MOST then return text end
  return text:sub(1, utf8.offset(text, 0, SUMMARY_MOST - 2) - 1) .. "…"
end

-- The summary for one more fire of the row.
local function summary_of(alert, row, event)
  local spec = alert.spec
  if not spec.is_template then return cut(spec.summary(row.key, event, row)) end
  return cut(spec.summary { key = row.key, name = row.name, severity = row.severity,
    fired = row.fired + 1, labels = row.labels, event = event })
end

-- Told once; how many there were is told at the end.
local function refuse(alert)
  if alert.dropped == 0 then
    cdr.log.warn('alert "%s": has %d keys, more are not watched', alert.name, alert.spec.limit)
  end
  alert.dropped = alert.dropped + 1
end

-- What is said of a new row: all that does not change while it lasts.
local function draft_of(alert, key, labels, event)
  local spec = alert.spec
  spec.labels(event, labels)
  local group = spec.group and spec.group(event or {}, labels) or key
  labels.name, labels.severity = alert.name, spec.severity
  return { name = alert.name, key = key, severity = spec.severity, group = group, labels = labels,
    fired = 0 }
end

-- The row, or what will be one, with its summary for this event: functions of the script's may
-- fail, or wait.
local function prepare(alert, row, key, labels, event)
  local draft = row or draft_of(alert, key, labels, event)
  return draft, summary_of(alert, draft, event)
end

--- It is so: of that key, which option `key` reads from the event when only the event is given.
function Alert:fire(key, event)
  key, event = hand(self, key, event)
  local labels, at = {}, clock.time_of(event)
  key = key_of(self, key, event, labels)
  local row = life.find(self, key, at)
  local right, draft, summary = pcall(prepare, self, row, key, labels, event)
  if right then
    row = life.add(self, draft, at)
    if row then
      row.summary, row.sessionId = summary, event and event.sessionId or row.sessionId
      life.fire(self, row, at)
    else
      refuse(self)
    end
  end
  outbox.flush()
  if not right then error(draft, 0) end
end

--- It is so no longer, of that key or that of the event. What is inactive stays so.
function Alert:resolve(key, event)
  key, event = hand(self, key, event)
  local at = clock.time_of(event)
  local row = life.find(self, key_of(self, key, event, {}), at)
  if row then life.resolve(self, row, at) end
  outbox.flush()
end

--- "inactive", "pending" or "firing".
function Alert:status(key)
  local row = self.rows[self.name .. "/" .. key_of(self, key, nil, {})]
  return row and row.status or "inactive"
end

local function new(given)
  if not host.is_loading() then error("cdr.alert is for while a script is loading", 2) end
  if type(given) ~= "table" then error("cdr.alert: takes a table", 2) end
  local label = 'alert "' .. tostring(given.name) .. '": '
  local right, spec = pcall(options.read, given)
  if not right then error(label .. spec, 2) end
  if held.alerts[spec.name] then error(label .. "there is one of that name", 2) end
  local alert = setmetatable({ name = spec.name, spec = spec, dropped = 0 }, Alert)
  life.load(alert)
  life.start(alert)
  held.alerts[spec.name] = alert
  host.on("input.ended", function()
    if alert.dropped > 0 then
      cdr.log.warn("%s%d fires of keys beyond its %d", label, alert.dropped, spec.limit)
    end
  end)
  return alert
end

return new
