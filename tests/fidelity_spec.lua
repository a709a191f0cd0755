-- What comes in goes out the same: numbers, null, arrays, strings, the order of keys.
local native = require "native_decode"

local null = native.null

-- The value of a JSON text, which must be written the same.
local function kept(text)
  local value = assert(native.value(text))
  assert.equal(text, native.encode_value(value))
  return value
end

local function written(text) return assert(native.encode_value(assert(native.value(text)))) end

local function refused(text)
  local value, reason = native.value(text)
  assert.is_nil(value, text)
  return reason
end

describe("numbers", function()
  it("keeps integers to 64 bits", function()
    for _, text in ipairs {
      "0", "1", "-1", "2147483648", "1601394690713", "9007199254740993", "1234567890123450",
      "9223372036854775807", "-9223372036854775808",
    } do
      local n = kept(text)
      assert.equal("integer", math.type(n))
      assert.equal(text, ("%d"):format(n))
    end
  end)

  it("keeps floats floats", function()
    for _, text in ipairs {
      "8.0", "8.6", "0.0", "742.234", "-0.0", "0.1", "-273.15", "0.001", "1601394690.713",
      "4.5E-4",
      "1.0E300", "1.7976931348623157E308", "4.94065645841247E-324", "11.233333333333333",
      "100000.0",
      "0.30000000000000004", "12345678901234568.0", "1.2345678901234567",
    } do
      local n = kept(text)
      assert.equal("float", math.type(n))
      assert.equal(tonumber(text), n)
    end
    assert.equal("float", math.type(native.value "1e3"))
    assert.equal("1000.0", written "1e3")
    assert.equal("1000.0", written "1E+3")
    assert.equal("-0.0", written "-0")
    assert.equal("0.0", written "1e-400")
  end)

  it("gives any float back", function()
    math.randomseed(7)
    for _ = 1, 20000 do
      local bits = math.random(0)
      local n = string.unpack("d", string.pack("j", bits))
      if n == n and n ~= math.huge and n ~= -math.huge then
        assert.equal(n, native.value(native.encode_value(n)))
      end
      local few = math.random(10 ^ 9) / 10 ^ math.random(0, 9)
      assert.equal(few, native.value(native.encode_value(few)))
    end
  end)

  it("refuses what JSON does not allow", function()
    for _, text in ipairs {
      "01", "-01", "00", "1.", "+1", ".5", "1e", "1e+", "-", "1.e1", "0x10", "1_0", "NaN",
      "Infinity", "-.5", "1-2", "--1",
    } do
      assert.matches("not JSON at byte", refused("[" .. text .. "]"))
      assert.is_string(refused(text))
    end
  end)

  it("refuses what is too large", function()
    for _, text in ipairs {
      "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e400", "-1e400",
      "100000000000000000000",
    } do
      assert.equal('field "[1]": number out of range', refused("[" .. text .. "]"))
      assert.equal("number out of range", refused(text))
    end
  end)

  it("reads numbers of any length", function()
    assert.equal(2 / 3, native.value("0." .. ("6"):rep(200)))
    assert.equal('field "[1]": number out of range', refused("[" .. ("1"):rep(200) .. "]"))
  end)

  it("cannot write NaN and infinity", function()
    for _, n in ipairs { 0 / 0, math.huge, -math.huge } do
      assert.same({ nil, 'field "a[2]": not a finite number' },
        { native.encode_value { a = { 1, n } } })
    end
  end)
end)

