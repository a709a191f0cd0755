-- What a notification says in words, the same for mails and chats.
local template = require "cdr.template"

local words = {}

local SHOWN_ALERTS = 10
local CONTROL = "[%z\1-\8\11-\31\127]" -- all but tab and newline

local summary = template "{summary|or:no summary|cut:500}"
local when = template "{started|time}"
local lasted = template "{lasted|duration}"

local function same(text) return text end

--- "[FIRING:3] cut: acme (critical)". `escape` is for what comes from events.
function words.title(n, escape)
  escape = escape or same
  local count = n.count or n.alerts and #n.alerts or 1
  local mark = escape(tostring(n.status or "event"):upper()) .. (count > 1 and ":" .. count or "")
  local title = ("[%s] %s"):format(mark, escape(tostring(n.name or n.event)))
  if n.group then title = title .. ": " .. escape(tostring(n.group)) end
  if n.severity then title = ("%s (%s)"):format(title, escape(tostring(n.severity))) end
  return title
end

--- Its alerts; of an event that is no notification the event itself.
function words.alerts(n)
  return n.alerts and #n.alerts > 0 and n.alerts or { n }
end

--- Each alert's summary, as many as a person reads.
function words.summaries(n, escape)
  local lines, alerts = {}, words.alerts(n)
  for i = 1, math.min(#alerts, SHOWN_ALERTS) do lines[i] = summary(alerts[i], escape) end
  if #alerts > SHOWN_ALERTS then lines[#lines + 1] = ("… and %d more"):format(#alerts - #lines) end
  return lines
end

--- The labels that the title does not say, by name: { { name, value }, ... }.
function words.labels(n)
  local list = {}
  for name, value in pairs(n.labels or {}) do
    if name ~= "name" and name ~= "severity" then list[#list + 1] = { name, tostring(value) } end
  end
  table.sort(list, function(a, b) return a[1] < b[1] end)
  return list
end

--- The notification with `lasted`, the seconds since it began.
function words.fields(n)
  local stop, start = n.ended or n.timestamp, n.started
  local seconds = math.type(stop) and math.type(start) and (stop - start) // 1000
  return setmetatable({ lasted = seconds }, { __index = n })
end

--- When it began, and how long it lasted if it is over.
function words.times(n)
  local began = when(n)
  if not n.ended then return began end
  return ("%s, for %s"):format(began, lasted(words.fields(n)))
end

--- A text that can neither move a terminal's cursor nor, as one line, begin another.
function words.plain(text) return (text:gsub(CONTROL, " ")) end
function words.line(text) return (text:gsub("%c", " ")) end

return words
