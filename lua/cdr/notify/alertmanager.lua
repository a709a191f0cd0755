-- The body for Alertmanager's POST /api/v2/alerts, one entry for each alert.
local cdr = require "cdr"
local template = require "cdr.template"
local words = require "cdr.notify.words"

local iso, usual = template "{1|iso}", template "{summary}"

local function moment(ms)
  local text = iso { ms }
  return text ~= "" and text or nil
end

-- A label that is empty is none, and its name is a word (as Prometheus has them).
local function add(labels, name, value)
  local text = value ~= nil and tostring(value) or ""
  name = tostring(name):gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  if text ~= "" then labels[name] = text end
end

local function labels(n, alert)
  local all = {}
  for _, of in ipairs { n.labels or {}, alert.labels or {} } do
    for name, value in pairs(of) do
      if name ~= "name" then add(all, name, value) end
    end
  end
  add(all, "alertname", n.name or n.event)
  add(all, "severity", n.severity)
  add(all, "key", alert.key)
  return all
end

-- What is not over has an end only where it shall be forgotten without a further word.
local function stop(n, alert, expires)
  if (alert.status or n.status) == "resolved" then return alert.ended or n.ended or n.timestamp end
  return expires and n.timestamp and n.timestamp + math.floor(expires * 1000)
end

-- The alert's fields, and of those that it does not have the notification's.
local function both(n, alert)
  return words.fields(setmetatable({}, {
    __index = function(_, key)
      if alert[key] ~= nil then return alert[key] end
      return n[key]
    end,
  }))
end

return function(own)
  local summary, text = own.template.subject or usual, own.template.text
  local function entry(n, alert)
    local fields = both(n, alert)
    return {
      labels = labels(n, alert), startsAt = moment(fields.started or n.timestamp),
      endsAt = moment(stop(n, alert, own.expires)), generatorURL = own.url,
      annotations = { summary = summary(fields), description = text and text(fields) },
    }
  end
  return function(n)
    local body = cdr.array {}
    for i, alert in ipairs(words.alerts(n)) do body[i] = entry(n, alert) end
    return cdr.json.encode(body)
  end
end
