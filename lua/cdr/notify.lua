-- cdr.notify(dest, options): tells of alerts in the shape that the other side understands.
--
--   local ops = cdr.notify("https://hooks.slack.com/services/...", { shape = "slack" })
--   ops:send(notification)                             -- or: cdr.alert { ..., to = { ops } }
--
-- Any event can be sent. What was sent before, after a kill say, is known again by its id.
local cdr = require "cdr"

local notify = {}
notify.__index = notify

-- Each makes a function of the options, which makes the text of a notification.
local SHAPES = { "alertmanager", "email", "json", "mattermost", "slack", "text" }
local makers = {}
for _, name in ipairs(SHAPES) do makers[name] = require("cdr.notify." .. name) end

-- What is ours in the options; the rest is the sink's.
local OWN = {
  shape = "string", template = "table", url = "string", expires = "number", extra = "table",
}

local function split(options)
  local own, rest = {}, {}
  for key, value in pairs(options or {}) do
    local wanted = OWN[key]
    if key == "template" and type(value) == "string" then value = { text = value } end
    if wanted and type(value) ~= wanted then
      error(("cdr.notify: %s: must be a %s, not a %s"):format(key, wanted, type(value)), 0)
    end
    (wanted and own or rest)[key] = value
  end
  return own, rest
end

-- Templates of texts, compiled.
local function compile(template)
  local made = {}
  for key, text in pairs(template or {}) do
    if key ~= "subject" and key ~= "text" then
      error(('cdr.notify: template: no "%s" (there are subject and text)'):format(key), 0)
    end
    local right, render = pcall(cdr.template, text)
    if not right then error(render, 0) end
    made[key] = render
  end
  return made
end

local function usual_shape(dest, own)
  if dest:find "^smtps?:" then return "email" end
  return own.template and "text" or "json"
end

-- A body of plain text says so.
local function set_type(dest, shape, rest)
  if shape ~= "text" or not dest:find "^https?:" then return end
  local headers = { ["Content-Type"] = "text/plain; charset=utf-8" }
  for name, value in pairs(rest.headers or {}) do headers[name] = value end
  rest.headers = headers
end

local function prepare(dest, options)
  if type(dest) ~= "string" then error("cdr.notify: takes a destination", 0) end
  local own, rest = split(options)
  local shape = own.shape or usual_shape(dest, own)
  if not makers[shape] then
    local known = table.concat(SHAPES, ", ")
    error(('cdr.notify: no shape "%s" (there are %s)'):format(shape, known), 0)
  end
  own.template = compile(own.template)
  set_type(dest, shape, rest)
  rest.shape = "webhook"
  return makers[shape](own), rest
end

--- Tells of it. What the other side refuses goes to the rejects file.
function notify:send(notification)
  local text = self.make(notification)
  local id = { id = type(notification.id) == "string" and notification.id or nil }
  if type(text) == "table" then return self.sink:send(text, id) end
  return self.sink:write(text, id)
end

--- Options: shape ("json"; "email" for smtp:, "text" with a template), template (a text, or
--- { subject =, text = }, see cdr.template), url (where to look further), expires (Alertmanager: s
--- after which it forgets an alert), extra (Slack, Mattermost: a table that is put into the body);
--- all others are the sink's. Raises for an option that is wrong; nil and a sentence where the sink
--- cannot be had.
return function(dest, options)
  local right, make, rest = pcall(prepare, dest, options)
  if not right then error(make, 2) end
  local had, sink, why = pcall(cdr.sink, dest, rest)
  if not had then error(sink, 2) end
  if not sink then return nil, why end
  return setmetatable({ sink = sink, make = make }, notify)
end
