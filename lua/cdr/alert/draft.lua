-- What is said of an alert when it is fired: by functions of the script's, which may fail, or wait.
local fields = require "cdr.alert.fields"

local draft = {}

local SUMMARY_MOST = 1000 -- bytes

local function cut(text)
  if type(text) ~= "string" then return tostring(text) end
  if #text <= SUMMARY_MOST then return text end
  return fields.cut(text, SUMMARY_MOST - 3) .. "…"
end

-- The summary for one more fire of the row.
local function summary_of(alert, row, event)
  local spec = alert.spec
  if not spec.is_template then return cut(spec.summary(row.key, event, row)) end
  return cut(spec.summary { key = row.key, name = row.name, severity = row.severity,
    fired = row.fired + 1, labels = row.labels, event = event })
end

-- A new row: all of it that does not change while it lasts.
local function row_of(alert, key, labels, event)
  local spec = alert.spec
  spec.labels(event, labels)
  local group = spec.group and spec.group(event or {}, labels) or key
  labels.name, labels.severity = alert.name, spec.severity
  return { name = alert.name, key = key, severity = spec.severity, group = group, labels = labels,
    fired = 0 }
end

local function session_of(event)
  local id = event and event.sessionId
  return type(id) == "string" and fields.text(id) or nil
end

--- The row, or what will be one, and what this event says of it: summary and sessionId.
function draft.prepare(alert, row, key, labels, event)
  row = row or row_of(alert, key, labels, event)
  return row, { summary = summary_of(alert, row, event), sessionId = session_of(event) }
end

return draft
