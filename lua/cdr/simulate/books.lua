-- The simulator's own books: what a reader of its files must come to.
local books = {}

local function add(totals, key, amount) totals[key] = (totals[key] or 0) + amount end

local note = {}

function note.sessionCreated(b) b.open.sessions = b.open.sessions + 1 end

function note.sessionDestroyed(b)
  b.open.sessions = b.open.sessions - 1
  b.sessions = b.sessions + 1
end

function note.participantJoined(b) b.open.participants = b.open.participants + 1 end

function note.participantLeft(b, event)
  b.open.participants = b.open.participants - 1
  b.participants = b.participants + 1
  b.participantSeconds = b.participantSeconds + event.duration
  add(b.reasons, event.reason, 1)
end

function note.webrtcConnectionCreated(b) b.open.streams = b.open.streams + 1 end

function note.webrtcConnectionDestroyed(b, event)
  b.open.streams = b.open.streams - 1
  b.streams = b.streams + 1
  local totals = event.connection == "INBOUND" and b.receivedSeconds or b.sentSeconds
  add(totals, event.videoEnabled and event.videoSource or "AUDIO", event.duration)
end

function note.recordingStatusChanged(b, event)
  if event.status ~= "ready" then return end
  b.recordings = b.recordings + 1
  b.recordingMilliseconds = b.recordingMilliseconds + math.floor(event.duration * 1000 + 0.5)
  b.recordingBytes = b.recordingBytes + event.size
end

--- New books. What ended stands in the totals; what a crash left open for ever in `lost`.
function books.new()
  return {
    events = 0, sessions = 0, participants = 0, streams = 0, participantSeconds = 0,
    sentSeconds = {}, receivedSeconds = {}, reasons = {},
    recordings = 0, recordingMilliseconds = 0, recordingBytes = 0,
    open = { sessions = 0, participants = 0, streams = 0 },
    lost = { sessions = 0, participants = 0, streams = 0 },
  }
end

--- Takes in an event that is written.
function books.note(b, event)
  b.events = b.events + 1
  local take = note[event.event]
  if take then take(b, event) end
end

--- What is open now never ends.
function books.lose(b)
  for what, count in pairs(b.open) do
    b.lost[what] = b.lost[what] + count
    b.open[what] = 0
  end
end

return books
