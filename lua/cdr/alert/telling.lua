-- What is told of a group, and when it is nothing.
local held = require "cdr.alert.held"
local notification = require "cdr.alert.notification"
local outbox = require "cdr.alert.outbox"

local telling = {}

--- What is told of the alert of a row.
function telling.item(row, status, at)
  return {
    key = row.key, summary = row.summary, status = status, started = row.started, ended = at,
    fired = row.fired, sessionId = row.sessionId, labels = row.labels, told = row.told,
    flapping = row.flapping,
  }
end

-- Those that fire and may be told of; the group learns until when others may not, and its size.
local function firing(alert, group, members, at)
  local items = {}
  group.blocked_until, group.size = nil, 0
  for key in pairs(members) do
    group.size = group.size + 1
    local row = alert.rows[alert.name .. "/" .. key]
    local until_ms = held.check(alert, row, at)
    if until_ms then
      group.blocked_until = math.min(group.blocked_until or until_ms, until_ms)
    elseif not row.inhibited and not (row.flapping and row.told) then
      local item = telling.item(row, "firing")
      item.row, item.is_news = row, not row.told
      items[#items + 1] = item
    end
  end
  return items
end

-- Those that are over.
local function add_ended(group, items)
  for _, item in ipairs(group.ended) do
    item.is_news = true
    items[#items + 1] = item
  end
  local more = group.more
  group.ended, group.more, group.bytes = {}, 0, nil
  return more
end

local function has_news(items)
  for _, item in ipairs(items) do if item.is_news then return true end end
  return false
end

local function send(alert, group, items, more, at)
  local told = notification.new(alert.spec, group, items, at)
  told.count = told.count + more
  outbox.add(alert.spec.to, told)
  group.sent = group.sent + 1
  for _, item in ipairs(items) do
    if item.row then item.row.told = true end
  end
end

--- Sends what is new in the group or, when it is time, the same once more. `members` are the keys
--- of those that fire.
function telling.look(alert, group, members, at)
  local items = firing(alert, group, members, at)
  local more = add_ended(group, items)
  local is_news, every = has_news(items), alert.spec.repeat_every
  local is_again = group.again_at and group.again_at <= at
  if #items > 0 and (is_news or is_again) then
    group.repeats = is_news and 0 or group.repeats + 1
    send(alert, group, items, more, at)
  elseif not is_again then
    return
  end
  group.again_at = every and at + every
end

return telling
