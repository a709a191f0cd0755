-- A line becomes an event: the three forms of line, what is told without decoding, what is refused.
local native = require "native_decode"

local LEFT = [[{"participantLeft":{"sessionId":"ses_1","timestamp":1601395365655,"duration":650}}]]
local PREFIX = "[INFO] 2020-09-29 15:51:30,713 [main] io.openvidu.server.cdr.CDRLoggerFile - "
local NEITHER = [[neither {"NAME":{...}} nor an object with an "event" name]]

local function refused(line)
  local event, reason = native.decode(line)
  assert.is_nil(event)
  return reason
end

describe("the forms of line", function()
  it("takes a CDR line", function()
    local event = native.decode(LEFT)
    assert.same({
      event = "participantLeft", sessionId = "ses_1", timestamp = 1601395365655, duration = 650,
    }, event)
  end)

  it("takes a flat line as the same event", function()
    local flat = [[{"sessionId":"ses_1","timestamp":1601395365655,"duration":650,]]
      .. [["event":"participantLeft"}]]
    assert.is_true(native.equal(native.decode(LEFT), native.decode(flat)))
  end)

  it("takes a server log line as the same event", function()
    local older = PREFIX:gsub(" %- ", " (log) - ")
    for _, prefix in ipairs { PREFIX, "openvidu-server_1  | " .. PREFIX, older } do
      assert.is_true(native.equal(native.decode(LEFT), native.decode(prefix .. LEFT)))
    end
  end)

  it("writes each form", function()
    local event = native.decode(PREFIX .. LEFT)
    assert.equal(LEFT, native.encode(event, "cdr"))
    assert.equal(LEFT, native.encode(event, "log"))
    assert.equal([[{"sessionId":"ses_1","timestamp":1601395365655,"duration":650,]]
      .. [["event":"participantLeft"}]], native.encode(event, "flat"))
  end)

  it("leaves `event` at its place in a flat line", function()
    local line = [[{"sessionId":"s","event":"participantLeft","timestamp":1}]]
    local event = native.decode(line)
    assert.equal(line, native.encode(event, "flat"))
    assert.equal([[{"participantLeft":{"sessionId":"s","timestamp":1}}]], native.encode(event))
    event.platform = "x"
    assert.equal([[{"sessionId":"s","event":"participantLeft","timestamp":1,"platform":"x"}]],
      native.encode(event, "flat"))
  end)

  it("takes any white space that JSON allows", function()
    local line = '  { "participantLeft" :\t{ "sessionId" : "s" , "to" : [ 1 , 2 ] } } '
    local event = native.decode(line)
    assert.equal([[{"participantLeft":{"sessionId":"s","to":[1,2]}}]], native.encode(event))
    assert.equal(1, native.decode('{"a":{"x":1}}\r').x)
  end)

  it("takes events that it has never heard of, and ones without a session", function()
    local line = [[{"nodeExploded":{"timestamp":1,"deep":{"er":[{"a":null}]}}}]]
    assert.equal(line, native.encode(native.decode(line)))
    assert.equal("", native.decode('{"":{"a":1}}').event)
  end)

  it("takes an event without fields", function()
    assert.equal([[{"ping":{}}]], native.encode(native.decode [[{"ping":{}}]]))
    assert.equal([[{"event":"ping"}]], native.encode(native.decode [[{"event":"ping"}]], "flat"))
  end)

  it("takes names with escapes", function()
    assert.equal("a\nb", native.decode([[{"a\nb":{"x":1}}]]).event)
    assert.equal("a\nb", native.decode([[{"x":1,"\u0065vent":"a\nb"}]]).event)
    assert.equal([[{"a\nb":{"x":1}}]], native.encode(native.decode [[{"a\nb":{"x":1}}]]))
  end)
end)

