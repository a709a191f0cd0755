-- A line that nobody changed takes another shape from its text alone, the same as by way of Lua.
local native = require "native_decode"
local cdr = require "tests.support.cdr"
local receiver = require "tests.support.receiver"
local support = require "tests.support"

local CHANGED = support.soak and 500000 or 30000
local LOG = "[INFO] 2020-09-29 15:51:30,713 [main] io.openvidu.server.cdr.CDRLoggerFile - "

local LONG = ("x"):rep(300)
local SEVENTY = {}
for i = 1, 70 do SEVENTY[i] = ('"k%d":%d'):format(i, i) end

-- Not clean, each in its own way; or hardly so. What stands in ( ) is an event's fields.
local FIELDS = {
  "", '"a":1,"a":2', '"a":1,"b":2,"a":3', '"event":"x"', '"event":1', '"a":1,"event":"y"', '"a":1,',
  ',"a":1', '"a" :1', '"a": 1', '"a":1 ', ' "a":1', '"a":1,\t"b":2', '"a":1}', '"a":1,"b"', '"a":',
  '"a"', '"a":{}', '"a":[]', '"a":{"event":"x"}', '"a":[1,{"b":2}]', '"a":8.0', '"a":1e3', '"a":-0',
  '"a":0', '"a":-1', '"a":01', '"a":-', '"a":+1', '"a":123456789012345678',
  '"a":1234567890123456789', '"a":9223372036854775807', '"a":-9223372036854775808',
  '"a":9223372036854775808', '"a":99999999999999999999', '"a":true', '"a":false', '"a":null',
  '"a":tru', '"a":nullx', '"a":TRUE', '"a":NaN', '"a":""', '"":1', '"":""', '"a":"b', "'a':1",
  [["a":"\"\\\b\f\n\r\t"]], [["a":"\/"]], [["a":"\u0041"]], [["a":"\ud83d\ude00"]],
  [["a":"\ud83d"]], [["a":"\u0000"]], [["a":"\x"]], [["a":"\]], [["\u0061":1]], [["a\n":1]],
  [["\u0065vent":"y"]], [["sessionId":"a\nb","b":1]], [["a":"\n","sessionId":"s"]],
  '"sessionId":7,"timestamp":"x"', '"timestamp":1.5', '"timestamp":-3', '"sessionId":null',
  '"a":"\1"', '"a":"\0"', '"a":"\127"', '"a":"\t"', '"\1":1', '"a":"\xff\xfe"', '"\xc3":1',
  '"a":"\xe2\x80\xa8"', '"a":"\xe2\x80\xa9"', '"\xe2\x80\xa8":1', '"a":"\xe2\x80\xa6"',
  '"a":"\xe2"', '"a":"\xe2\x80"',
  '"a":"Zoë €"', '"a":"\xf0\x9f\x98\x80"', '"a":"' .. LONG .. '"',
  '"' .. LONG .. '":1', '"a":"' .. LONG .. [[\n"]], table.concat(SEVENTY, ","),
  table.concat(SEVENTY, ",", 1, 64), table.concat(SEVENTY, ",", 1, 65),
}
local NAMES = { "participantLeft", "never heard of", "", "a.b", "file.opened", [[a\nb]], "\1",
  [[\u0061]], [[file\u002eopened]], "\xe2\x80\xa8", "\xe2\x80\xa6", "event", '"' }
local AROUND = { "%s ", " %s", "%s\r", "%s}", "%s{}", "%s,", "%s\0", LOG .. "%s", LOG .. "%s x",
  "x %s", "[%s]", '{"a":%s}', "\xef\xbb\xbf%s" }

local function shapes_of(name, fields)
  local comma = fields == "" and "" or ","
  return {
    ('{"%s":{%s}}'):format(name, fields),
    ('{%s%s"event":"%s"}'):format(fields, comma, name),
    ('{"event":"%s"%s%s}'):format(name, comma, fields),
    ('{"z":0,"event":"%s"%s%s}'):format(name, comma, fields),
  }
end

local function odd_lines()
  local lines = {}
  local function add(list) table.move(list, 1, #list, #lines + 1, lines) end
  for _, fields in ipairs(FIELDS) do add(shapes_of("participantLeft", fields)) end
  for _, name in ipairs(NAMES) do add(shapes_of(name, '"a":1,"b":"c"')) end
  local plain = shapes_of("participantLeft", '"sessionId":"s","timestamp":5')
  for _, form in ipairs(AROUND) do
    for _, line in ipairs(plain) do lines[#lines + 1] = form:format(line) end
  end
  return lines
end

local function clean_lines()
  local lines = {}
  for line in cdr.lines(1, 64):gmatch "[^\n]+" do
    if not line:find("recordingStatusChanged", 1, true) then -- has a float
      lines[#lines + 1] = line
      lines[#lines + 1] = LOG .. line
      lines[#lines + 1] = native.encode(native.decode(line), "flat")
    end
  end
  return lines
end

-- Whether it was made from the text; then it is what decoding and encoding make, unless so many
-- keys were seen that their order was lost.
local function same_both_ways(line)
  local event = native.decode(line)
  for _, form in ipairs { "cdr", "flat" } do
    local made = native.reshape(line, form)
    if not made then return false end
    assert.is_truthy(event, line)
    if native.ordered(event) then assert.equal(native.encode(event, form), made) end
    assert.is_true(native.equal(event, native.decode(made)))
  end
  return true
end

-- What is posted of all those lines with these rules, and under which keys.
local function send(rules, shape)
  local folder, r = support.folder(), receiver.start()
  local lines, sent = clean_lines(), {}
  for _, line in ipairs(odd_lines()) do lines[#lines + 1] = line .. "\n" .. line end
  support.write_file(folder .. "/in.log", table.concat(lines, "\n") .. "\n")
  support.write_file(folder .. "/rules.lua", rules)
  local code, _, errors = support.run { "run", "--once", "rules.lua", "in.log", "-w",
    r.url .. "/#body=ndjson&shape=" .. shape, "--rejects", "rejects", cwd = folder }
  assert.equal(0, code, errors)
  for _, request in ipairs(r:requests()) do
    sent[#sent + 1] = request.headers["idempotency-key"] .. "\n" .. request.body
  end
  return {
    sent = table.concat(sent),
    rejects = support.read_file(folder .. "/rejects"):gsub('"time":"[^"]*"', ""),
    skipped = tonumber(errors:match "(%d+) wanted by no handler"),
  }
end

describe("a line's other shape", function()
  after_each(support.clean)

  it("is made from the text of a clean line", function()
    for _, line in ipairs(clean_lines()) do assert.is_true(same_both_ways(line), line) end
  end)

  it("is the same by both ways for odd lines", function()
    local taken = 0
    for _, line in ipairs(odd_lines()) do taken = taken + (same_both_ways(line) and 1 or 0) end
    assert.is_true(taken > 55, taken)
  end)

  it("is the same by both ways for lines with changed bytes", function()
    local lines, taken = clean_lines(), 0
    table.move(odd_lines(), 1, #odd_lines(), #lines + 1, lines)
    local bytes = '"\\{}[],:0189-.eu \t\1\xe2\x80\xa8\xff'
    math.randomseed(3)
    for _ = 1, CHANGED do
      local line = lines[math.random(#lines)]
      local at, from = math.random(#line), math.random(#bytes)
      local put = math.random(3) == 1 and line:sub(math.random(#line)):sub(1, math.random(12))
        or bytes:sub(from, from)
      line = line:sub(1, at - 1) .. put .. line:sub(at + math.random(0, 1))
      taken = taken + (same_both_ways(line) and 1 or 0)
    end
    assert.is_true(taken > CHANGED / 10, taken)
  end)

  for _, shape in ipairs { "webhook", "cdr" } do
    it("is sent the same whether a handler looked or not: " .. shape, function()
      local blind, looks = send("", shape), send('require "cdr".on("*", function() end)', shape)
      assert.is_true(#blind.sent > 10000 and blind.sent == looks.sent)
      assert.is_true(#blind.rejects > 1000 and blind.rejects == looks.rejects)
      assert.is_true(blind.skipped > 250 and looks.skipped < 20)
    end)
  end
end)
