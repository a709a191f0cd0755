-- cdr.calls: sessions, participants, streams and recordings, put together from events as they come.
local rules = require "tests.support.rules"
local support = require "tests.support"

-- Prints NAME KEY=VALUE ... for each record, of those keys; at the end counts and what is open.
local WATCH = [[
local calls = require "cdr.calls"
local model = calls.follow(calls.new({}, { timeout = TIMEOUT }))
local keys = {
  "participantId", "streamId", "id", "source", "startTime", "timestamp", "duration", "reason",
  "synthetic", "participants", "peak", "participantSeconds", "recordings", "recordingSeconds",
  "country",
}
local function show(name)
  model:on(name, function(record)
    local words = { name }
    for _, key in ipairs(keys) do
      if record[key] ~= nil and WANTED[key] then words[#words + 1] = key .. "=" .. record[key] end
    end
    print(table.concat(words, " "))
  end)
end
for _, name in ipairs(NAMES) do show(name) end
cdr.on("input.ended", function()
  local words = {}
  for what, n in pairs(model.memory.counts) do words[#words + 1] = what .. "=" .. n end
  table.sort(words)
  print("counts " .. table.concat(words, " "))
  print("open " .. model.memory.open)
end)
]]

local function list(text)
  local words = {}
  for word in text:gmatch "%S+" do words[#words + 1] = ("%q"):format(word) end
  return words
end

-- What is told of `names` with those `keys`, when the events are `input`; TIMEOUT in seconds.
local function watch(names, keys, input, timeout)
  local wanted = {}
  for i, word in ipairs(list(keys)) do wanted[i] = "[" .. word .. "]=true" end
  local head = ("local NAMES, WANTED, TIMEOUT = {%s}, {%s}, %d\n"):format(
    table.concat(list(names), ","), table.concat(wanted, ","), timeout or 86400)
  local run = rules.run(head .. WATCH, input)
  assert.equal(0, run.code, run.errors)
  assert.equal("", run.errors)
  return run.lines
end

local T = 1601394690000

-- A line: name, seconds after T, and the other fields, in which @n is n seconds after T.
local function line(name, after, fields)
  return ('{"%s":{"sessionId":"s","timestamp":%d%s}}'):format(name, T + after * 1000,
    fields and "," .. fields:gsub("@(%d+)", function(n) return T + n * 1000 end) or "")
end

local function joined(after, id)
  return line("participantJoined", after, '"participantId":"' .. id .. '"')
end

local function left(after, id, start, more)
  return line("participantLeft", after, ('"startTime":@%d,"duration":%d,"reason":"disconnect",'
    .. '"participantId":"%s"%s'):format(start, after - start, id, more or ""))
end
local function stream(name, after, id, way, start)
  local ended = start and ('"startTime":@%d,"duration":%d,"reason":"disconnect",'):format(start,
    after - start) or ""
  return line("webrtcConnection" .. name, after, ended .. ('"streamId":"str","participantId":"%s",'
    .. '"connection":"%s","videoSource":"CAMERA","videoEnabled":true'):format(id, way))
end
local function recording(name, after, start, rest)
  return line(name, after, ('"startTime":@%d,"duration":8.5,"id":"r","size":100%s'):format(start,
    rest or ""))
end
local CREATED = line("sessionCreated", 0)
local function destroyed(after, start)
  start = start or 0
  return line("sessionDestroyed", after, ('"startTime":@%d,"duration":%d,'
    .. '"reason":"lastParticipantLeft"'):format(start, after - start))
end

describe("calls", function()
  after_each(support.clean)

  it("adds up a session", function()
    assert.same({
      "participant.left participantId=a duration=20 country=Spain",
      "participant.left participantId=b duration=20 country=unknown",
      "session.closed duration=40 participants=2 peak=2 participantSeconds=40",
      "counts ", "open 0",
    }, watch("session.closed participant.left",
      "participantId duration participants peak participantSeconds country", {
        CREATED, line("participantJoined", 10, '"participantId":"a","location":"Madrid, Spain"'),
        line("participantJoined", 20, '"connectionId":"b","location":null'), left(30, "a", 10),
        left(40, "b", 20), destroyed(40),
      }))
  end)

  it("takes a Left before its Joined for one participant", function()
    assert.same({ "session.closed participants=1 peak=1", "counts late=1", "open 0" },
      watch("session.closed", "participants peak",
        { CREATED, left(30, "a", 10), joined(10, "a"), destroyed(40) }))
  end)

  it("counts a stream that ends after its participant left", function()
    assert.same({
      "participant.left participantId=a", "stream.closed participantId=a streamId=str",
      "counts ", "open 0",
    }, watch("stream.closed participant.left", "participantId streamId synthetic", {
      CREATED, joined(10, "a"), stream("Created", 10, "a", "INBOUND"), left(30, "a", 10),
      stream("Destroyed", 31, "a", "INBOUND", 10), destroyed(40),
    }))
  end)

  it("closes what a session leaves open with it", function()
    assert.same({
      "stream.closed duration=30 reason=lastParticipantLeft synthetic=session",
      "participant.left duration=30 reason=lastParticipantLeft synthetic=session",
      "session.closed duration=40 reason=lastParticipantLeft", "counts ", "open 0",
    }, watch("stream.closed participant.left session.closed", "duration reason synthetic",
      { CREATED, joined(10, "a"), stream("Created", 10, "a", "OUTBOUND"), destroyed(40) }))
  end)

  it("counts a stream once whose end came before its begin", function()
    assert.same({ "stream.closed duration=5", "counts late=1", "open 0" },
      watch("stream.closed", "duration synthetic", {
        CREATED, joined(10, "a"), stream("Destroyed", 20, "a", "OUTBOUND", 15),
        stream("Created", 15, "a", "OUTBOUND"), left(40, "a", 10), destroyed(40),
      }))
  end)

  it("counts a recording once, however often and late it is ready", function()
    local ready = recording("recordingStatusChanged", 50, 10, ',"status":"ready"')
    assert.same({ "recording.ready id=r duration=8.5", "counts repeated=2", "open 0" },
      watch("recording.ready", "id duration", {
        CREATED, recording("recordingStatusChanged", 10, 10, ',"status":"started"'),
        destroyed(40), ready, ready, ready,
      }))
  end)

  it("fails a recording that was still to come when the input ends", function()
    assert.same({
      "session.closed duration=40",
      "recording.failed id=r duration=0.0 reason=automaticStop synthetic=end", "counts ", "open 0",
    }, watch("session.closed recording.ready recording.failed", "id duration reason synthetic", {
        CREATED, recording("recordingStatusChanged", 10, 10, ',"status":"started"'),
        recording("recordingStatusChanged", 30, 10, ',"status":"stopped","reason":"automaticStop"'),
        (destroyed(40):gsub(',"reason":"lastParticipantLeft"', "")),
      }))
  end)

  it("counts a legacy recording once, alone or beside recordingStatusChanged", function()
    local started = line("recordingStarted", 10, '"id":"r"')
    local stopped = recording("recordingStopped", 20, 10)
    local told = { "session.closed recordings=1 recordingSeconds=8.5", "counts ", "open 0" }
    assert.same(told, watch("session.closed", "recordings recordingSeconds",
      { CREATED, started, stopped, destroyed(40) }))
    assert.same(told, watch("session.closed", "recordings recordingSeconds", {
      CREATED, started, recording("recordingStatusChanged", 10, 10, ',"status":"started"'),
      recording("recordingStatusChanged", 20, 10, ',"status":"stopped"'), stopped,
      recording("recordingStatusChanged", 21, 10, ',"status":"ready"'), destroyed(40),
    }))
  end)

  it("keeps sessions apart that use an id again", function()
    assert.same({
      "session.closed duration=10 synthetic=reused", "session.closed duration=50", "counts ",
      "open 0",
    }, watch("session.closed", "duration synthetic", {
      CREATED, joined(10, "a"), line("sessionCreated", 50), joined(60, "b"), left(70, "b", 60),
      destroyed(100, 50),
    }))
  end)

  it("takes a sessionCreated that is told again or late for the same session", function()
    assert.same({ "session.closed startTime=" .. T .. " duration=40", "counts ", "open 0" },
      watch("session.closed", "startTime duration synthetic",
        { joined(10, "a"), CREATED, CREATED, left(40, "a", 10), destroyed(40) }))
  end)

  it("knows a session by its uniqueSessionId when its sessionCreated was lost", function()
    local unique = ('"uniqueSessionId":"s_%d"'):format(T + 50000)
    assert.same({
      "session.closed startTime=" .. T .. " synthetic=reused",
      "session.closed startTime=" .. T + 50000 .. " synthetic=end", "counts ", "open 0",
    }, watch("session.closed", "startTime synthetic", {
      line("sessionCreated", 0, ('"uniqueSessionId":"s_%d"'):format(T)),
      line("participantJoined", 60, unique .. ',"participantId":"b"'),
    }))
  end)

  it("takes up sessions in the middle", function()
    assert.same({ "session.closed duration=40 participants=2 peak=2", "counts ", "open 0" },
      watch("session.closed", "duration participants peak",
        { left(30, "a", 10), left(40, "b", 10), destroyed(40) }))
    assert.same({ "session.closed duration=40 participants=0 peak=0", "counts ", "open 0" },
      watch("session.closed", "duration participants peak", { destroyed(40) }))
  end)

  it("closes a session that is silent for the timeout, and no other", function()
    local other = '{"sessionCreated":{"sessionId":"o","timestamp":%d}}'
    assert.same({ "session.closed timestamp=" .. T + 60000 .. " synthetic=timeout" },
      { watch("session.closed", "timestamp synthetic",
        { CREATED, joined(60, "a"), other:format(T + 159000), other:format(T + 170000) },
        100)[1] })
    assert.same({ "session.closed timestamp=" .. T + 60000 .. " synthetic=end" },
      { watch("session.closed", "timestamp synthetic",
        { CREATED, joined(60, "a") }, 100)[1] })
  end)

  it("is not moved by a time that has not come", function()
    assert.same({ "session.closed", "session.closed", "counts ahead=1", "open 0" },
      watch("session.closed", "", {
        CREATED, '{"sessionCreated":{"sessionId":"o","timestamp":4102444800000}}',
      }))
  end)

  it("counts the same when neighbours in the file have changed places", function()
    local code, out, err = support.run {
      "run", "simulate", "--set", "sessions=50", "--set", "seed=3", "-w", "-",
    }
    assert.equal(0, code, err)
    local lines = rules.lines(out)
    local count = [[
      local calls, n = require "cdr.calls", {}
      for _, name in ipairs { "session.closed", "participant.left", "stream.closed",
        "recording.ready" } do
        n[name] = 0
        calls.on(name, function() n[name] = n[name] + 1 end)
      end
      cdr.on("input.ended", function() for name in pairs(n) do print(name, n[name]) end end)
    ]]
    local function counted(input)
      local run = rules.run(count, input)
      assert.equal(0, run.code, run.errors)
      table.sort(run.lines)
      return run.lines
    end
    local straight = counted(lines)
    for first = 1, 2 do
      local changed = { table.unpack(lines) }
      for i = first, #lines - 1, 2 do changed[i], changed[i + 1] = lines[i + 1], lines[i] end
      assert.same(straight, counted(changed))
    end
  end)

  it("goes on over values of any kind", function()
    local odd = { "null", "{}", "[1]", "true", "1e300", "-1", '""', "9223372036854775807", "0.5" }
    local names = { "sessionCreated", "participantJoined", "webrtcConnectionCreated",
      "recordingStatusChanged", "recordingStarted", "recordingStopped",
      "webrtcConnectionDestroyed", "participantLeft", "filterEventDispatched", "sessionDestroyed" }
    local keys = { "sessionId", "uniqueSessionId", "timestamp", "startTime", "duration", "reason",
      "participantId", "streamId", "connection", "receivingFrom", "videoSource", "id", "size",
      "status", "location" }
    local whole = { sessionId = '"s"', timestamp = T, participantId = '"p"',
      connection = '"INBOUND"', streamId = '"x"', id = '"r"', status = '"ready"' }
    local input = {}
    for _, value in ipairs(odd) do
      for _, key in ipairs(keys) do
        for _, name in ipairs(names) do
          local fields = {}
          for k, v in pairs(whole) do
            fields[#fields + 1] = ('"%s":%s'):format(k, k == key and value or v)
          end
          if not whole[key] then fields[#fields + 1] = ('"%s":%s'):format(key, value) end
          table.sort(fields)
          input[#input + 1] = ('{"%s":{%s}}'):format(name, table.concat(fields, ","))
        end
      end
    end
    input[#input + 1] = '{"nodeCrashed":{"timestamp":1,"sessionIds":["s"]}}'
    watch("session.opened session.closed participant.joined participant.left stream.closed "
      .. "recording.ready recording.failed", "duration reason country", input)
  end)

  it("leaves nothing behind of closed sessions but a bounded ring", function()
    local run = rules.run([[
      local calls = require "cdr.calls"
      local model = calls.new {}
      local function size(t)
        local n = 1
        for _, v in pairs(t) do n = n + (type(v) == "table" and size(v) or 0) end
        for _ in pairs(t) do n = n + 1 end
        return n
      end
      local function feed(from, to)
        for i = from, to do
          local at, id = 1601394690000 + i * 1000, "s" .. i
          model:feed { event = "sessionCreated", sessionId = id, timestamp = at }
          model:feed { event = "participantJoined", sessionId = id, timestamp = at,
            participantId = "p" }
          model:feed { event = "participantLeft", sessionId = id, timestamp = at,
            participantId = "p" }
          model:feed { event = "sessionDestroyed", sessionId = id, timestamp = at }
        end
        return size(model.memory)
      end
      feed(1, 5000)
      local before = feed(5001, 100000)
      print(before < 12000 or before, feed(100001, 150000) < 12000)
    ]], {}, { "--log-level", "error" })
    assert.same({ "true\ttrue" }, run.lines, run.errors)
  end)

  it("keeps its memory in one tree of plain values", function()
    local run = rules.run([[
      local calls = require "cdr.calls"
      local model, seen = calls.follow(calls.new({}, { keep = true })), {}
      model:on("session.opened", function() print "opened" end)
      local function check(path, value)
        if type(value) == "function" or getmetatable(value) and type(value) == "table" then
          print("not plain", path)
        end
        if type(value) ~= "table" then return end
        if seen[value] then print("twice", path, seen[value]) end
        seen[value] = path
        for key, inner in pairs(value) do check(path .. "." .. tostring(key), inner) end
      end
      cdr.on("participantLeft", function()
        seen = {}
        check("memory", model.memory)
      end)
    ]], { CREATED, joined(10, "a"), stream("Created", 11, "a", "OUTBOUND"),
      recording("recordingStatusChanged", 10, 10, ',"status":"started"'), joined(12, "b"),
      stream("Created", 12, "b", "INBOUND"), left(20, "b", 12) })
    assert.equal(0, run.code, run.errors)
    assert.same({ "opened" }, run.lines)
  end)

  describe("knows a later start of the server", function()
    local function closed(files)
      local folder = support.folder()
      support.write_file(folder .. "/rules.lua", [[
        require("cdr.calls").on("session.closed", function(session)
          print(session.sessionId, session.synthetic, (session.timestamp - 1601394690000) // 1000)
        end)
      ]])
      local words = { "run", "--once", folder .. "/rules.lua", "--state", folder .. "/state" }
      for i, names in ipairs(files) do
        words[#words + 1] = folder .. "/" .. i
        support.mkdir(folder .. "/" .. i)
        for name, text in pairs(names) do
          support.write_file(("%s/%d/CDR.%s.log"):format(folder, i, name), text .. "\n")
        end
      end
      local code, out, err = support.run(words)
      assert.equal(0, code, err)
      return out
    end
    local function of(id, text)
      return (text:gsub('"sessionId":"s"', ('"sessionId":"%s"'):format(id)))
    end

    it("as the death of the one before, which goes on over midnight", function()
      assert.equal("s\trestart\t86000\nt\trestart\t86000\nu\tend\t86400\n", closed { {
        ["2020-09-29_17-50-01"] = CREATED,
        ["2020-09-30_17-50-01"] = of("t", joined(86000, "a")),
        ["2020-09-30_18-00-00"] = of("u", joined(86400, "b")),
      } })
    end)

    it("in one folder apart from the others", function()
      assert.equal("t\trestart\t20\ns\tend\t30\nu\tend\t30\n", closed {
        { ["2020-09-29_17-50-01"] = CREATED },
        {
          ["2020-09-29_17-55-00"] = of("t", joined(20, "a")),
          ["2020-09-29_18-00-00"] = of("u", joined(30, "b")),
        },
      })
    end)
  end)

  it("says what it does not know", function()
    local run = rules.run('require("cdr.calls").on("session.close", print)', {})
    assert.equal(2, run.code)
    assert.matches('rules.lua:2: calls tell nothing named "session.close" %(did you mean '
      .. '"session.closed"%?%)', run.errors)
  end)
end)
