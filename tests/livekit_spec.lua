-- LiveKit's webhooks become standard events: each rule is a case, told in few words.
local rules = require "tests.support.rules"
local signals = require "tests.support.signals"
local support = require "tests.support"

local BASE_S = 1600000000

-- %5 is five seconds after the beginning; s, ms, ns say in what.
local function times(text)
  text = text:gsub("%%(%d+)(n?m?s)", function(at, unit)
    local zeros = { s = "", ms = "000", ns = "000000000" }
    return ("%d%s"):format(BASE_S + tonumber(at), zeros[unit])
  end)
  return text
end

local ids = 0

-- "5 participant_joined" and what it holds: a webhook of room A, five seconds after the beginning.
local function webhook(text)
  local at, name, rest = text:match "^(%S+) (%S+) ?(.*)$"
  ids = ids + 1
  local room = rest:find '"room":' and "" or '"room":{"sid":"RM_a","name":"A"},'
  rest = rest ~= "" and rest .. "," or ""
  local shape = '{"event":"%s",%s%s"id":"EV_%d","createdAt":"%%%ss"}'
  return times(shape:format(name, room, rest, ids, at))
end

local function who(id, more)
  return ('"participant":{"sid":"%s","identity":"%s"%s}'):format(id, id, more and "," .. more or "")
end

local function joined(at, id, more)
  return ("%d participant_joined %s"):format(at, who(id, more))
end

local function left(at, id, why)
  local more = why and ('"disconnectReason":"%s"'):format(why)
  return ("%d participant_left %s"):format(at, who(id, more))
end

local function track(at, verb, id, sid, source, kind)
  return ('%d track_%s %s,"track":{"sid":"%s","source":"%s"%s}'):format(at, verb, who(id), sid,
    source, kind and ',"type":"VIDEO"' or "")
end

local function egress(at, name, id, status, more)
  return ('%d egress_%s "egressInfo":{"egressId":"%s","roomName":"A","roomId":"RM_a"%s,'
    .. '"startedAt":"%%2ns"%s}'):format(at, name, id,
    status and ',"status":"EGRESS_' .. status .. '"' or "", more and "," .. more or "")
end

local function run(texts, options)
  local lines = {}
  for i, text in ipairs(texts) do lines[i] = text:find "^{" and text or webhook(text) end
  return signals.told_by("livekit", lines, options)
end

local function check(texts, expected, options)
  local events, errors, rejects = run(texts, options)
  assert.same(expected, events, errors)
  assert.same({}, rejects)
end

