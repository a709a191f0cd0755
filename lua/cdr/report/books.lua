-- The books of a report: adds up what the model of cdr.calls tells, one row for each key.
local reasons = require "cdr.report.reasons"
local rows = require "cdr.report.rows"

local books = {}
books.__index = books

local COLUMNS = {
  "sessions", "participants", "peak", "participantSeconds", "sentSeconds", "receivedSeconds",
  "abnormal",
}
local SESSIONS, PARTICIPANTS, PEAK, PRESENT, SENT, RECEIVED, ABNORMAL = 1, 2, 3, 4, 5, 6, 7

-- Few sessions are recorded: those have a row here too.
local RECORDED = { "recordings", "recordingSeconds", "recordingBytes" }

--- Empty books; `way` is one of cdr.report.keys.
function books.new(way)
  return setmetatable({
    way = way,
    rows = rows.new(COLUMNS),
    recordings = rows.new(RECORDED),
    reasons = reasons.new(),
    -- what is no sum over the rows
    total = { sessions = 0, peak = 0, recordings = 0, recordingSeconds = 0, recordingBytes = 0 },
    here = {}, -- participants in sessions, by their records: their rows
    crowd = {}, -- how many are there now, by row
    crowd_of_all = 0,
    met = {}, -- open sessions: the rows that they were counted in
  }, books)
end

-- Once for each row that takes part in the session.
local function meet(self, row, sessionId)
  local met = self.met[sessionId]
  if not met then
    met = {}
    self.met[sessionId] = met
  end
  if met[row] then return end
  met[row] = true
  local page, at = self.rows:cells(row)
  page[at + SESSIONS] = page[at + SESSIONS] + 1
end

local function crowd_in(self, row)
  local crowd, all = (self.crowd[row] or 0) + 1, self.crowd_of_all + 1
  self.crowd[row], self.crowd_of_all = crowd, all
  if all > self.total.peak then self.total.peak = all end
  local page, at = self.rows:cells(row)
  if crowd > page[at + PEAK] then page[at + PEAK] = crowd end
end

local function crowd_out(self, row)
  local crowd = self.crowd[row] - 1
  self.crowd[row] = crowd > 0 and crowd or nil
  self.crowd_of_all = self.crowd_of_all - 1
end

--- A participant came: its row.
function books:joined(participant)
  local row = self.rows:row(self.way.key(participant))
  self.here[participant] = row
  crowd_in(self, row)
  if not self.way.whole then meet(self, row, participant.sessionId) end
  return row
end

local function sum(by_source)
  local seconds = 0
  for _, of_source in next, by_source do seconds = seconds + of_source end
  return seconds
end

--- A participant left, or was closed.
function books:left(participant)
  local row = self.here[participant] or self:joined(participant)
  self.here[participant] = nil
  crowd_out(self, row)
  local page, at = self.rows:cells(row)
  page[at + PARTICIPANTS] = page[at + PARTICIPANTS] + 1
  page[at + PRESENT] = page[at + PRESENT] + participant.duration
  page[at + SENT] = page[at + SENT] + sum(participant.sentSeconds)
  page[at + RECEIVED] = page[at + RECEIVED] + sum(participant.receivedSeconds)
  if self.reasons:add(participant) then page[at + ABNORMAL] = page[at + ABNORMAL] + 1 end
end

--- A session was closed.
function books:closed(session)
  self.met[session.sessionId] = nil
  self.total.sessions = self.total.sessions + 1
  if not self.way.whole then return end
  local page, at = self.rows:cells(self.rows:row(self.way.key(session)))
  page[at + SESSIONS] = page[at + SESSIONS] + 1
end

-- What is no count of anything adds nothing.
local function counted(number)
  return math.type(number) and number > 0 and number < 2 ^ 53 and number or 0
end

--- A recording is ready.
function books:recorded(recording)
  local seconds = counted(recording.duration)
  local bytes = math.tointeger(counted(recording.size)) or 0
  local total = self.total
  total.recordings = total.recordings + 1
  total.recordingSeconds = total.recordingSeconds + seconds
  total.recordingBytes = total.recordingBytes + bytes
  if not self.way.whole then return end
  local key = self.way.key(recording)
  self.rows:row(key)
  local page, at = self.recordings:cells(self.recordings:row(key))
  page[at + 1], page[at + 2] = page[at + 1] + 1, page[at + 2] + seconds
  page[at + 3] = page[at + 3] + bytes
end

--- The keys of all rows: in their order, or by minutes, the most first.
function books:keys()
  return self.rows:keys(not self.way.in_order and PRESENT or nil)
end

return books
