-- The generator: what happens in a server, and the events that come of it, in few words.
local rules = require "tests.support.rules"
local signals = require "tests.support.signals"
local support = require "tests.support"

local function check(texts, expected, options)
  local events, errors, rejects = signals.run(texts, options)
  assert.same(expected, events, errors)
  assert.same({}, rejects)
end

-- Two who publish and receive each other.
local PAIR = {
  "0 createSession A", "1 join A p", "2 publish A p", "3 join A q", "4 publish A q",
  "5 subscribe A p q", "6 subscribe A q p",
}
local PAIR_EVENTS = {
  "0 A created", "1 A joined p", "2 A +p", "3 A joined q", "4 A +q", "5 A +p<q", "6 A +q<p",
}

local function with(list, more)
  local all = table.move(list, 1, #list, 1, {})
  return table.move(more, 1, #more, #all + 1, all)
end

local function check_pair(texts, expected, options)
  check(with(PAIR, texts), with(PAIR_EVENTS, expected), options)
end

describe("the generator", function()
  after_each(support.clean)

  it("ends a session with its last participant, each cascade in the server's order", function()
    check_pair({ "10.999 leave A p", "20 leave A q networkDisconnect" }, {
      "10.999 A -q<p 4 disconnect", "10.999 A -p<q 5 disconnect", "10.999 A -p 8 disconnect",
      "10.999 A left p 9 disconnect",
      "20 A -q 16 networkDisconnect", "20 A left q 17 networkDisconnect",
      "20 A destroyed 20 lastParticipantLeft",
    })
  end)

  it("closes a session participant by participant, in the order in which they came", function()
    check_pair({ "7 startRecording A", "9 closeSession A size=77 duration=1.5" }, {
      "7 A recording A started 0.0 0",
      "9 A -q<p 3 sessionClosedByServer", "9 A -p<q 4 sessionClosedByServer",
      "9 A -p 7 sessionClosedByServer", "9 A left p 8 sessionClosedByServer",
      "9 A -q 5 sessionClosedByServer", "9 A left q 6 sessionClosedByServer",
      "9 A recording A stopped 0.0 0 sessionClosedByServer",
      "9 A recording A ready 1.5 77 sessionClosedByServer",
      "9 A destroyed 9 sessionClosedByServer",
    })
  end)

  it("ends the stream before those who receive it when it is unpublished", function()
    check_pair({ "8 unpublish A p", "9 unpublish A q forceUnpublishByUser", "10 publish A p" }, {
      "8 A -p 6 unpublish", "8 A -q<p 2 unpublish", "9 A -q 5 forceUnpublishByUser",
      "9 A -p<q 4 forceUnpublishByUser", "10 A +p",
    })
  end)

  it("ends one reception alone", function()
    check_pair({ "8.5 unsubscribe A q p", "9 subscribe A q p" },
      { "8.5 A -q<p 2 unsubscribe", "9 A +q<p" })
  end)

  for _, reason in ipairs { "disconnect", "networkDisconnect", "forceDisconnectByUser",
    "forceDisconnectByServer" } do
    it("tells a session's end by " .. reason .. " as lastParticipantLeft", function()
      check({ "0 createSession A", "1 join A p", "2 leave A p " .. reason },
        { "0 A created", "1 A joined p", "2 A left p 1 " .. reason,
          "2 A destroyed 2 lastParticipantLeft" })
    end)
  end

  local RECORDED = { "0 createSession A", "1 join A p", "2 publish A p", "3 startRecording A" }
  local RECORDED_EVENTS = {
    "0 A created", "1 A joined p", "2 A +p", "3 A recording A started 0.0 0",
  }
  local LEFT = { "10 A -p 8 disconnect", "10 A left p 9 disconnect" }

  local function check_recorded(texts, expected, options)
    check(with(RECORDED, texts), with(RECORDED_EVENTS, expected), options)
  end

  it("stops a recording by itself 120 s after the last one left", function()
    check_recorded({ "10 leave A p", "130 createSession B" }, with(LEFT, {
      "130 A recording A stopped 0.0 0 automaticStop",
      "130 A recording A ready 127.0 0 automaticStop", "130 A destroyed 130 automaticStop",
    }))
    check_recorded({ "10 leave A p", "129.999 createSession B" }, LEFT)
  end)

  it("ends with lastParticipantLeft where automatic stop is off", function()
    check_recorded({ "10 leave A p size=5 duration=6" }, with(LEFT, {
      "10 A recording A stopped 0.0 0 lastParticipantLeft",
      "10 A recording A ready 6.0 5 lastParticipantLeft", "10 A destroyed 10 lastParticipantLeft",
    }), { "autostop=0" })
  end)

  it("lets a session live on when somebody publishes in time", function()
    check_recorded({ "10 leave A p", "100 join A q", "101 publish A q", "300 leave A q" },
      with(LEFT, { "100 A joined q", "101 A +q", "300 A -q 199 disconnect",
        "300 A left q 200 disconnect" }))
  end)

  it("stops a recording by itself while people stay but nobody publishes", function()
    check_recorded({ "10 unpublish A p", "200 leave A p" }, {
      "10 A -p 8 unpublish", "130 A recording A stopped 0.0 0 automaticStop",
      "130 A recording A ready 127.0 0 automaticStop",
      "200 A left p 199 disconnect", "200 A destroyed 200 lastParticipantLeft",
    })
  end)

  it("ends an empty session with its recording when that is stopped by the server", function()
    check_recorded({ "10 leave A p", "20 stopRecording A size=9 duration=15.5" }, with(LEFT, {
      "20 A recording A stopped 0.0 0 recordingStoppedByServer",
      "20 A recording A ready 15.5 9 recordingStoppedByServer",
      "20 A destroyed 20 recordingStoppedByServer",
    }))
  end)

  it("tells of a recording's start late, with the time of its beginning", function()
    check({ "0 createSession A", "1 join A p", "3 startRecording A pending=true", "4 publish A p",
      "5 recordingStarted A" },
      { "0 A created", "1 A joined p", "4 A +p", "3 A recording A started 0.0 0" })
  end)

  it("fails a recording whose session closes while it starts", function()
    check({ "0 createSession A", "1 join A p", "3 startRecording A pending=true",
      "4 closeSession A" },
      { "0 A created", "1 A joined p", "4 A left p 3 sessionClosedByServer",
        "4 A recording A stopped 0.0 0 sessionClosedByServer",
        "4 A recording A failed 0.0 0 sessionClosedByServer",
        "4 A destroyed 4 sessionClosedByServer" })
  end)

  it("tells since 2.32 that a recording could not start", function()
    local texts = { "0 createSession A", "1 join A p", "3 startRecording A pending=true",
      "4 recordingFailed A" }
    check(texts, { "0 A created", "1 A joined p" })
    check(texts, { "0 A created", "1 A joined p", "4 A recording A failed 0.0 0" },
      { "profile=2.32" })
  end)

  it("has files ready later, also behind the session's end, and numbers recordings", function()
    local texts = { "4 stopRecording A pending=true", "5 startRecording A", "6 leave A p",
      "7 stopRecording A size=2 duration=1", "8 recordingReady A A size=1 duration=0.5" }
    local function expected(second)
      return {
        "4 A recording A stopped 0.0 0 recordingStoppedByServer",
        "5 A recording " .. second .. " started 0.0 0",
        "6 A -p 4 disconnect", "6 A left p 5 disconnect",
        "7 A recording " .. second .. " stopped 0.0 0 recordingStoppedByServer",
        "7 A recording " .. second .. " ready 1.0 2 recordingStoppedByServer",
        "7 A destroyed 7 recordingStoppedByServer",
        "8 A recording A ready 0.5 1 recordingStoppedByServer",
      }
    end
    check_recorded(texts, expected "A-1")
    check_recorded(texts, expected "A~1", { "profile=2.32" })
    check_recorded({ "4 stopRecording A pending=true", "5 recordingFailed A id=A" }, {
      "4 A recording A stopped 0.0 0 recordingStoppedByServer",
      "5 A recording A failed 0.0 0 recordingStoppedByServer",
    })
  end)

  it("closes all sessions when the server is stopped, the oldest first", function()
    check({ "0 createSession B", "1 createSession A", "2 join A p", "3 join B q", "4 join B r",
      "5 startRecording B", "6 serverStopped", "7 serverStarted", "8 createSession A",
      "9 join A p" },
      { "1 A created", "2 A joined p", "0 B created", "3 B joined q", "4 B joined r",
        "5 B recording B started 0.0 0",
        "6 B left q 3 openviduServerStopped", "6 B left r 2 openviduServerStopped",
        "6 B recording B stopped 0.0 0 openviduServerStopped",
        "6 B recording B ready 1.0 0 openviduServerStopped",
        "6 B destroyed 6 openviduServerStopped",
        "6 A left p 4 openviduServerStopped", "6 A destroyed 5 openviduServerStopped",
        "8 A created", "9 A joined p" })
  end)

  it("writes nothing for a crash, and remembers nothing", function()
    check_pair({ "7 startRecording A", "8 serverCrashed", "9 serverStarted", "10 createSession A",
      "500 join A p" },
      { "7 A recording A started 0.0 0", "10 A created", "500 A joined p" })
  end)

  it("keeps people when the media server comes back as a new process", function()
    local texts = { "7 startRecording A", "8 mediaServerLost", "9 mediaServerBack",
      "10 publish A p", "11 subscribe A q p" }
    local function expected(reason)
      return { "7 A recording A started 0.0 0", "9 A recording A stopped 0.0 0 " .. reason,
        "9 A recording A ready 2.0 0 " .. reason, "9 A -p<q 4 " .. reason, "9 A -p 7 " .. reason,
        "9 A -q<p 3 " .. reason, "9 A -q 5 " .. reason, "10 A +p", "11 A +q<p" }
    end
    check_pair(texts, expected "mediaServerDisconnect")
    check_pair(texts, expected "mediaServerReconnect", { "profile=2.32" })
    check_pair({ "8 mediaServerLost", "9 mediaServerBack - restarted=false" }, {})
  end)

  it("ends everything when the media server's node crashes", function()
    local texts = { "7 unpublish A p", "8 unpublish A q", "9 startRecording A",
      "10 nodeCrashed - id=kms" }
    local before = { "7 A -p 5 unpublish", "7 A -q<p 1 unpublish", "8 A -q 4 unpublish",
      "8 A -p<q 3 unpublish", "9 A recording A started 0.0 0" }
    local function after(reason)
      return { "10 A left p 9 " .. reason, "10 A left q 7 " .. reason,
        "10 A recording A stopped 0.0 0 " .. reason, "10 A recording A ready 1.0 0 " .. reason,
        "10 A destroyed 10 " .. reason }
    end
    check_pair(texts, with(before, after "mediaServerDisconnect"))
    check_pair(texts, with(with(before, { "10 - node kms sessions 1 recordings 1" }),
      after "nodeCrashed"), { "profile=2.32" })
  end)

  it("tells of a session with its first participant until 2.18, at its creation later", function()
    local texts = { "0 createSession A", "1 createSession B", "2 closeSession B", "3 join A p" }
    check(texts, { "0 A created", "3 A joined p" })
    check(texts, { "0 A created", "1 B created", "2 B destroyed 1 sessionClosedByServer",
      "3 A joined p" }, { "profile=2.32" })
  end)

  it("forgets a session that nobody joins for an hour, without a word", function()
    check({ "0 createSession A", "3599 createSession B", "3600 createSession A" }, {
      "0 A created", "3599 B created", "3600 A created" }, { "profile=2.32" })
  end)

  it("dispatches filter events and, since 2.17, signals", function()
    local texts = { "0 createSession A", "1 join A p", "2 publish A p streamId=str",
      "3 filterEvent A p ZBar CodeFound", '4 signal A p to=["q","r"] type=signal:chat data=hi',
      "5 signal A" }
    check(texts, { "0 A created", "1 A joined p", "2 A +p", "3 A filter str CodeFound" })
    check(texts, { "0 A created", "1 A joined p", "2 A +p", "3 A filter str CodeFound",
      "4 A signal p 2 signal:chat hi", "5 A signal nobody 0  " }, { "profile=2.32" })
  end)
end)

describe("the generator's memory", function()
  after_each(support.clean)

  -- Between two signals it is taken away, looked at, and given back as a copy made by JSON.
  local RULES = [[
    local standard = require "cdr.standard"
    local memory = {}
    local function check(value, seen)
      if type(value) ~= "table" then return assert(type(value) ~= "function") end
      assert(not getmetatable(value) and not seen[value], "not a plain tree")
      seen[value] = true
      for _, part in pairs(value) do check(part, seen) end
    end
    local function copy(value)
      if type(value) ~= "table" then return value end
      local made = {}
      for key, part in pairs(value) do made[key] = copy(part) end
      return made
    end
    cdr.on("*", function(signal)
      memory = copy(cdr.json.decode(cdr.json.encode(memory)))
      local server = standard.new(memory, { emit = cdr.emit })
      server:advance(signal.timestamp)
      assert(server:happened(signal.event, signal))
      check(memory, {})
      return false
    end)
  ]]

  it("is a plain table that can be kept and given back between any two signals", function()
    local case = "tests/golden/standard/reasons/"
    local input = rules.lines(support.read_file(case .. "input.jsonl"))
    local got = rules.run(RULES, input, { "-w", "-" })
    assert.same(rules.lines(support.read_file(case .. "expected")), got.lines, got.errors)
  end)
end)

describe("an impossible signal", function()
  after_each(support.clean)

  -- What is wrong, then the sentence.
  local cases = {
    { "7 leave A r", 'leave: "r" is not in session "A"' },
    { "7 leave B p", 'leave: there is no session "B"' },
    { "7 leave A p unpublish", 'leave: reason "unpublish" is none of disconnect, '
      .. "forceDisconnectByUser, forceDisconnectByServer, networkDisconnect" },
    { "0.5 leave A p", "leave: timestamp 1600000000500 is before the beginning, 1600000001000" },
    { "7 createSession A", 'createSession: session "A" is there already' },
    { "7 join A p", 'join: "p" is in session "A" already' },
    { "7 join A", "join: participantId is missing" },
    { "7 join - r", "join: sessionId is missing" },
    { "7 join A r=2", 'join: unknown key "r"' },
    { "7 publish A p", 'publish: "p" publishes already' },
    { "7 unpublish A r", 'unpublish: "r" is not in session "A"' },
    { "7 subscribe A p p", 'subscribe: "p" cannot receive from itself' },
    { "7 subscribe A p q", 'subscribe: "p" receives from "q" already' },
    { "7 unsubscribe A q r", 'unsubscribe: "r" is not in session "A"' },
    { "7 stopRecording A", 'stopRecording: session "A" is not being recorded' },
    { "7 recordingReady A x", 'recordingReady: no recording "x" of session "A" is awaited' },
    { "7 mediaServerBack", "mediaServerBack: the media server is not lost" },
    { "7 publish A r", 'publish: "r" is not in session "A"' },
    { "7 join A r ip=5", "join: ip must be a string" },
    { "7 signal A r", 'signal: "r" is not in session "A"' },
    { "7 signal A p to=5", "signal: to must be a list of strings" },
    { "7 startRecording B", 'startRecording: there is no session "B"' },
    { "7 joined A r", 'unknown signal "joined" (did you mean "join"?)' },
  }

  for _, case in ipairs(cases) do
    it("is refused and changes nothing: " .. case[1], function()
      local events, errors, rejects = signals.run(with(PAIR, { case[1], "9 unsubscribe A p q",
        "10 unsubscribe A q p" }))
      local after = { "9 A -p<q 4 unsubscribe", "10 A -q<p 4 unsubscribe" }
      assert.same(with(PAIR_EVENTS, after), events)
      assert.equal(1, #rejects)
      assert.is_truthy(rejects[1]:find(case[2]:gsub('"', '\\"'), 1, true), rejects[1])
      assert.is_truthy(errors:find(case[2], 1, true), errors)
    end)
  end

  it("is all but a start while the server is stopped", function()
    local events, _, rejects = signals.run { "0 serverStopped", "1 createSession A",
      "2 serverStarted", "3 createSession A", "4 join A p" }
    assert.same({ "3 A created", "4 A joined p" }, events)
    assert.equal(1, #rejects)
    assert.is_truthy(rejects[1]:find("createSession: the server is stopped", 1, true))
  end)

  it("is to record a session in which nobody is", function()
    local events, _, rejects = signals.run { "0 createSession A", "1 startRecording A" }
    assert.same({}, events)
    assert.is_truthy(rejects[1]:find('nobody is in session \\"A\\"', 1, true), rejects[1])
  end)

  it("is to publish while the media server is lost", function()
    local _, _, rejects = signals.run { "0 createSession A", "1 join A p", "2 mediaServerLost",
      "3 publish A p", "4 mediaServerLost", "5 join A q" }
    assert.equal(2, #rejects)
    assert.is_truthy(rejects[1]:find("publish: the media server is lost", 1, true))
  end)
end)

describe("the golden cases of the generator", function()
  -- As the specification lists them.
  local cut = " sessionClosedByServer openviduServerStopped"
  local left = "disconnect forceDisconnectByUser forceDisconnectByServer networkDisconnect" .. cut
  local reasons = {
    sessionDestroyed = "lastParticipantLeft" .. cut,
    participantLeft = left,
    webrtcConnectionDestroyed = left .. " unsubscribe unpublish forceUnpublishByUser"
      .. " forceUnpublishByServer mediaServerDisconnect",
    recordingStatusChanged = "recordingStoppedByServer lastParticipantLeft automaticStop"
      .. " mediaServerDisconnect" .. cut,
  }

  local function expected(case)
    return assert(support.read_file("tests/golden/standard/" .. case .. "/expected"))
  end

  it("have each example of the specification, value for value", function()
    local text = "\n" .. expected "specification"
    local n = 0
    for line in io.lines "examples/spec.log" do
      assert.is_truthy(text:find("\n" .. line .. "\n", 1, true), line)
      n = n + 1
    end
    assert.equal(8, n)
  end)

  it("have each reason of the specification", function()
    local text = expected "reasons" .. expected "no-automatic-stop"
    local found = {}
    for line in text:gmatch "[^\n]+" do
      found[(line:match '^{"(%a+)"') .. " " .. (line:match '"reason":"(%a+)"' or "")] = true
    end
    for event, words in pairs(reasons) do
      for reason in words:gmatch "%S+" do
        assert.is_true(found[event .. " " .. reason], event .. " " .. reason)
      end
    end
  end)
end)