local function with(first, list)
  local all = table.move(first, 1, #first, 1, {})
  return table.move(list, 1, #list, #all + 1, all)
end

local STARTED = { '0 room_started "room":{"sid":"RM_a","name":"A","creationTime":"%0s"}',
  joined(1, "p") }
local STARTED_EVENTS = { "0 A created", "1 A joined p" }

-- In a room with one participant.
local function check_in(texts, expected, options)
  check(with(STARTED, texts), with(STARTED_EVENTS, expected), options)
end

describe("livekit", function()
  after_each(support.clean)

  local reasons = {
    CLIENT_INITIATED = "disconnect", DUPLICATE_IDENTITY = "disconnect",
    UNKNOWN_REASON = "disconnect", SOMETHING_NEW = "disconnect",
    PARTICIPANT_REMOVED = "forceDisconnectByServer", ROOM_DELETED = "sessionClosedByServer",
    ROOM_CLOSED = "sessionClosedByServer", SERVER_SHUTDOWN = "openviduServerStopped",
    SIGNAL_CLOSE = "networkDisconnect", CONNECTION_TIMEOUT = "networkDisconnect",
    MEDIA_FAILURE = "networkDisconnect", STATE_MISMATCH = "networkDisconnect",
    JOIN_FAILURE = "networkDisconnect", MIGRATION = "mediaServerReconnect",
  }
  it("tells LiveKit's reasons in OpenVidu's words", function()
    local names, texts, expected = {}, {}, {}
    for name in pairs(reasons) do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do
      texts = with(texts, { joined(2, "q" .. i), left(3, "q" .. i, name) })
      expected = with(expected, { ("2 A joined q%d"):format(i),
        ("3 A left q%d 1 %s"):format(i, reasons[name]) })
    end
    check_in(texts, expected)
  end)

  it("ends a session of which nothing is told for a day, when it was told of last", function()
    local other = '"room":{"sid":"RM_b","name":"B"}'
    check_in({ "86000 room_started " .. other, "88000 room_finished " .. other,
      joined(88010, "q") }, {
      "1 A left p 0 disconnect", "1 A destroyed 1 lastParticipantLeft",
    })
    check_in({ left(5, "p"), joined(20, "q"), "25 room_started " .. other,
      "100 room_finished " .. other }, {
      "5 A left p 4 disconnect", "20 A joined q", "20 A left q 0 disconnect",
      "20 A destroyed 20 lastParticipantLeft",
    }, { "timeout=64" })
  end)

  it("ends no session for a time far ahead", function()
    check_in({ '9999999999 room_started "room":{"sid":"RM_b","name":"B"}', joined(20, "q"),
      "21 room_finished" }, {
      "20 A joined q", "21 A left p 20 disconnect", "21 A left q 1 disconnect",
      "21 A destroyed 21 lastParticipantLeft",
    })
  end)

  it("ends a session with its room, not with the last leave", function()
    check_in({ left(5, "p"), joined(6, "q"), left(7, "q", "SIGNAL_CLOSE"), "20 room_finished" }, {
      "5 A left p 4 disconnect", "6 A joined q", "7 A left q 1 networkDisconnect",
      "20 A destroyed 20 lastParticipantLeft",
    })
    check_in({ left(5, "p", "ROOM_DELETED"), "5 room_finished" },
      { "5 A left p 4 sessionClosedByServer", "5 A destroyed 5 sessionClosedByServer" })
  end)

  it("closes what is left when the room is finished", function()
    check_in({ track(2, "published", "p", "T", "CAMERA", true), "9 room_finished" }, {
      "2 A +p", "9 A -p 7 disconnect", "9 A left p 8 disconnect",
      "9 A destroyed 9 lastParticipantLeft",
    })
  end)

  it("takes a name that is used again for another session", function()
    check_in({ '5 participant_joined "room":{"sid":"RM_b","name":"A"},' .. who "q",
      left(6, "p"), joined(6, "r") }, {
      "5 A left p 4 disconnect", "5 A destroyed 5 lastParticipantLeft", "5 A created",
      "5 A joined q",
    })
  end)

  it("reads integers as numbers, keys in snake_case, and null as nothing", function()
    check({
      '{"event":"room_started","room":{"name":"A","creation_time":1600000000,'
        .. '"creation_time_ms":1600000000500},"created_at":1600000001}',
      '{"event":"participant_joined","room":{"name":"A","sid":null},"participant":{"sid":"p",'
        .. '"joined_at_ms":1600000002250,"name":null,"kind":null},"created_at":1600000003}',
      '{"event":"participant_left","room":{"name":"A"},"participant":{"sid":"p",'
        .. '"disconnect_reason":"SIGNAL_CLOSE"},"created_at":1600000009}',
    }, { "0.5 A created", "2.25 A joined p", "9 A left p 6 networkDisconnect" })
  end)

  it("does nothing when a webhook comes again", function()
    local again = webhook(track(2, "published", "p", "T", "CAMERA", true))
    check_in({ again, again, track(5, "unpublished", "p", "T", "CAMERA"), again },
      { "2 A +p", "5 A -p 3 unpublish" })
  end)

  it("tells joins late, and leaves without their joins", function()
    check_in({ left(5, "q"), joined(6, "q"), joined(7, "p") },
      { "5 A joined q", "5 A left q 0 disconnect" })
    check_in({ '5 participant_left ' .. who("q", '"joinedAtMs":"%2ms"') },
      { "2 A joined q", "5 A left q 3 disconnect" })
  end)

  it("tells an aborted connection of one who joined only", function()
    check_in({ "4 participant_connection_aborted " .. who "q",
      "5 participant_connection_aborted " .. who("p", '"disconnectReason":"SIGNAL_CLOSE"') },
      { "5 A left p 4 networkDisconnect" })
  end)

  it("ends nothing before its beginning", function()
    check_in({ joined(9, "q"), track(3, "published", "q", "T", "CAMERA", true), left(2, "q") },
      { "9 A joined q", "9 A +q", "9 A -q 0 disconnect", "9 A left q 0 disconnect" })
    check_in({ track(9, "published", "p", "T", "CAMERA", true), left(5, "p"), "4 room_finished" },
      { "9 A +p", "9 A -p 0 disconnect", "9 A left p 8 disconnect",
        "9 A destroyed 9 lastParticipantLeft" })
  end)

  it("keeps the tracks of one who has not joined", function()
    check({ track(2, "published", "p", "T", "CAMERA", true),
      track(2, "published", "p", "U", "CAMERA", true), track(2, "unpublished", "p", "U", "CAMERA"),
      joined(1, "p"), left(9, "p") },
      { "2 A created", "2 A joined p", "2 A +p", "9 A -p 7 disconnect", "9 A left p 7 disconnect" })
  end)

  it("leaves out the recorder, and tells of an agent", function()
    check_in({ joined(2, "rec", '"kind":"EGRESS"'), joined(3, "bot", '"kind":"AGENT"'),
      left(4, "rec"), left(5, "bot") },
      { "3 A joined bot", "5 A left bot 2 disconnect" })
  end)

  it("merges camera and microphone, and begins anew when a kind comes later", function()
    check_in({ track(2, "published", "p", "M", "MICROPHONE"),
      track(3, "published", "p", "C", "CAMERA", true),
      track(9, "unpublished", "p", "C", "CAMERA", true), left(20, "p") }, {
      "2 A +p", "9 A -p 7 unpublish", "9 A +p", "20 A -p 11 disconnect",
      "20 A left p 19 disconnect",
    })
    check_in({ track(2, "published", "p", "M", "MICROPHONE"),
      track(8, "published", "p", "C", "CAMERA", true) },
      { "2 A +p", "8 A -p 6 unpublish", "8 A +p" })
  end)

  it("shares a screen under a connection of its own", function()
    check_in({ track(2, "published", "p", "S", "SCREEN_SHARE", true),
      track(2, "published", "p", "A", "SCREEN_SHARE_AUDIO"),
      track(9, "unpublished", "p", "A", "x"), track(9, "unpublished", "p", "S", "x") }, {
      "2 A joined p_SCREEN", "2 A +p_SCREEN", "9 A -p_SCREEN 7 unpublish",
      "9 A left p_SCREEN 7 disconnect",
    })
  end)

  it("infers who receives whom only when it is asked to", function()
    local two = { track(2, "published", "p", "C", "CAMERA", true), joined(4, "q"),
      track(5, "published", "p", "S", "SCREEN_SHARE", true), left(9, "q") }
    local without = { "2 A +p", "4 A joined q", "5 A joined p_SCREEN", "5 A +p_SCREEN",
      "9 A left q 5 disconnect" }
    check_in(two, without)
    check_in(two, { "2 A +p", "4 A joined q", "4 A +q<p", "5 A joined p_SCREEN", "5 A +p_SCREEN",
      "5 A +q<p_SCREEN", "9 A -q<p 5 disconnect", "9 A -q<p_SCREEN 4 disconnect",
      "9 A left q 5 disconnect" }, { "inbound=auto" })
  end)

  it("makes recordings of egresses, also of several at once", function()
    check_in({ egress(2, "started", "E"), egress(3, "updated", "E", "ACTIVE"),
      egress(3, "updated", "F", "ACTIVE"),
      egress(8, "updated", "E", "ENDING", '"updatedAt":"%7ns"'),
      egress(9, "ended", "E", "COMPLETE", '"fileResults":[{"size":"77","duration":"4500000000"}]'),
      egress(11, "ended", "F", "FAILED", '"endedAt":"%10ns"') }, {
      "2 A recording E started 0.0 0", "2 A recording F started 0.0 0",
      "7 A recording E stopped 0.0 0 recordingStoppedByServer",
      "9 A recording E ready 4.5 77 recordingStoppedByServer",
      "10 A recording F stopped 0.0 0 recordingStoppedByServer",
      "11 A recording F failed 0.0 0 recordingStoppedByServer",
    })
  end)

  it("says automaticStop of a limit, and nothing of what did not start", function()
    check_in({ egress(9, "ended", "E", "LIMIT_REACHED"), egress(9, "ended", "F", "ABORTED"),
      egress(10, "updated", "E", "ACTIVE") }, {
      "2 A recording E started 0.0 0", "9 A recording E stopped 0.0 0 automaticStop",
      "9 A recording E ready 0.0 0 automaticStop",
    })
    check_in({ egress(9, "ended", "F", "ABORTED") }, { "9 A recording F failed 0.0 0" },
      { "profile=2.32" })
  end)

  it("tells of a recording that came before its room, and of one that ended after it", function()
    check(with({ egress(2, "updated", "E", "ACTIVE") }, with(STARTED, { left(5, "p"),
      "9 room_finished", egress(12, "ended", "E", "COMPLETE", '"fileResults":[{"size":5}]') })), {
      "0 A created", "2 A recording E started 0.0 0", "1 A joined p", "5 A left p 4 disconnect",
      "9 A recording E stopped 0.0 0 lastParticipantLeft", "9 A destroyed 9 lastParticipantLeft",
      "12 A recording E ready 0.0 5 lastParticipantLeft",
    })
  end)

  it("drops what LiveKit tells of other things", function()
    check_in({ "2 ingress_started", "3 agent_job_started", "4 something_new" }, {})
  end)

  local unusable = {
    ['{"event":"room_started","room":{"name":"A"}}'] = "createdAt is no time in seconds",
    ['{"event":"room_started","createdAt":"1"}'] = "room has neither name nor sid",
    ['{"event":"room_started","room":7,"createdAt":1}'] = "room has neither name nor sid",
    ['{"event":"participant_joined","room":{"name":"A"},"createdAt":"1"}']
      = "participant has neither sid nor identity",
    ['{"event":"track_published","room":{"name":"A"},"participant":{"sid":"p"},"createdAt":"1"}']
      = "track has no sid",
    ['{"event":"egress_ended","egressInfo":null,"createdAt":"1"}'] = "egressInfo has no egressId",
    ['{"event":"room_started","room":{"name":"A"},"createdAt":"99999999999999999999"}']
      = "createdAt is no time in seconds",
  }
  it("refuses what cannot be used, and tells why", function()
    for line, sentence in pairs(unusable) do
      local events, errors, rejects = run { line }
      assert.same({}, events)
      assert.is_truthy(errors:find(sentence, 1, true), errors)
      assert.equal(1, #rejects)
    end
  end)

  it("makes events that validate finds no error in", function()
    for _, case in ipairs(support.list "tests/golden/livekit") do
      local file = support.realpath "tests/golden/livekit" .. "/" .. case .. "/expected"
      local code, out = support.run { "run", "--once", "validate", file }
      assert.equal(0, code, out)
    end
  end)

  it("takes anything for a webhook without a fault", function()
    local values = { "null", "7", '"x"', "[]", "{}", "[1]", "1e300", "-1", "true" }
    local lines = {}
    for _, key in ipairs { "room", "participant", "track", "egressInfo", "createdAt", "id" } do
      for _, value in ipairs(values) do
        for _, name in ipairs { "participant_left", "track_published", "egress_ended" } do
          local keys = { room = '{"name":"A"}', participant = '{"sid":"p","attributes":[1]}',
            track = '{"sid":"T","width":"x"}', createdAt = "1600000000", id = "null",
            egressInfo = '{"egressId":"E","status":"EGRESS_COMPLETE","fileResults":[null]}' }
          keys[key] = value
          local text = {}
          for k, v in pairs(keys) do text[#text + 1] = ('"%s":%s'):format(k, v) end
          lines[#lines + 1] = ('{"event":"%s",%s}'):format(name, table.concat(text, ","))
        end
      end
    end
    local _, errors = signals.told_by("livekit", lines)
    assert.is_nil(errors:find("%.lua:%d"), errors)
    assert.is_true(#rules.lines(errors) > 0)
  end)
end)
