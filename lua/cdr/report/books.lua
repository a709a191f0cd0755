-- The books of a report: adds up what the model of cdr.calls tells, one row for each key.
local rows = require "cdr.report.rows"

local books = {}
books.__index = books

-- Endings that nobody chose (specification: reasons of participantLeft; nodeCrashed from 2.18 on).
local ABNORMAL = { networkDisconnect = true, nodeCrashed = true, mediaServerDisconnect = true }

-- What stands for the reason where the model had to close a participant: because its session never
-- ended, which nobody chose either; or ended without it; or since the input ends.
local LOST = {
  timeout = "(never ended)", restart = "(server started anew)", reused = "(id used again)",
}
local NO_END = setmetatable({
  session = "(with its session)", ["end"] = "(still there)",
}, { __index = LOST })

-- A file may hold any reason; so many are told apart.
local MOST_REASONS, LONGEST = 50, 60

--- Empty books; `way` is one of cdr.report.keys.
function books.new(way)
  local totals = rows.new()
  totals:row "total"
  return setmetatable({
    way = way,
    rows = rows.new(),
    totals = totals, -- a single row, 0
    here = {}, -- participants in sessions: their rows
    crowd = {}, -- how many are there now, by row
    crowd_all = 0,
    met = {}, -- open sessions: the rows that they were counted in
    reasons = {}, -- { key =, count =, abnormal = } by key
    n_reasons = 0,
  }, books)
end

local function add(self, row, name, number)
  if row then self.rows:add(row, name, number) end
  self.totals:add(0, name, number)
end

local function person(participant)
  return participant.sessionId .. "\0" .. participant.participantId
end

-- Once for each row that takes part in the session.
local function meet(self, row, sessionId)
  if self.way.whole then return end
  local met = self.met[sessionId]
  if not met then
    met = {}
    self.met[sessionId] = met
  end
  if met[row] then return end
  met[row] = true
  self.rows:add(row, "sessions", 1)
end

--- A participant came.
function books:joined(participant)
  local row = self.rows:row(self.way.key(participant))
  local crowd = (self.crowd[row] or 0) + 1
  self.here[person(participant)] = row
  self.crowd[row] = crowd
  self.crowd_all = self.crowd_all + 1
  self.rows:raise(row, "peak", crowd)
  self.totals:raise(0, "peak", self.crowd_all)
  meet(self, row, participant.sessionId)
  return row
end

local function gone(self, participant)
  local who = person(participant)
  local row = self.here[who] or self:joined(participant)
  local crowd = self.crowd[row] - 1
  self.here[who] = nil
  self.crowd[row] = crowd > 0 and crowd or nil
  self.crowd_all = self.crowd_all - 1
  return row
end

local function reason_of(participant)
  local synthetic, reason = participant.synthetic, participant.reason
  if synthetic then return NO_END[synthetic] or "(none)" end
  if type(reason) ~= "string" or reason == "" then return "(none)" end
  return #reason <= LONGEST and reason or "(others)"
end

local function count_reason(self, participant, abnormal)
  local name = reason_of(participant)
  if not self.reasons[name] then
    if self.n_reasons == MOST_REASONS then name = "(others)" end
    self.n_reasons = math.min(self.n_reasons + 1, MOST_REASONS)
  end
  local reason = self.reasons[name] or { key = name, count = 0, abnormal = abnormal }
  reason.count = reason.count + 1
  self.reasons[name] = reason
end

-- What is no count of anything adds nothing.
local function counted(number)
  return math.type(number) and number > 0 and number < 2 ^ 53 and number or 0
end

local function sum(by_source)
  local seconds = 0
  for _, of_source in pairs(by_source) do seconds = seconds + counted(of_source) end
  return seconds
end

--- A participant left, or was closed.
function books:left(participant)
  local row = gone(self, participant)
  add(self, row, "participants", 1)
  add(self, row, "participantSeconds", counted(participant.duration))
  add(self, row, "sentSeconds", sum(participant.sentSeconds))
  add(self, row, "receivedSeconds", sum(participant.receivedSeconds))
  local abnormal = (ABNORMAL[participant.reason] or LOST[participant.synthetic]) ~= nil
  if abnormal then add(self, row, "abnormal", 1) end
  count_reason(self, participant, abnormal)
end

local function whole_row(self, thing)
  return self.way.whole and self.rows:row(self.way.key(thing))
end

--- A session was closed.
function books:closed(session)
  self.met[session.sessionId] = nil
  add(self, whole_row(self, session), "sessions", 1)
end

--- A recording is ready.
function books:recorded(recording)
  local row = whole_row(self, recording)
  add(self, row, "recordings", 1)
  add(self, row, "recordingSeconds", counted(recording.duration))
  add(self, row, "recordingBytes", math.tointeger(counted(recording.size)) or 0)
end

return books
