-- Events reach a topic of Kafka at least once, in order per session, whatever its brokers do.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local KILLS = support.soak and 30 or 3

local folder, mock, url

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.mkdir(path "in")
  mock = support.spawn { program = support.built "mock_kafka", folder, stdin = "pipe" }
  local brokers = support.expect(function() return support.read_file(path "brokers") end,
    function() return mock:stderr() end)
  url = "kafka://" .. brokers .. "/calls"
end)
after_each(support.clean)

-- The mock cluster obeys.
local function tell(word)
  mock:write(word)
  mock:expect_said("obeyed " .. word)
end

-- What arrived so far: { { partition =, key =, id =, event =, text = }, ... }.
local function heard()
  local rows = {}
  for line in (support.read_file(path "heard") or ""):gmatch "([^\n]*)\n" do
    local partition, key, id, event, text = line:match "^(%d+)\t(.-)\t(.-)\t(.-)\t(.*)$"
    rows[#rows + 1] = { partition = partition, key = key, id = id, event = event, text = text }
  end
  return rows
end

local function forward(lines, dest)
  local code, _, errors = support.run {
    "run", "--once", "filter", "-", "-w", dest or url, "--rejects", path "rejects.jsonl",
    input = lines,
  }
  return code, errors
end

local function follow(options)
  return support.spawn {
    "run", "filter", path "in", "-w", url .. (options or ""), "--state", path "state",
  }
end

local function write(from, to)
  support.append(path "in/CDR.2020-09-29_17-50-01.log", cdr.lines(from, to))
end

-- Waits until line `to` arrived: all from 1 on did, and in their order, repeats aside.
local function expect_all(to)
  local rows
  support.expect(function()
    rows = heard()
    return rows[#rows] and rows[#rows].text .. "\n" == cdr.line(to)
  end, function() return #heard() .. " of " .. to .. " arrived" end, 60)
  local last = 0
  for _, row in ipairs(rows) do
    local n = cdr.numbers(row.text .. "\n").A[1]
    assert.is_true(n <= last + 1, ("%d behind %d"):format(n, last))
    last = n
  end
  return rows
end

describe("kafka://", function()
  it("is sent each event with its session as key, and its id and name as headers", function()
    local lines = cdr.lines(1, 3000) .. cdr.lines(1, 10, "B")
    assert.equal(0, forward(lines))
    local rows = support.expect(function()
      local rows = heard()
      return #rows == 3010 and rows
    end)
    local texts, ids, partition = {}, {}, {}
    for _, row in ipairs(rows) do
      local series = row.text:match '"sessionId":"ses_(.)"'
      assert.equal("ses_" .. series, row.key)
      assert.equal(row.text:match '^{"(%a+)"', row.event)
      assert.equal(32, #row.id)
      assert.is_nil(ids[row.id])
      ids[row.id] = true
      assert.equal(partition[series] or row.partition, row.partition)
      partition[series] = row.partition
      texts[series] = (texts[series] or "") .. row.text .. "\n"
    end
    assert.is_true(cdr.lines(1, 3000) == texts.A)
    assert.equal(cdr.lines(1, 10, "B"), texts.B)
  end)

  it("goes on when a broker answers with errors, without repeats", function()
    tell "errors 2"
    assert.equal(0, forward(cdr.lines(1, 2000)))
    assert.equal(2000, #expect_all(2000))
  end)

  it("waits for a broker that is down, and tells it once", function()
    local p = follow "#timeout=0.5"
    write(1, 100)
    expect_all(100)
    tell "down"
    write(101, 300)
    support.expect(function() return p:stderr():find("trying again", 1, true) end,
      function() return p:stderr() end)
    assert.is_truthy(p:stderr():find(url .. ": Local: Message timed out", 1, true), p:stderr())
    tell "up"
    expect_all(300)
    support.expect(function() return p:stderr():find("goes on after", 1, true) end)
    assert.equal(0, p:stop())
  end)

  it("goes on when it may write to the topic again", function()
    local p = follow()
    write(1, 100)
    expect_all(100)
    tell "deny"
    write(101, 300)
    p:expect_said(url .. ": Broker: Topic authorization failed (")
    expect_all(300)
    p:expect_said "goes on after"
    assert.equal(0, p:stop())
  end)

  it("waits for a topic that is not there yet", function()
    tell "missing"
    write(1, 100)
    -- what librdkafka does not wait for any longer it takes no message for
    local p = follow "#timeout=0.5&kafka.topic.metadata.propagation.max.ms=200"
    p:expect_said(url
      .. ": Local: Message timed out: the brokers are there; perhaps the topic is not")
    tell "there"
    expect_all(100)
    p:expect_said "goes on after"
    assert.equal(0, p:stop())
  end)

  it("misses nothing over kill -9", function()
    local to = 0
    for _ = 1, KILLS do
      local p = follow()
      write(to + 1, to + 2000)
      to = to + 2000
      local before = support.stat(path "heard").size
      support.expect(function() return support.stat(path "heard").size > before end)
      p:kill "KILL"
      p:wait()
    end
    local p = follow()
    write(to + 1, to + 1)
    expect_all(to + 1)
    assert.equal(0, p:stop())
  end)

  it("puts aside what is too large, and goes on", function()
    local big = '{"big":{"sessionId":"ses_A","x":"' .. ("x"):rep(5000) .. '"}}\n'
    assert.equal(0, forward(cdr.lines(1, 3) .. big .. cdr.lines(4, 6),
      url .. "#kafka.message.max.bytes=2000"))
    expect_all(6)
    local rejects = support.read_file(path "rejects.jsonl")
    assert.is_truthy(rejects:find('"reason":"Broker: Message size too large"', 1, true), rejects)
  end)

  it("puts aside what the broker says is too large", function()
    tell "large"
    assert.equal(0, forward(cdr.lines(1, 1)))
    assert.is_truthy(support.read_file(path "rejects.jsonl"):find("size too large", 1, true))
    assert.same({}, heard())
  end)

  it("that is wrong is told at once, without a secret", function()
    for dest, why in pairs {
      ["kafka://h:1"] = "kafka://h:1: no name of a topic",
      ["kafka:///t"] = "kafka:///t: there is no broker",
      ["kafka://h/a/b"] = "kafka://h/a/b: no name of a topic",
      ["kafka://h:1,h:99999/t"] = 'kafka://h:1,h:99999/t: "h:99999" is no broker',
      ["kafka://h:abc/t"] = 'kafka://h:abc/t: "h:abc" is no broker',
      ["kafka://h/t#password=sesame"] = "kafka://h/t: a password without the option user",
      ["kafka://a:sesame@h/t"] = "kafka://h/t: say user and password as options",
      ["kafka://h/t#kafka.nonsense=sesame"] =
        'kafka://h/t: librdkafka has no property "nonsense"',
      ["kafka://h/t#kafka.acks=sesame"] =
        "kafka://h/t: librdkafka does not take that value of acks",
      ["kafka://h/t#user=u&password_env=NOT_SET"] = "the environment has no NOT_SET",
    } do
      local code, errors = forward("", dest)
      assert.equal(2, code, dest)
      assert.is_truthy(errors:find(why, 1, true), errors)
      assert.is_nil(errors:find("sesame", 1, true), errors)
    end
  end)

  it("that never was there does not keep a run from stopping", function()
    mock:kill "KILL"
    mock:wait()
    local p = follow "#timeout=0.3"
    write(1, 10)
    support.expect(function() return p:stderr():find("trying again", 1, true) end)
    local began = support.now()
    p:kill "TERM"
    p:wait(20)
    assert.is_true(support.now() - began < 15)
  end)
end)