describe("what is told without decoding", function()
  local function peeked(form, name, line)
    local got_form, got_name = native.peek(line)
    assert.same({ form, name }, { got_form, got_name })
  end

  it("names the event", function()
    peeked("cdr", "participantLeft", LEFT)
    peeked("log", "participantLeft", PREFIX .. LEFT)
    peeked("cdr", "mine", [[{"mine":{"a":"}}","b":[{"event":"x"}]}}]])
    peeked("cdr", "mine", [[ { "mine" : {"event":"x"} } ]])
    peeked("flat", "x", [[{"a":{"event":"no"},"event":"x"}]])
    peeked("flat", "autoscaling", [[{"mediaNodes":{"launch":{}},"event":"autoscaling"}]])
    peeked("flat", "x", [[{"sessionCreated":{"a":1},"event":"x"}]])
    peeked("flat", "b", [[{"event":"a","event":"b"}]])
    peeked("flat", "a", [[{"d":"\"event\":\"no\"","event":"a"}]])
  end)

  it("says nothing where only decoding tells", function()
    peeked("cdr", nil, [[{"a\u0062":{"x":1}}]])
    peeked("flat", nil, [[{"x":1,"ev\u0065nt":"a"}]])
    peeked("flat", nil, [[{"event":"a\u0062"}]])
  end)

  it("gives the JSON of a log line", function()
    local _, _, json = native.peek(PREFIX .. LEFT .. "  ")
    assert.equal(LEFT, json)
  end)

  it("passes over an empty line", function()
    assert.is_false(native.peek "")
    assert.is_false(native.peek "  \t")
  end)

  it("passes over a server log line that holds no event", function()
    for _, level in ipairs { "INFO", "WARN", "ERROR", "DEBUG", "TRACE" } do
      assert.is_false(native.peek("[" .. level .. "] 2020-09-29 15:51:30 [main] io.openvidu - {a}"))
    end
    assert.is_false(native.peek "openvidu-server_1  | [INFO] started")
  end)

  it("passes over a stack trace in a server log", function()
    for _, line in ipairs {
      "\tat io.openvidu.server.X.y(X.java:1)", "  ... 12 more", "Caused by: x",
      "java.lang.IllegalStateException: why", "java.lang.Outer$Inner\r",
    } do
      assert.is_false(native.peek(line))
      assert.is_false(native.peek("openvidu-server_1  | " .. line))
    end
    for _, line in ipairs {
      "at x", "\tatx", "\t{\"a\":", "java.lang.X y", "java.", "java..x:", "Java.x:", "java:",
      "a | b", "x| Caused", "... 1 more", "\tjava.lang.X:",
    } do
      assert.is_nil(native.peek(line), line)
    end
  end)

  it("takes no event out of a log line's message", function()
    local head = "[INFO] 2020-09-29 15:51:30,713 [main] io.openvidu.R - "
    for _, message in ipairs {
      "name CDRLoggerFile ", "CDRLoggerFile - ", "x - io.openvidu.server.cdr.CDRLoggerFile - ",
      "[INFO] io.openvidu.server.cdr.CDRLoggerFile (log) - ",
    } do
      assert.is_false(native.peek(head .. message .. LEFT))
    end
    assert.is_false(native.peek("[INFO] io.openvidu.NotCDRLoggerFile - " .. LEFT))
    assert.is_false(native.peek(PREFIX .. "wrote " .. LEFT))
    assert.is_false(native.peek("Caused by: [INFO] x.CDRLoggerFile - " .. LEFT))
    assert.is_nil(native.peek("CDRLoggerFile - " .. LEFT))
  end)

  it("refuses what is neither", function()
    for line, reason in pairs {
      ["hello"] = "neither a JSON object nor a line of a server log",
      ["[1,2]"] = "neither a JSON object nor a line of a server log",
      [("x"):rep(128) .. "[INFO]"] = "neither a JSON object nor a line of a server log",
      ["{}"] = NEITHER,
      [ [[{"a":1}]] ] = NEITHER,
      [ [[{"a":{},"b":{}}]] ] = NEITHER,
      [ [[{"event":5}]] ] = NEITHER,
      [ [[{"event":"a","event":5}]] ] = NEITHER,
      ["{"] = "not JSON at byte 2",
      [ [[{"a" 1}]] ] = "not JSON at byte 6",
      [PREFIX .. "{"] = "not JSON at byte " .. #PREFIX + 2,
    } do
      local form, why = native.peek(line)
      assert.is_nil(form)
      assert.equal(reason, why, line)
    end
  end)

  it("finds the session", function()
    assert.equal("ses_1", native.session(LEFT))
    assert.equal("s", native.session [[{"sessionId" : "s"}]])
    assert.equal("s",
      native.session [[{"d":"\"sessionId\":\"no\"","v":"sessionId","sessionId":"s"}]])
    assert.is_nil(native.session [[{"sessionId":null}]])
    assert.is_nil(native.session [[{"sessionIds":["a"]}]])
    assert.is_nil(native.session [[{"sessionId":"cut]])
    assert.is_nil(native.session [[{"sessionId":]])
    assert.is_nil(native.session "")
  end)

  it("finds the session and the time of the event itself", function()
    local function found(session, time, line)
      assert.same({ session, time }, { native.session(line), native.timestamp(line) })
    end
    local inner = [["a":{"sessionId":"no","timestamp":7}]]
    found("s", 1, "{" .. inner .. [[,"event":"x","sessionId":"s","timestamp":1}]])
    found("s", 1, [[{"x":{]] .. inner .. [[,"sessionId":"s","timestamp":1}}]])
    found("s", 1, [[{"participantLeft":{]] .. inner .. [[,"sessionId":"s","timestamp":1}}]])
    found("s", 1, PREFIX .. [[{"x":{]] .. inner .. [[,"sessionId":"s","timestamp":1}}]])
    found("s", 1, [[ { "x" : { "b":["]}"] , "sessionId" : "s" , "timestamp" : 1 } } ]])
    assert.is_nil(native.session([[{"x":{]] .. inner .. "}}"))
    assert.equal(0, native.timestamp("{" .. inner .. [[,"event":"x"}]]))
  end)

  it("finds no session that is spelled with escapes", function()
    assert.is_nil(native.session [[{"sessionCreated":{"sessionId":"\u0053"}}]])
    assert.is_nil(native.session [[{"sessionId":"a\"b"}]])
  end)

  it("finds the timestamp", function()
    assert.equal(1601395365655, native.timestamp(LEFT))
    assert.equal(1, native.timestamp [[{"d":"timestamp=7","timestamp": 1}]])
    assert.equal(-5, native.timestamp [[{"timestamp":-5}]])
    assert.equal(0, native.timestamp [[{"timestamp":null}]])
    assert.equal(0, native.timestamp [[{"timestamp":99999999999999999999}]])
    assert.equal(0, native.timestamp [[{"timestamp":]])
    assert.equal(0, native.timestamp "")
  end)
end)

describe("a line that is refused", function()
  it("says where it is no JSON", function()
    assert.equal("not JSON at byte 24", refused [[{"sessionCreated":{"a":x}}]])
    assert.equal("not JSON at byte 26", refused [[{"sessionCreated":{"a":1,}}]])
    assert.equal("not JSON at byte 25", refused [[{"sessionCreated":{"a":1]])
    assert.equal("text behind the value at byte 28", refused [[{"sessionCreated":{"a":1}} x]])
    assert.equal("text behind the value at byte 27", refused [[{"sessionCreated":{"a":1}}{}]])
  end)

  it("is refused at each cut", function()
    for n = 1, #LEFT - 1 do assert.is_string(refused(LEFT:sub(1, n))) end
  end)

  it("names the field", function()
    assert.equal('field "duration": number out of range',
      refused [[{"sessionDestroyed":{"duration":1e400}}]])
    assert.equal('field "a.b[2].c": number out of range',
      refused [[{"sessionDestroyed":{"a":{"b":[1,{"c":99999999999999999999}]}}}]])
  end)

  it("holds a field that would be taken for the name", function()
    assert.equal([[field "event": is kept for the event's name]],
      refused [[{"sessionCreated":{"sessionId":"a","event":"b"}}]])
    assert.equal([[field "event": is kept for the event's name]],
      refused [[{"sessionCreated":{"\u0065vent":"b"}}]])
    assert.equal("x", native.decode([[{"sessionCreated":{"a":{"event":"x"}}}]]).a.event)
  end)

  it("has two names", function()
    assert.equal("the line has two names",
      refused [[{"sessionCreated":{"a":1},"event":"other","b":{}}]])
    assert.is_string(refused [[{"sessionCreated":{"a":1},"sessionDestroyed":{"a":1}}]])
  end)

  it("is nested too deep", function()
    local function nested(n) return '{"a":' .. ("["):rep(n) .. ("]"):rep(n) .. "}" end
    local function event(n) return '{"sessionCreated":{"x":' .. nested(n) .. "}}" end
    assert.is_table(native.decode(event(61)))
    assert.matches("nested deeper than 64", refused(event(62)))
    assert.equal("nested deeper than 64", refused(event(2000)))
    assert.is_table(native.value(("["):rep(64) .. ("]"):rep(64)))
    assert.matches("nested deeper than 64", select(2, native.value(("["):rep(1e6))))
  end)

  it("holds a NUL byte", function()
    assert.equal("NUL at byte 25", refused('{"sessionCreated":{"a":"\0"}}'))
    assert.is_string(refused('{"sessionCreated":{"a":1}}\0'))
  end)
end)
