-- The life of one simulated session: who joins, publishes, receives and leaves, and why it ends.
local people = require "cdr.simulate.people"
local recording = require "cdr.simulate.recording"

local session = {}

local function whole(low, high) return function(chance) return chance:whole(low, high) end end

-- How often, what sort, how many publish and how many only watch, mean seconds.
local sorts = {
  { 52, "call", whole(2, 2), whole(0, 0), 900 },
  { 30, "meeting", whole(3, 7), whole(0, 0), 1800 },
  { 8, "lesson", whole(1, 1), whole(4, 16), 2400 },
  { 3, "webinar", whole(2, 3), whole(12, 30), 2700 },
  { 2, "camera", whole(1, 2), whole(1, 3), 1200 },
  { 5, "nobody", whole(0, 0), whole(0, 0), 60 },
}

local why_leave = {
  { 80, "disconnect" }, { 13, "networkDisconnect" }, { 4, "forceDisconnectByUser" },
  { 3, "forceDisconnectByServer" },
}

local why_unpublish = {
  { 70, "unpublish" }, { 20, "forceUnpublishByUser" }, { 10, "forceUnpublishByServer" },
}

local function signal(s, person, fields)
  fields = fields or {}
  fields.sessionId, fields.participantId = s.sessionId, person.participantId
  return fields
end

-- The members of the session as the server knows them now, in their order.
local function members(s)
  local list = {}
  for _, person in ipairs(s.people) do
    if person.inside then list[#list + 1] = person end
  end
  return list
end

local function unsubscribe(w, s, person, publisher)
  w:try("unsubscribe", signal(s, person, { receivingFrom = publisher.participantId }))
end

local function subscribe(w, s, person, publisher)
  if w:try("subscribe", signal(s, person, { receivingFrom = publisher.participantId }))
    and w.chance:chance(0.04) then
    w:later(w.chance:lasting(200), unsubscribe, s, person, publisher)
  end
end

local publish

local function filter(w, s, person)
  local code = ("{codeType=EAN-13, value=%013d, tags=[]}"):format(w.chance:whole(0, 10 ^ 12 // 1))
  if w:try("filterEvent", signal(s, person,
    { filterType = "ZBarFilter", eventType = "CodeFound", data = code })) then
    w:later(w.chance:lasting(90), filter, s, person)
  end
end

local function chat(w, s, person)
  if w:try("signal", { sessionId = s.sessionId, from = person.participantId, to = {},
    type = "signal:chat", data = w.chance:pick { "hello", "I can hear you", "¡hasta luego!" } })
  then
    w:later(w.chance:lasting(400), chat, s, person)
  end
end

-- Takes the stream off, for a while or for good; instead may come the screen, and then go again.
local function unpublish(w, s, person)
  local reason = w.chance:weighted(why_unpublish)[2]
  if not w:try("unpublish", signal(s, person, { reason = reason })) then return end
  if reason == "unpublish" then
    local next_one = w.chance:chance(0.6) and people.screen or people.media
    w:later(w.chance:lasting(3), publish, s, person, next_one)
  end
end

function publish(w, s, person, kind)
  if not w:try("publish", signal(s, person, kind(w.chance, person))) then return end
  for _, other in ipairs(members(s)) do
    w:later(0.1 + w.chance:lasting(0.3), subscribe, s, other, person)
  end
  if w.chance:chance(0.2) then w:later(w.chance:lasting(300), unpublish, s, person) end
  if w.chance:chance(0.03) then w:later(w.chance:lasting(30), filter, s, person) end
end

local join

local function leave(w, s, person)
  local reason = w.chance:weighted(why_leave)[2]
  if not w:try("leave", signal(s, person, { reason = reason })) then return end
  person.inside = false
  if reason == "networkDisconnect" and w.chance:chance(0.6) then
    w:later(5 + w.chance:lasting(10), join, s, person)
  end
end

local function stay(w, s)
  if w.chance:chance(0.25) then return w.chance:lasting(s.seconds / 3) end
  return math.max((s.ends - w.now) / 1000, 0) + w.chance:lasting(8)
end

function join(w, s, person)
  people.connection(w.chance, person)
  local fields = signal(s, person, { ip = person.ip, city = person.city, country = person.country,
    platform = person.platform, clientData = person.clientData, serverData = person.serverData })
  if not w:try("join", fields) then return end
  person.inside = true
  for _, other in ipairs(members(s)) do
    w:later(0.2 + w.chance:lasting(0.5), subscribe, s, person, other)
  end
  if person.publishes then
    w:later(0.3 + w.chance:lasting(1), publish, s, person, people.media)
  end
  if w.chance:chance(0.2) then w:later(w.chance:lasting(120), chat, s, person) end
  w:later(stay(w, s), leave, s, person)
end

local function close(w, s) w:try("closeSession", { sessionId = s.sessionId }) end

local function add_people(w, s, count, publishes)
  for _ = 1, count do
    local person = people.new(w.chance, w.users)
    if publishes and s.sort == "camera" and #s.people == 0 then person = people.camera(w.chance) end
    person.publishes = publishes
    s.people[#s.people + 1] = person
  end
end

-- Some applications name their sessions, and use a name again.
local function new_id(w)
  if w.chance:chance(0.15) then return ("room-%d"):format(w.chance:whole(1, 40)) end
  return w.chance:id "ses_"
end

--- A session begins now, and has a life of its own from then on.
function session.begin(w)
  local sort = w.chance:weighted(sorts)
  local s = { sessionId = new_id(w), sort = sort[2], people = {} }
  if not w:try("createSession", { sessionId = s.sessionId }) then return end
  add_people(w, s, sort[3](w.chance), true)
  add_people(w, s, sort[4](w.chance), false)
  s.seconds = math.min(20 + w.chance:lasting(sort[5]), 4 * 3600)
  s.ends = w.now + s.seconds * 1000
  for _, person in ipairs(s.people) do w:later(1 + w.chance:lasting(25), join, s, person) end
  if w.chance:chance(0.2) then recording.plan(w, s) end
  if w.chance:chance(0.12) then w:later(s.seconds, close, s) end
end

return session
