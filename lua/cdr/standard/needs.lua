-- What must be so before a signal is possible: each need finds its thing, or tells why not.
local signals = require "cdr.standard.signals"

local needs = {}

-- A need is given the signal and what was found before it (`at`), to which it adds. It returns
-- nothing, or the sentence without its verb.
local find = {}

function find.running(memory)
  if memory.stopped then return "the server is stopped" end
end

function find.media(memory)
  if memory.media_lost then return "the media server is lost" end
end

function find.lost(memory)
  if not memory.media_lost then return "the media server is not lost" end
end

function find.no_session(memory, signal)
  if memory.sessions[signal.sessionId] then
    return ("session %q is there already"):format(signal.sessionId)
  end
end

function find.session(memory, signal, at)
  at.session = memory.sessions[signal.sessionId]
  if not at.session then return ("there is no session %q"):format(signal.sessionId) end
end

function find.no_participant(_, signal, at)
  if at.session.participants[signal.participantId] then
    return ("%q is in session %q already"):format(signal.participantId, signal.sessionId)
  end
end

local function participant(id, signal, at)
  local found = at.session.participants[id]
  if found then return found end
  return nil, ("%q is not in session %q"):format(id, signal.sessionId)
end

function find.participant(_, signal, at)
  local problem
  at.participant, problem = participant(signal.participantId, signal, at)
  return problem
end

function find.sender(_, signal, at)
  if not signal.from then return end
  local _, problem = participant(signal.from, signal, at)
  return problem
end

function find.no_stream(_, signal, at)
  if at.participant.stream then return ("%q publishes already"):format(signal.participantId) end
end

function find.stream(_, signal, at)
  at.thing = at.participant.stream
  if not at.thing then return ("%q does not publish"):format(signal.participantId) end
end

function find.publisher(_, signal, at)
  local problem
  if signal.receivingFrom == signal.participantId then
    return ("%q cannot receive from itself"):format(signal.participantId)
  end
  at.publisher, problem = participant(signal.receivingFrom, signal, at)
  if problem then return problem end
  if not at.publisher.stream then return ("%q does not publish"):format(signal.receivingFrom) end
end

function find.not_received(_, signal, at)
  if at.participant.from[signal.receivingFrom] then
    return ("%q receives from %q already"):format(signal.participantId, signal.receivingFrom)
  end
end

function find.received(_, signal, at)
  at.thing = at.participant.from[signal.receivingFrom]
  if not at.thing then
    return ("%q does not receive from %q"):format(signal.participantId, signal.receivingFrom)
  end
end

-- OpenVidu's answer to the request is 406 then.
function find.somebody(_, signal, at)
  if at.session.count == 0 then return ("nobody is in session %q"):format(signal.sessionId) end
end

function find.no_recording(_, signal, at)
  if at.session.recording then
    return ("session %q is being recorded already"):format(signal.sessionId)
  end
end

function find.recording(_, signal, at)
  at.thing = at.session.recording
  if not at.thing then return ("session %q is not being recorded"):format(signal.sessionId) end
end

function find.starting(_, _, at)
  if at.thing.started then return ("recording %q has started already"):format(at.thing.id) end
end

-- One that was stopped and whose file is awaited. The session may be gone meanwhile.
function find.stopped_recording(memory, signal, at)
  local recording = memory.processing[signal.id]
  if not recording or recording.session.sessionId ~= signal.sessionId then
    return ("no recording %q of session %q is awaited"):format(signal.id, signal.sessionId)
  end
  at.session, at.thing = recording.session, recording
end

-- One that did not start, or whose file was lost.
function find.failing_recording(memory, signal, at)
  if signal.id and memory.processing[signal.id] then
    return find.stopped_recording(memory, signal, at)
  end
  local problem = find.session(memory, signal, at) or find.recording(memory, signal, at)
  return problem or find.starting(memory, signal, at)
end

-- Nothing ends, and nobody does anything, before it began.
function find.in_time(_, signal, at)
  local since = at.thing or at.participant or at.session
  if signal.timestamp < since.startTime then
    return ("timestamp %d is before the beginning, %d"):format(signal.timestamp, since.startTime)
  end
end

--- What the signal is about: { session = , participant = , publisher = , thing = }, as far as its
--- verb needs them (thing: the stream, the subscription or the recording). Or nil and a sentence.
function needs.find(memory, verb, signal)
  local at = {}
  for name in (signals.needs[verb] or ""):gmatch "%S+" do
    local problem = find[name](memory, signal, at)
    if problem then return nil, verb .. ": " .. problem end
  end
  return at
end

return needs
