-- Writes a CDR file as a busy server would: gen_cdr.lua --mb N | --sessions N [--seed S] OUTPUT
--
-- Sessions of 2-8 people who all watch each other, some screen shares, recordings and filter
-- events; many sessions are open at a time, so their lines interleave by timestamp. Keys, their
-- order, types and values are those of the specification. The same arguments give the same bytes.

local random = math.random
local START_MS = 1601394690713
local LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
local LOCATIONS = {
  "Berlin, Germany", "Madrid, Spain", "Barcelona, Spain", "Paris, France",
  "London, United Kingdom", "New York, United States", "San Francisco, United States",
  "São Paulo, Brazil", "München, Germany", "Zürich, Switzerland", "Málaga, Spain", "東京, Japan",
  "Warszawa, Poland", "Kraków, Poland", "Bogotá, Colombia", "Buenos Aires, Argentina",
  "Mumbai, India", "Sydney, Australia", "unknown", "unknown",
}
local NAMES = {
  "Mike", "Ana", "José María", "Søren", "Zoë", "张伟", "Анна", "O'Brien", "François", "Björk 😀",
  "Kim", 'Dr. "Bones" McCoy', "Emma", "Lucas", "Priya", "Mohammed",
}
local ROLES = { "teacher", "student", "moderator", "guest", "patient", "doctor" }
local SYSTEMS = {
  "Linux 64-bit", "Windows 10 64-bit", "OS X 10.15.7 64-bit",
  "Windows Server 2008 R2 / 7 64-bit", "Ubuntu 64-bit",
}
local SIZES = {
  "1280x720", "1280x720", "1280x720", "1280x720", "1280x720", "640x480", "640x480", "640x480",
  "1920x1080", "320x240",
}
local RATES = { 30, 30, 30, 25, 15, 24 }
local PEOPLE = { 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8 }
local LAYOUTS = { "BEST_FIT", "BEST_FIT", "BEST_FIT", "BEST_FIT", "PICTURE_IN_PICTURE", "CUSTOM" }

