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
local draft = require "cdr.alert.draft"
local fields = require "cdr.alert.fields"
local held = require "cdr.alert.held"
local host = require "cdr.host"
local leftovers = require "cdr.alert.leftovers"
local life = require "cdr.alert.life"
local options = require "cdr.alert.options"
local outbox = require "cdr.alert.outbox"

leftovers.watch()

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

-- All scripts are loaded by now: names of alerts that none has are a slip.
local function check_others(alert)
  if alert.is_checked then return end
  alert.is_checked = true
  for _, option in ipairs { "inhibits", "inhibited_by" } do
    for name in pairs(alert.spec[option]) do
      if not held.alerts[name] then
        cdr.log.warn('alert "%s": %s: there is no alert "%s"', alert.name, option, name)
      end
    end
  end
end

-- Told once; how many there were is told at the end.
local function refuse(alert)
  if alert.dropped == 0 then
    cdr.log.warn('alert "%s": has %d keys, more are not watched', alert.name, alert.spec.limit)
  end
  alert.dropped = alert.dropped + 1
end

--- It is so: of that key, which option `key` reads from the event when only the event is given.
function Alert:fire(key, event)
  key, event = hand(self, key, event)
  check_others(self)
  local labels, at = {}, clock.time_of(event)
  key = key_of(self, key, event, labels)
  local row = life.find(self, key, at)
  local right, drafted, news = pcall(draft.prepare, self, row, key, labels, event)
  if right then
    row = life.add(self, drafted, at)
    if row then
      row.summary, row.sessionId = news.summary, news.sessionId or row.sessionId
      life.fire(self, row, at)
    else
      refuse(self)
    end
  end
  outbox.flush()
  if not right then error(drafted, 0) end
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
