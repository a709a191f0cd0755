-- LiveKit's webhooks become OpenVidu's standard events.
--
--   local lk = livekit.new({}, { emit = function(event) ... end })
--   lk:webhook { event = "room_started", room = { name = "daily" }, createdAt = "1726000000" }
local egress = require "cdr.livekit.egress"
local groups = require "cdr.livekit.groups"
local order = require "cdr.standard.order"
local people = require "cdr.livekit.people"
local read = require "cdr.livekit.read"
local recent = require "cdr.recent"
local rooms = require "cdr.livekit.rooms"
local standard = require "cdr.standard"
local timeouts = require "cdr.calls.timeouts"
local tracks = require "cdr.livekit.tracks"

local handlers = {
  room_started = rooms.started,
  participant_joined = people.joined,
  participant_left = people.left,
  participant_connection_aborted = people.aborted,
  track_published = tracks.published,
  track_unpublished = tracks.unpublished,
  egress_started = egress.told,
  egress_updated = egress.told,
  egress_ended = egress.told,
}

-- One that was never heard of is told, too: it began and ended.
function handlers.room_finished(lk, webhook, now)
  local room = rooms.of(lk, webhook, now)
  if room then lk.finish(room, now) end
end

-- Ids of webhooks, and of what has ended.
local REMEMBERED = 10000
local DAY_S = 86400

local Livekit = {}
Livekit.__index = Livekit

--- One webhook's body. Raises one sentence when it cannot be used; what LiveKit tells of other
--- things (ingresses, jobs), and the same webhook again, do nothing.
function Livekit:webhook(webhook)
  local handler = handlers[webhook.event]
  if not handler then return end
  local now = read.seconds(webhook, "createdAt")
  if not now then error(webhook.event .. ": createdAt is no time in seconds", 0) end
  local id = read.text(webhook, "id")
  if id and not recent.add(self.memory.ids, id) then return end
  groups.advance(self, now)
  self:advance(now)
  handler(self, webhook, now)
end

--- What happens by time: rooms of which nothing was told for the timeout are over, since when
--- something was told the last time: their room_finished was lost.
function Livekit:advance(now)
  local memory = self.memory
  if now <= memory.now or not timeouts.believes(memory, now) then return end
  memory.now = now
  if now < memory.next_due then return end
  for _, room in ipairs(order.list(timeouts.pass(memory))) do self.finish(room, room.timestamp) end
end

--- Publishes the streams that wait for a second track: at the end of the input.
function Livekit:flush() groups.advance(self) end

local livekit = {}

-- What the parts need of each other against the order in which they are required.
local function connect(lk)
  function lk.publish_early(room, person) tracks.publish_early(lk, room, person) end
  function lk.began(room) egress.room_began(lk, room) end
  function lk.finish(room, now)
    people.clear(lk, room, now)
    egress.room_ends(lk, room, rooms.clock(room, now))
    rooms.finish(lk, room, now)
  end
  return lk
end

-- An inferred event is known by its key `inferred`.
local function mark(emit)
  return function(event)
    if event.connection == "INBOUND" then event.inferred = true end
    emit(event)
  end
end

--- A reader of webhooks that keeps all it knows in `memory`, one plain table of the caller's. Of
--- `options`
---   emit(event)  is called with each event; required
---   profile      "2.16", the specification (default), or "2.32"
---   inbound      true: everybody receives every stream; these events have `"inferred":true`
---   timeout      seconds (a day) of silence after which a room is over
---   geo          has geo:location(ip), for those with an attribute `ip`
function livekit.new(memory, options)
  for _, name in ipairs { "server", "sessions", "held", "egresses" } do
    memory[name] = memory[name] or {}
  end
  memory.now = memory.now or 0
  timeouts.set(memory, math.max(1, math.tointeger((options.timeout or DAY_S) * 1000 // 1)))
  for _, name in ipairs { "ids", "gone", "finished", "ended" } do
    memory[name] = memory[name] or recent.new(REMEMBERED)
  end
  local server = standard.new(memory.server, {
    profile = options.profile, geo = options.geo, keep_empty = true, emit = mark(options.emit),
  })
  return connect(setmetatable({ memory = memory, server = server, options = options }, Livekit))
end

return livekit