local function one_of(list) return list[random(#list)] end
local function chance(p) return random() < p end

local function ident(n)
  local letters = {}
  for i = 1, n do
    local at = random(#LETTERS)
    letters[i] = LETTERS:sub(at, at)
  end
  return table.concat(letters)
end

-- JSON. An object is a list of keys and values in turn.

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

local function quote(text) return '"' .. text:gsub('["\\\n]', ESCAPES) .. '"' end

local function value_of(value)
  return type(value) == "string" and quote(value) or tostring(value)
end

local function object(pairs_in_turn, comma, colon)
  local members = {}
  for i = 1, #pairs_in_turn, 2 do
    local key, value = pairs_in_turn[i], pairs_in_turn[i + 1]
    members[#members + 1] = quote(key) .. (colon or ":") .. value_of(value)
  end
  return "{" .. table.concat(members, comma or ",") .. "}"
end

-- As other writers have it in the data of clients: with blanks.
local function loose(pairs_in_turn) return object(pairs_in_turn, ", ", ": ") end

local function escape_rune(rune)
  local code = utf8.codepoint(rune)
  if code < 0x10000 then return ("\\u%04x"):format(code) end
  code = code - 0x10000
  return ("\\u%04x\\u%04x"):format(0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
end

local function to_line(event)
  local line = '{"' .. event.name .. '":' .. object(event) .. "}\n"
  -- some writers escape what is not ASCII: one line in sixteen of those that have it
  if #line % 16 == 3 and line:find "[\x80-\xFF]" then
    line = line:gsub("[\xC2-\xF4][\x80-\xBF]+", escape_rune)
  end
  return line
end

local function join(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

-- People.

local function chrome(name, tail)
  return ("%s %d.0.%d.%d on %s"):format(name, random(83, 88), random(4103, 4324),
    random(40, 200), tail)
end

local function platform()
  local k = random()
  if k < 0.62 then return chrome("Chrome", one_of(SYSTEMS)) end
  if k < 0.78 then return ("Firefox %d.0 on %s"):format(random(78, 85), one_of(SYSTEMS)) end
  if k < 0.88 then
    return ("Safari 13.1.%d on OS X 10.15.%d"):format(random(0, 3), random(4, 7))
  end
  if k < 0.96 then return chrome("Chrome Mobile", "Android " .. random(8, 11)) end
  return ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    .. "Chrome/%d.0.%d.%d Safari/537.36"):format(random(83, 88), random(4103, 4324),
    random(40, 200))
end

local function client_data()
  local k, name = random(), one_of(NAMES)
  if k < 0.45 then return name end
  if k < 0.85 then return loose { "clientData", name, "role", one_of(ROLES) } end
  if k >= 0.95 then return "" end
  local avatar = ("https://cdn.example.com/a/%s.png"):format(ident(8))
  local prefs = loose { "lang", one_of { "en", "es", "de", "ja" }, "hd", chance(0.5) }
  return (loose { "clientData", name, "avatar", avatar, "prefs", "?" }:gsub('"%?"', prefs))
end

local function server_data()
  local k = random()
  if k < 0.5 then return ("{'user': 'client%d'}"):format(random(9999)) end
  if k >= 0.8 then return "" end
  return loose { "user", "client" .. random(9999), "tenant", "acme-" .. random(60), "plan", "pro" }
end

local function leave_reason()
  local k = random(19)
  if k <= 14 then return "disconnect" end
  if k <= 17 then return "networkDisconnect" end
  return k == 18 and "forceDisconnectByUser" or "forceDisconnectByServer"
end

local function person(start, finish, n)
  local p = { id = "con_" .. ident(10), reason = leave_reason() }
  p.join = start + random(200, 25000) + n * random(500, 9000)
  local early = chance(0.3)
  p.leave = early and random(p.join + 2000, math.max(finish, p.join + 4000))
    or finish - random(0, 20000)
  p.leave = math.max(p.leave, p.join + 2000)
  p.info = {
    "participantId", p.id, "location", one_of(LOCATIONS), "platform", platform(),
    "clientData", client_data(), "serverData", server_data(),
  }
  p.publishes, p.shares = chance(0.92), chance(0.10)
  return p
end

-- One session: its events in no order.

local Session = {}
Session.__index = Session

function Session:put(when, name, ...)
  local event = join({ "sessionId", self.id, "timestamp", when }, ...)
  event.name, event.when = name, when
  self.events[#self.events + 1] = event
  self.last = math.max(self.last, when)
end

function Session:span(from, to, name, reason, ...)
  local ended = { "startTime", from, "duration", (to - from) // 1000, "reason", reason }
  self:put(to, name, ended, ...)
end

function Session:connection(from, to, reason, ...)
  self:put(from, "webrtcConnectionCreated", ...)
  self:span(from, to, "webrtcConnectionDestroyed", reason, ...)
end

local function media(source)
  local audio = chance(0.96) or source == "SCREEN"
  local video = chance(0.94)
  local flags = { "audioEnabled", audio, "videoEnabled", video }
  if not video then return flags end
  local width, height = one_of(SIZES):match "(%d+)x(%d+)"
  return join({
    "videoSource", source, "videoFramerate", one_of(RATES),
    "videoDimensions", ('{"width":%s,"height":%s}'):format(width, height),
  }, flags)
end

function Session:watch(p, q, from, to, stream, kind, reason)
  local began = math.max(from, q.join) + random(80, 900)
  local ended = math.min(to, q.leave)
  if ended <= began then return end
  local head = {
    "streamId", stream, "participantId", q.id, "connection", "INBOUND", "receivingFrom", p.id,
  }
  if chance(0.07) then
    self:connection(began, random(began, ended), "unsubscribe", head, kind)
  else
    self:connection(began, ended, ended == to and reason or q.reason, head, kind)
  end
end

function Session:filter_events(p, from, to, stream)
  for _ = 1, random(6) do
    local when = random(from, to)
    self:put(when, "filterEventDispatched", {
      "participantId", p.id, "streamId", stream, "filterType", "ZBarFilter",
      "eventType", "CodeFound",
      "data", ("{timestampMillis=%d, codeType=EAN-13, source=23353-1d3c_kurento.MediaPipeline/"
        .. "%s_kurento.ZBarFilter, type=CodeFound, value=%013d, tags=[], timestamp=%d}"):format(
        when, ident(12):lower(), random(0, 10 ^ 13 // 1 | 0), when // 1000),
    })
  end
end

function Session:publish(p, people, source)
  local from = math.min(p.join + random(300, 2500), p.leave - 100)
  if source == "SCREEN" then from = random(from, p.leave - 100) end
  local early = chance(0.08)
  local to = early and random(math.min(from + 50, p.leave), p.leave) or p.leave
  local stream = ("str_%s_%s_%s"):format(source:sub(1, 3), ident(4), p.id)
  local kind = media(source)
  local reason = early and "unpublish" or p.reason
  if not early and chance(0.01) then reason = "mediaServerDisconnect" end
  local head = { "streamId", stream, "participantId", p.id, "connection", "OUTBOUND" }
  self:connection(from, to, reason, head, kind)
  for _, q in ipairs(people) do
    if q ~= p then self:watch(p, q, from, to, stream, kind, reason) end
  end
  if chance(0.02) then self:filter_events(p, from, to, stream) end
end

local function recording_reason()
  if chance(0.6) then return "recordingStoppedByServer" end
  return one_of { "lastParticipantLeft", "automaticStop" }
end

function Session:record(start)
  local from = start + random(5000, 40000)
  local to = random(from + 1000, math.max(self.last, from + 2000))
  local id = chance(0.8) and self.id or self.id .. "-1"
  local composed, video = chance(0.8), chance(0.93)
  local layout = composed and video and {
    "resolution", one_of { "1920x1080", "1280x720" }, "recordingLayout", one_of(LAYOUTS),
  } or {}
  local head = {
    "id", id, "name", one_of { "MyRecording", id, "Clase de matemáticas", 'standup "daily"' },
    "outputMode", composed and "COMPOSED" or "INDIVIDUAL",
  }
  local reason = { "reason", recording_reason() }
  local function status(when, word, done, why)
    self:put(when, "recordingStatusChanged",
      { "startTime", from, "duration", done and (to - from) / 1000 or 0 }, why or {}, head, layout,
      { "hasAudio", true, "hasVideo", video, "size", done and (to - from) * 153 or 0,
        "status", word })
  end
  status(from, "started")
  status(to, "stopped", false, reason)
  local ready = chance(0.97)
  status(to + random(300, 30000), ready and "ready" or "failed", ready, ready and reason or nil)
end

local function close_by_server(people)
  local last = 0
  for _, p in ipairs(people) do last = math.max(last, p.leave) end
  for _, p in ipairs(people) do
    if p.leave > last - 20000 then
      p.leave, p.reason = last - random(0, 6), "sessionClosedByServer"
    end
  end
end

local function session(start)
  local s = setmetatable({ id = "ses_" .. ident(10), events = {}, last = 0 }, Session)
  local finish = start + random(45, 5400) * 1000 + random(0, 999)
  local people, reason = {}, "lastParticipantLeft"
  for n = 1, one_of(PEOPLE) do people[n] = person(start, finish, n - 1) end
  if chance(0.1) then
    reason = "sessionClosedByServer"
    close_by_server(people)
  end
  s:put(start, "sessionCreated")
  for _, p in ipairs(people) do
    s:put(p.join, "participantJoined", p.info)
    s:span(p.join, p.leave, "participantLeft", p.reason, p.info)
    if p.publishes then s:publish(p, people, "CAMERA") end
    if p.publishes and p.shares then s:publish(p, people, "SCREEN") end
  end
  if chance(0.18) then s:record(start) end
  s:span(start, s.last + 1, "sessionDestroyed", reason)
  return s.events
end

-- All sessions, interleaved: a heap of the events that are still to come.

local heap, pushed = {}, 0

local function before(a, b)
  if a.when ~= b.when then return a.when < b.when end
  return a.order < b.order
end

local function push(event)
  pushed = pushed + 1
  event.order = pushed
  local at = #heap + 1
  while at > 1 and before(event, heap[at // 2]) do
    heap[at] = heap[at // 2]
    at = at // 2
  end
  heap[at] = event
end

local function pop()
  local top, event = heap[1], table.remove(heap)
  local size, at = #heap, 1
  if size == 0 then return top end
  while 2 * at <= size do
    local child = 2 * at
    if child < size and before(heap[child + 1], heap[child]) then child = child + 1 end
    if not before(heap[child], event) then break end
    heap[at] = heap[child]
    at = child
  end
  heap[at] = event
  return top
end

local function generate(out, sessions, bytes)
  local opened, now, size, lines = 0, START_MS, 0, 0
  while size < bytes do
    while opened < sessions and (#heap == 0 or heap[1].when >= now) do
      for _, event in ipairs(session(now)) do push(event) end
      opened = opened + 1
      now = now + random(500, 40000)
    end
    if #heap == 0 then break end
    local line = to_line(pop())
    out:write(line)
    size, lines = size + #line, lines + 1
  end
  return lines, size
end

local function options()
  local given = {}
  local i = 1
  while arg[i] do
    local name = arg[i]:match "^%-%-(%a+)$"
    if name then i = i + 1 end
    given[name or "output"] = arg[i]
    i = i + 1
  end
  if not given.output or not (given.mb or given.sessions) then
    io.stderr:write "usage: gen_cdr.lua --mb N | --sessions N [--seed S] OUTPUT\n"
    os.exit(2)
  end
  return given
end

local given = options()
math.randomseed(tonumber(given.seed or 1), 0)
local out = assert(io.open(given.output, "wb"))
out:setvbuf("full", 1 << 20)
local lines, size = generate(out, tonumber(given.sessions) or math.huge,
  (tonumber(given.mb) or math.huge) * 1e6)
assert(out:close())
io.stderr:write(("%d lines, %d bytes, %.1f bytes a line\n"):format(lines, size, size / lines))
