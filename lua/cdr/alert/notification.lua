-- What is sent of a group of alerts, as one plain table.
local notification = {}

local LISTED = 100 -- alerts told one by one; the others only count

local function by_start(a, b)
  if a.started ~= b.started then return a.started < b.started end
  if a.key ~= b.key then return a.key < b.key end
  return a.ended ~= nil and b.ended == nil
end

local function copy(labels)
  local copied = {}
  for name, value in pairs(labels) do copied[name] = value end
  return copied
end

-- At most LISTED of them, those that are news first, in order of their start.
local function listed(items)
  local list = {}
  for _, item in ipairs(items) do if item.is_news then list[#list + 1] = item end end
  for _, item in ipairs(items) do if not item.is_news then list[#list + 1] = item end end
  list = table.move(list, 1, LISTED, 1, {})
  table.sort(list, by_start)
  for i, item in ipairs(list) do
    list[i] = {
      key = item.key, summary = item.summary, status = item.status, started = item.started,
      ended = item.ended, fired = item.fired, sessionId = item.sessionId,
      labels = copy(item.labels),
    }
  end
  return list
end

-- The labels that all have.
local function shared_labels(items)
  local labels = copy(items[1].labels)
  for i = 2, #items do
    for name, value in pairs(labels) do
      if items[i].labels[name] ~= value then labels[name] = nil end
    end
  end
  return labels
end

local function summary_of(items, firing)
  if #items == 1 then return items[1].summary end
  local parts = {}
  if firing > 0 then parts[1] = firing .. " firing" end
  if firing < #items then parts[#parts + 1] = #items - firing .. " resolved" end
  return ("%s: %s"):format(table.concat(parts, ", "), items[1].summary)
end

-- How many fire, when the last of the others ended, and whether one flaps.
local function survey(items)
  local firing, ended, flapping = 0, nil, nil
  for _, item in ipairs(items) do
    if item.status == "firing" then firing = firing + 1 end
    if item.ended then ended = math.max(ended or item.ended, item.ended) end
    flapping = flapping or item.flapping
  end
  return firing, ended, flapping
end

--- Of `group` (key, started, sent, repeats) with those alerts in it, at that time.
function notification.new(spec, group, items, at)
  table.sort(items, by_start)
  local firing, ended, flapping = survey(items)
  local status = firing > 0 and "firing" or "resolved"
  return {
    event = "alert", status = status, name = spec.name, severity = spec.severity,
    id = ("%s/%s/%s/%d/%d"):format(spec.name, group.key, status, group.started, group.sent),
    summary = summary_of(items, firing) .. (flapping and " (flapping)" or ""),
    group = spec.group and group.key or nil, labels = shared_labels(items),
    started = group.started, ended = firing == 0 and ended or nil, timestamp = at,
    repeats = group.repeats, count = #items, flapping = flapping, alerts = listed(items),
  }
end

return notification
