-- Streams: one published by each participant, and those received; how a leave or an unpublish
-- ends them. Orders are compared as sets: the server's own is that of a hash.
local people = require "cdr.validate.people"
local sessions = require "cdr.validate.sessions"

local streams = {}

local function set(words)
  local values = {}
  for word in words:gmatch "%S+" do values[word] = true end
  return values
end

-- A leave ends what others receive, then what one receives, then what one publishes.
local leaves = set("disconnect forceDisconnectByUser forceDisconnectByServer networkDisconnect "
  .. "sessionClosedByServer openviduServerStopped nodeCrashed")
-- An unpublish ends what one publishes, then what others receive.
local unpublishes = set "unpublish forceUnpublishByUser forceUnpublishByServer"

local function stream_of(event)
  return { start = event.timestamp, id = type(event.streamId) == "string" and event.streamId }
end

local function publish(person, event, report)
  if person.out then
    report("error", "webrtcConnectionCreated of %s, who publishes already", people.id_of(event))
  end
  person.out = stream_of(event)
end

-- Somebody who was there before the log began may publish since then, too.
local function publisher_of(session, event, report)
  local from = event.receivingFrom
  local publisher = session.people[from]
  if not publisher and not session.start then publisher = people.add(session, from) end
  if publisher and not publisher.start then publisher.out = publisher.out or {} end
  if publisher and publisher.out then return publisher end
  report("error", "webrtcConnectionCreated of %s: receivingFrom %s, who does not publish",
    people.id_of(event), from)
  return publisher
end

local function subscribe(session, person, event, report)
  local from, id = event.receivingFrom, people.id_of(event)
  local publisher = publisher_of(session, event, report)
  local sent = publisher and publisher.out and publisher.out.id
  if sent and event.streamId ~= sent then
    report("error", "webrtcConnectionCreated of %s: streamId is not that of %s", id, from)
  end
  if person.from[from] then
    report("error", "webrtcConnectionCreated of %s, who receives from %s already", id, from)
  elseif publisher then
    publisher.watchers = publisher.watchers + 1
  end
  person.from[from] = stream_of(event)
end

-- The end of `stream`, which may not have been seen to begin.
local function check_end(server, session, person, stream, event, report)
  local start, id = event.startTime, people.id_of(event)
  if not stream then
    report(sessions.unseen(server, person.start or session.start, start),
      "webrtcConnectionDestroyed of %s, %s, not seen to begin", id, tostring(event.connection))
  elseif stream.start and math.type(start) == "integer" and start ~= stream.start then
    report("error", "webrtcConnectionDestroyed of %s: startTime is not the timestamp of its "
      .. "webrtcConnectionCreated", id)
  elseif stream.id and event.streamId ~= stream.id then
    report("error", "webrtcConnectionDestroyed of %s: streamId is not that of its "
      .. "webrtcConnectionCreated", id)
  end
end

local function unpublish(person, event, report)
  if person.out and leaves[event.reason] and (person.watchers > 0 or next(person.from)) then
    report("error", "webrtcConnectionDestroyed of %s, OUTBOUND, reason %s: received streams must "
      .. "end before", people.id_of(event), event.reason)
  end
  person.out = nil
end

local function unsubscribe(session, person, event, report)
  local from = event.receivingFrom
  local publisher = session.people[from]
  if publisher and person.from[from] then
    publisher.watchers = publisher.watchers - 1
    if publisher.out and unpublishes[event.reason] then
      report("error", "webrtcConnectionDestroyed of %s, INBOUND, reason %s: the stream of %s must "
        .. "end before", people.id_of(event), event.reason, from)
    end
  end
  person.from[from] = nil
end

local function actors(server, event, place, report)
  local session = sessions.of(server, event, place, report)
  return session, session and people.of(session, event, report)
end

function streams.created(server, event, place, report)
  local session, person = actors(server, event, place, report)
  if not person then return end
  if event.connection == "OUTBOUND" then return publish(person, event, report) end
  if type(event.receivingFrom) == "string" then subscribe(session, person, event, report) end
end

function streams.destroyed(server, event, place, report)
  local session, person = actors(server, event, place, report)
  if not person then return end
  local inbound = event.connection == "INBOUND"
  if inbound and type(event.receivingFrom) ~= "string" then return end
  local stream = person.out
  if inbound then stream = person.from[event.receivingFrom] end
  check_end(server, session, person, stream, event, report)
  if inbound then return unsubscribe(session, person, event, report) end
  unpublish(person, event, report)
end

return streams