describe("null, arrays and objects", function()
  it("keeps null", function()
    assert.equal(null, kept "null")
    assert.equal(null, kept('{"a":null}').a)
    assert.equal(null, kept("[1,null]")[2])
    assert.equal(3, #kept "[null,null,null]")
  end)

  it("keeps [] and {} apart", function()
    kept "[]"
    kept "{}"
    kept '{"a":[],"b":{}}'
    assert.is_false(native.equal(native.value "[]", native.value "{}"))
    assert.equal("{}", native.encode_value {})
    assert.equal("[]", native.encode_value(native.array {}))
  end)

  it("writes what is in a table", function()
    assert.equal("[1,2]", native.encode_value { 1, 2 })
    assert.equal('{"a":1}', native.encode_value { a = 1 })
    local list = native.value "[]"
    list[1] = "x"
    assert.equal('["x"]', native.encode_value(list))
    local object = native.value "{}"
    object[1] = "x"
    assert.equal('["x"]', native.encode_value(object))
    local emptied = native.value '{"a":1}'
    emptied.a = nil
    assert.equal("{}", native.encode_value(emptied))
  end)

  it("keeps true and false", function() kept "[true,false]" end)

  it("takes scalars and white space", function()
    assert.equal(1, native.value " 1 ")
    assert.equal("a", native.value '\t"a"\n')
    assert.equal(true, native.value "true")
    assert.is_string(refused "")
    assert.is_string(refused " ")
    assert.is_string(refused "nullx")
    assert.is_string(refused "1 2")
    assert.is_string(refused "[1,2")
    assert.is_string(refused "[1,")
    assert.is_string(refused '{"a":1,')
    assert.is_string(refused "[1\f]")
    assert.is_string(refused "\1true")
    assert.is_string(refused "[\1null]")
    assert.is_string(refused "1\1")
  end)

  it("refuses tables that are no JSON", function()
    local loop = {}
    loop.loop = loop
    for reason, value in pairs {
      ['field "a": a function cannot be written'] = { a = print },
      ['field "a": a userdata or thread cannot be written'] = { a = coroutine.create(print) },
      ['field "a": has keys that are no names'] = { a = { 1, b = 2 } },
      ['field "a": has a hole, or keys that are no names'] = { a = { [2] = 1 } },
      ['field "b": has keys that are no names'] = { b = { [true] = 1 } },
      ['field "c": has keys that are no names'] = { c = { [1.5] = 1 } },
    } do
      assert.same({ nil, reason }, { native.encode_value(value) })
    end
    assert.matches("in itself", select(2, native.encode_value(loop)))
    assert.matches("hole", select(2, native.encode_value { 1, nil, 3 }))
  end)
end)

describe("strings", function()
  it("writes Gson's escapes", function()
    kept [["\"\\\b\f\n\r\t\u0000\u001f\u2028\u2029"]]
    kept [["<>&'=/é東京😀"]]
    kept '"\u{7f}\u{e000}"'
  end)

  it("reads every escape", function()
    assert.equal('"\\/\b\f\n\r\t', native.value [["\"\\\/\b\f\n\r\t"]])
    assert.equal("A\u{e9}\u{20ac}\u{1f600}", native.value [["\u0041\u00e9\u20AC\ud83d\uDE00"]])
    assert.equal("/", written [["\/"]]:sub(2, -2))
    assert.equal([["{\"width\":1280}"]], written [["{\"width\":1280}"]])
  end)

  it("keeps a NUL that is escaped", function()
    assert.equal("a\0b", kept [["a\u0000b"]])
    assert.equal(1, kept([[{"a\u0000b":1}]])["a\0b"])
    assert.equal(("x"):rep(50) .. "\0y", kept('"' .. ("x"):rep(50) .. [[\u0000y"]]))
    assert.equal("\0", native.value [["\u0000"]])
    assert.equal("", native.value [[""]])
  end)

  it("refuses half escapes", function()
    for _, text in ipairs {
      [["\x"]], [["\u12"]], [["\u12g4"]], [["\ud800"]], [["\udc00"]], [["\ud800\u0041"]], [["\"]],
      [["\ud800\udg00"]], [["\u+123"]], [["\u 123"]],
    } do
      assert.matches("not JSON at byte", refused(text), text)
    end
  end)

  it("keeps bytes that are no UTF-8, and raw control characters", function()
    kept '"\xff\xfe\xc3"'
    assert.equal("a\tb", native.value '"a\tb"')
    assert.equal([["a\tb"]], written '"a\tb"')
  end)

  it("keeps long ones", function()
    for _, n in ipairs { 0, 1, 7, 8, 9, 39, 40, 41, 63, 64, 65, 1000, 200000 } do
      kept('"' .. ("a"):rep(n) .. '"')
      kept('{"' .. ("k"):rep(n) .. '":1}')
    end
  end)

  it("tells apart what is spelled alike", function()
    assert.same({ "a", "\\u0061", "a" }, { native.value [["a"]], native.value [["\\u0061"]],
      native.value [["\u0061"]] })
    for _ = 1, 2 do
      local v = native.value [[{"a":"x\\","b":"x","c":"x\\\"","d":"y\\"}]]
      assert.equal([[{"a":"x\\","b":"x","c":"x\\\"","d":"y\\"}]], native.encode_value(v))
    end
  end)
end)

describe("the order of keys", function()
  it("is the one they came in", function()
    local value = kept '{"z":1,"a":2,"m":{"y":1,"b":2}}'
    value.z, value.q, value.c, value.a = 5, 6, 7, nil
    assert.equal('{"z":5,"m":{"y":1,"b":2},"c":7,"q":6}', native.encode_value(value))
    value.a = 1
    assert.equal('{"z":5,"a":1,"m":{"y":1,"b":2},"c":7,"q":6}', native.encode_value(value))
  end)

  it("is sorted in a table that a script made", function()
    assert.equal([[{"\n":4,"a":1,"aa":3,"b":2}]],
      native.encode_value { b = 2, a = 1, aa = 3, ["\n"] = 4 })
    local inner = native.value '{"z":1,"b":2}'
    assert.equal('{"k":{"z":1,"b":2},"l":{"a":1,"c":2}}',
      native.encode_value { k = inner, l = { c = 2, a = 1 } })
  end)

  it("is told apart by name and by what came before", function()
    for _ = 1, 3 do
      kept '{"a":1,"b":2,"c":3}'
      kept '{"a":1,"c":2,"b":3}'
      kept '{"a":1,"b":2}'
      kept '{"ab":1,"a":2}'
      kept '{"a":1,"a\\"b":2,"c":3}'
    end
  end)

  it("has the last of two equal keys, at the place of the first", function()
    local before = native.duplicates()
    assert.equal('{"a":3,"b":2}', written '{"a":1,"b":2,"a":3}')
    assert.equal('{"a":3,"b":2}', written '{"a":1,"b":2,"\\u0061":3}')
    assert.equal(before + 2, native.duplicates())
    assert.equal('{"x":{"a":4}}',
      native.encode(native.decode '{"x":{"a":1,"a":2,"a":3,"a":4}}'))
    assert.equal(before + 5, native.duplicates())
  end)

  it("is still kept after more keys and orders than there is room for", function()
    local before = native.duplicates()
    for i = 1, 5000 do
      local text = ('{"k%d":1,"a":{"x%d":2}}'):format(i, i % 99)
      local value = native.value(text)
      assert.equal(1, value["k" .. i])
      assert.is_true(native.equal(value, native.value(native.encode_value(value))))
      kept '{"z":1,"a":{"y":2,"b":3}}'
    end
    assert.equal(before, native.duplicates())
  end)

  it("may be lost in an object of very many keys", function()
    local members = {}
    for i = 1, 3000 do members[i] = ('"k%d":%d'):format(i % 2999, i) end
    local text = "{" .. table.concat(members, ",") .. "}"
    local before = native.duplicates()
    for _ = 1, 3 do
      local value = native.value(text)
      assert.equal(3000, value.k1)
      assert.is_true(native.equal(value, native.value(native.encode_value(value))))
    end
    assert.equal(before + 3, native.duplicates())
  end)
end)

describe("an event", function()
  it("must have a name to be written", function()
    for _, value in ipairs { {}, { event = 5 }, { 1 }, "x" } do
      assert.same({ nil, "the event has no name in `event`" }, { native.encode(value) })
    end
  end)

  it("names the field that cannot be written", function()
    local event = native.decode '{"sessionCreated":{"sessionId":"s"}}'
    event.hook = print
    assert.same({ nil, 'field "hook": a function cannot be written' }, { native.encode(event) })
    event.hook, event.sessionId = nil, { { x = print } }
    assert.same({ nil, 'field "sessionId[1].x": a function cannot be written' },
      { native.encode(event, "flat") })
  end)

  it("is compared deep, integers and floats apart", function()
    local function equal(a, b) return native.equal(native.value(a), native.value(b)) end
    assert.is_true(equal('{"a":[1,{"b":null}],"c":"x"}', '{"c":"x","a":[1,{"b":null}]}'))
    assert.is_false(equal("1", "1.0"))
    assert.is_false(equal("0.0", "-0.0"))
    assert.is_false(equal('{"a":1}', '{"a":1,"b":null}'))
    assert.is_false(equal('{"a":1,"b":null}', '{"a":1}'))
    assert.is_false(equal("[1]", "[1,2]"))
    assert.is_false(equal('"1"', "1"))
    local loop = {}
    loop[1] = loop
    assert.is_false(native.equal(loop, { loop }))
  end)

  -- The examples of the specification as OpenVidu writes them.
  local HEAD = [["sessionId":"ses_Jd8tUyvhXO","timestamp":]]
  local PERSON = [["participantId":"con_EIeO06zgMz","location":"Berlin, Germany",]]
    .. [["platform":"Chrome 85.0.4183.121 on Linux 64-bit","clientData":"Mike",]]
    .. [["serverData":"{'user': 'client1'}"]]
  local STREAM = [["streamId":"str_CAM_GPdf_con_EIeO06zgMz","participantId":"con_ThN5Rgi8Y8",]]
    .. [["connection":"INBOUND","receivingFrom":"con_EIeO06zgMz","videoSource":"CAMERA",]]
    .. [["videoFramerate":30,"videoDimensions":"{\"width\":1280,\"height\":720}",]]
    .. [["audioEnabled":true,"videoEnabled":true]]
  local EXAMPLES = {
    sessionCreated = "1601394690713",
    sessionDestroyed = [[1601395365656,"startTime":1601394690713,"duration":674,]]
      .. [["reason":"lastParticipantLeft"]],
    participantJoined = "1601394715606," .. PERSON,
    participantLeft = [[1601395365655,"startTime":1601394715606,"duration":650,]]
      .. [["reason":"disconnect",]] .. PERSON,
    webrtcConnectionCreated = "1601394849759," .. STREAM,
    webrtcConnectionDestroyed = [[1601394894238,"startTime":1601394849759,"duration":44,]]
      .. [["reason":"unsubscribe",]] .. STREAM,
    recordingStatusChanged = [[1601395005555,"startTime":1601394992838,"duration":8.6,]]
      .. [["reason":"recordingStoppedByServer","id":"ses_Jd8tUyvhXO","name":"MyRecording",]]
      .. [["outputMode":"COMPOSED","resolution":"1920x1080","recordingLayout":"BEST_FIT",]]
      .. [["hasAudio":true,"hasVideo":true,"size":1973428,"status":"ready"]],
    filterEventDispatched = [[1601394994829,"participantId":"con_EIeO06zgMz",]]
      .. [["streamId":"str_CAM_GPdf_con_EIeO06zgMz","filterType":"ZBarFilter",]]
      .. [["eventType":"CodeFound","data":"{timestampMillis=1568645808285, codeType=EAN-13, ]]
      .. [[source=23353-1d3c_kurento.MediaPipeline/1f56f4a5-807c-71a30d40_kurento.ZBarFilter, ]]
      .. [[type=CodeFound, value=0012345678905, tags=[], timestamp=1568645808}"]],
    signalSent = [[1601394994829,"from":null,"to":["con_a"],"type":"signal:chat","data":""]],
    nodeCrashed = [[1601394994829,"sessionIds":[],"nodeRole":"medianode","more":{}]],
  }

  it("comes out byte for byte, whatever came before it", function()
    for _ = 1, 2 do
      for name, fields in pairs(EXAMPLES) do
        local line = ('{"%s":{%s%s}}'):format(name, HEAD, fields)
        local event = assert(native.decode(line))
        assert.equal(name, event.event)
        assert.equal(line, native.encode(event))
        local flat = ('{%s%s,"event":"%s"}'):format(HEAD, fields, name)
        assert.equal(flat, native.encode(event, "flat"))
        assert.equal(line, native.encode(native.decode(flat)))
        assert.is_true(native.equal(event, native.decode(flat)))
      end
    end
  end)
end)
