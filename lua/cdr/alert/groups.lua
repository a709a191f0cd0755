-- Groups of alerts that are told together; an alert without group_by is a group of its own.
--
-- A group has a row in the state table "cdr.alerts.groups" while one of its alerts fires or is to
-- be told: name, key, started, sent (how many notifications), repeats, again_at (when it is told
-- once more), news_at (when what is new is told), size (how many fired when it was last looked at),
-- ended (alerts that are over and to be told), more (how many besides), bytes (of the texts of
-- `ended`), blocked_until (when a silence ends).
local clock = require "cdr.alert.clock"
local closed = require "cdr.alert.closed"
local state = require "cdr.state"
local telling = require "cdr.alert.telling"

local groups = {}

local ENDED_MOST = 100 -- that are kept to be told
local ENDED_BYTES = 100000 -- of texts, which may become six times as long as JSON
local MANY, MANY_WAIT_MS = 100, 1000 -- so many are told of once a second at most
local WAITING = 2 -- times the limit of keys: so many groups wait to be told, further ones do not

local rows = state "cdr.alerts.groups"

local function id_of(alert, key) return alert.name .. "/" .. key end

-- Keys of the alerts in the group that fire.
local function members_of(alert, key)
  local members = alert.members[key]
  if not members then
    members = {}
    alert.members[key] = members
  end
  return members
end

--- For an alert that was firing when the program ended.
function groups.join(alert, row)
  members_of(alert, row.group)[row.key] = true
end

local function earlier(a, b) return a and b and math.min(a, b) or a or b end

-- When the group is looked at next.
local function next_due(group)
  return earlier(earlier(group.news_at, group.again_at), group.blocked_until)
end

-- Without alerts that fire or are to be told there is no group.
local function close(alert, key)
  local group = rows[id_of(alert, key)]
  alert.members[key] = nil
  if not group then return end
  clock.disarm(group)
  closed.add(alert, id_of(alert, key), group)
  rows[id_of(alert, key)], alert.groups = nil, alert.groups - 1
end

local function look(alert, group, at)
  local members = members_of(alert, group.key)
  telling.look(alert, group, members, at)
  group.news_at = nil
  if not next(members) then return close(alert, group.key) end
  clock.arm(alert, group, "group", group.key, next_due(group))
end

local function group_of(alert, key, at)
  local id = id_of(alert, key)
  if not rows[id] then
    rows[id] = { name = alert.name, key = key, started = at, sent = closed.sent(alert, id, at),
      repeats = 0, ended = {}, more = 0 }
    alert.groups = alert.groups + 1
  end
  return rows[id]
end

-- Each look goes through all that fire: not for each one that comes, where they are many.
local function wait_of(alert, group)
  local wait = alert.spec.group_wait
  return (group.size or 0) < MANY and wait or math.max(wait, MANY_WAIT_MS)
end

local function news(alert, group, at)
  group.news_at = group.news_at or at + wait_of(alert, group)
  local is_full = alert.groups > alert.spec.limit * WAITING
  if group.news_at <= at or is_full then return look(alert, group, at) end
  clock.arm(alert, group, "group", group.key, next_due(group))
end

--- One more fires.
function groups.fires(alert, row, at)
  groups.join(alert, row)
  news(alert, group_of(alert, row.group, at), at)
end

--- One is about to be over: what was to be told before is told as it was then.
function groups.pass(alert, key, at)
  local group = rows[id_of(alert, key)]
  while group do
    local due = earlier(group.news_at, group.blocked_until)
    if not due or due > at then return end
    look(alert, group, due)
  end
end

--- One fires no more, and nothing is told of it.
function groups.leave(alert, key, member)
  members_of(alert, key)[member] = nil
  local group = rows[id_of(alert, key)]
  if next(alert.members[key]) or group and group.news_at then return end
  close(alert, key)
end

local function size_of(item)
  local size = #item.key + #item.summary + #(item.sessionId or "")
  for name, text in pairs(item.labels) do size = size + #name + #text end
  return size
end

--- One is over, and what is told of it is `item`: nothing, to whom was not told that it fires.
function groups.ends(alert, key, item, at)
  if not item.told then return groups.leave(alert, key, item.key) end
  local group = group_of(alert, key, item.started)
  members_of(alert, key)[item.key] = nil
  local bytes = (group.bytes or 0) + size_of(item)
  if #group.ended < ENDED_MOST and bytes <= ENDED_BYTES then
    group.ended[#group.ended + 1], group.bytes = item, bytes
  else
    group.more = group.more + 1
  end
  news(alert, group, at)
end

--- What was held back may be told now, or is to be told once more.
function groups.again(alert, key, at)
  local group = rows[id_of(alert, key)]
  if group then news(alert, group, at) end
end

--- The group's timer.
function groups.due(alert, key, at)
  local group = rows[id_of(alert, key)]
  if not group then return end
  clock.ran(group)
  local due = next_due(group)
  if due and due <= at then return look(alert, group, at) end
  clock.arm(alert, group, "group", key, due)
end

return groups
