-- Participants: they join, and leave when all their streams are closed.
--
-- Where the log began in the middle of a session, somebody may do things who was not seen to
-- join: such a person has no `start`.
local sessions = require "cdr.validate.sessions"

local people = {}

function people.id_of(event)
  local id = event.participantId
  if type(id) ~= "string" then id = event.connectionId end
  return type(id) == "string" and id or nil
end

--- Takes somebody into the session: `watchers` counts who receives what they publish as `out`;
--- `from` is what they receive, by publisher.
function people.add(session, id, start)
  local person = { start = start, from = {}, watchers = 0 }
  session.people[id] = person
  session.count = session.count + 1
  return person
end

--- Who does what the event tells; nil, reported, where that cannot be.
function people.of(session, event, report)
  local id = people.id_of(event)
  if not id then return nil end
  local person = session.people[id]
  if person then return person end
  if not session.start then return people.add(session, id) end
  report("error", "%s of %s, who is not in session %s", event.event, id, session.id)
end

function people.joined(server, event, place, report)
  local session, id = sessions.of(server, event, place, report), people.id_of(event)
  if not session or not id then return end
  if session.people[id] then
    report("error", "participantJoined of %s, who is in session %s already", id, session.id)
    session.people[id].start = event.timestamp
  else
    people.add(session, id, event.timestamp)
  end
end

-- What is open of a participant who goes; the publishers lose a watcher.
local function close(session, person)
  local open = person.watchers + (person.out and 1 or 0)
  for publisher in pairs(person.from) do
    open = open + 1
    local other = session.people[publisher]
    if other then other.watchers = other.watchers - 1 end
  end
  return open
end

function people.left(server, event, place, report)
  local session, id = sessions.of(server, event, place, report), people.id_of(event)
  if not session or not id then return end
  local person, start = session.people[id], event.startTime
  if not person or not person.start then
    report(sessions.unseen(server, session.start, start),
      "participantLeft of %s, not seen to join session %s", id, session.id)
  elseif math.type(start) == "integer" and start ~= person.start then
    report("error", "participantLeft of %s: startTime is not the timestamp of its "
      .. "participantJoined", id)
  end
  if not person then return end
  local open = close(session, person)
  if open > 0 then
    report("error", "participantLeft of %s before the end of its streams, sent or received (%d)",
      id, open)
  end
  session.people[id] = nil
  session.count = session.count - 1
end

--- A filter's events come from the media server, by another way and another clock.
function people.filtered(server, event, place, report)
  local session, id = sessions.of(server, event, place, report), people.id_of(event)
  if session and session.start and id and not session.people[id] then
    report("warning", "filterEventDispatched of %s, who is not in session %s", id, session.id)
  end
end

return people
