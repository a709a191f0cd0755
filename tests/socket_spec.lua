-- Events go into sockets as lines, datagrams or syslog, and go on when the other side comes back.
local cdr = require "tests.support.cdr"
local listener = require "tests.support.listener"
local support = require "tests.support"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.mkdir(path "in")
end)
after_each(support.clean)

-- Lines to the end of a run; the exit code and what it said.
local function forward(lines, dest)
  local code, _, errors = support.run {
    "run", "--once", "filter", "-", "-w", dest, "--rejects", path "rejects.jsonl", input = lines,
  }
  return code, errors
end

local function follow(dest)
  return support.spawn { "run", "filter", path "in", "-w", dest, "--state", path "state" }
end

local function write(from, to)
  support.append(path "in/CDR.2020-09-29_17-50-01.log", cdr.lines(from, to))
end

describe("tcp://", function()
  it("is sent each event as a line, byte for byte and in order", function()
    local l = listener.start "tcp"
    local lines = cdr.lines(1, 20000)
    assert.equal(0, forward(lines, "tcp://" .. l.at))
    l:hear(#lines)
    assert.is_true(lines == l:heard())
  end)

  it("that answers something hears the last ones too", function()
    local l = listener.start "tcp"
    l:answers()
    l.process:kill "STOP"
    support.write_file(path "input.jsonl", cdr.lines(1, 1000))
    local p = support.spawn { "run", "--once", "filter", path "input.jsonl", "-w",
      "tcp://" .. l.at }
    support.wait_for(function() return not p:is_alive() end, 0.15)
    l.process:kill "CONT"
    l:hear(cdr.line(1000))
    assert.equal(0, p:wait())
  end)

  it("may be named", function()
    local l = listener.start "tcp"
    assert.equal(0, forward(cdr.line(1), "tcp://localhost:" .. l.port))
    l:hear(cdr.line(1))
  end)

  it("that is not there yet is waited for", function()
    local l = listener.start "tcp"
    l:down()
    local p = follow("tcp://" .. l.at)
    write(1, 100)
    support.expect(function() return p:stderr():find("Connection refused", 1, true) end)
    l:up()
    l:hear(cdr.line(100))
    assert.equal(cdr.lines(1, 100), l:heard())
    support.expect(function() return p:stderr():find("goes on after", 1, true) end)
    assert.equal(0, p:stop())
  end)

  it("that stopped reading is waited for, and told of", function()
    local l, clock, ms = listener.start "tcp", path "clock", 1601394690000
    local function pass(seconds)
      ms = ms + seconds * 1000
      local file <close> = assert(io.open(clock, "r+b")) -- in place: it is mapped
      file:write(string.pack("<i8", ms))
    end
    support.write_file(clock, string.pack("<i8", ms))
    l.process:kill "STOP"
    support.write_file(path "input.jsonl", cdr.lines(1, 40000))
    local p = support.spawn { "run", "filter", path "input.jsonl", "-w", "tcp://" .. l.at,
      "--state", path "state",
      env = { TEST_CLOCK = clock, LD_PRELOAD = support.built "clock.so" } }
    p:expect_said "following"
    support.expect(function()
      pass(31)
      p:kill "USR1" -- wakes it up, to see what time it is
      return p:stderr():find(l.at .. ": has taken nothing for 30 s", 1, true)
    end, function() return p:stderr() end)
    l.process:kill "CONT"
    p:expect_said(l.at .. ": goes on after")
    l:hear(cdr.line(40000), 20)
    assert.equal(0, p:stop())
  end)

  it("that closed while nothing was sent loses nothing", function()
    local l = listener.start "tcp"
    local p = follow("tcp://" .. l.at)
    write(1, 10)
    l:hear(cdr.line(10))
    l:down()
    l:up()
    write(11, 20)
    l:hear(cdr.line(20))
    assert.is_nil(cdr.fault(l:heard(), 1, 20))
    assert.equal(0, p:stop())
  end)

  it("that closes in the middle gets whole lines again, in order", function()
    local l = listener.start "tcp"
    l:most(200000)
    local lines = cdr.lines(1, 30000)
    assert.equal(0, (forward(lines, "tcp://" .. l.at)))
    l:hear(cdr.line(30000))
    local last = 0
    for text in l:heard():gmatch "[^\n]+" do
      local ms = text:match '^{"%a+":{"sessionId":"ses_A","timestamp":(%d+)'
      local n = ms and tonumber(ms) - 1601394690713
      if n and text .. "\n" == cdr.line(n) then
        assert.is_true(n >= last, n .. " behind " .. last)
        last = n
      end
    end
    assert.equal(30000, last)
  end)

  it("without a host or a port is told at once", function()
    for dest, why in pairs {
      ["tcp://localhost"] = "tcp://localhost: no port from 1 to 65535",
      ["tcp://:5"] = "tcp://:5: no host and port",
      ["tcp://h:70000"] = "tcp://h:70000: no port from 1 to 65535",
      ["tcp://h:1/x"] = "tcp://h:1/x: a host and a port have no path",
      ["unix:"] = "unix:: there is no path",
      ["syslog:#facility=x"] = 'syslog:: no facility "x"',
      ["tcp://h:1#timout=3"] = 'tcp://h:1: no option "timout" (did you mean "timeout"?)',
    } do
      local code, errors = forward("", dest)
      assert.equal(2, code)
      assert.is_truthy(errors:find(why, 1, true), errors)
    end
  end)

  it("whose name nobody knows is an outage, and a stop does not wait for it", function()
    local p = follow "tcp://nowhere.invalid:5"
    write(1, 1)
    support.expect(function()
      return p:stderr():find("tcp://nowhere.invalid:5: ", 1, true)
    end, function() return p:stderr() end, 25)
    p:kill "TERM"
    p:wait(20)
  end)
end)

describe("unix:", function()
  it("is a stream of lines", function()
    local l = listener.start "unix"
    assert.equal(0, forward(cdr.lines(1, 5000), "unix:" .. l.socket))
    l:hear(cdr.line(5000))
    assert.is_true(cdr.lines(1, 5000) == l:heard())
  end)

  it("may have slashes, and take datagrams", function()
    local l = listener.start "datagram"
    assert.equal(0, forward(cdr.lines(1, 500), "unix://" .. l.socket .. "#datagram=true"))
    l:hear(cdr.line(500))
    assert.is_true(cdr.lines(1, 500) == l:heard())
  end)

  it("refuses a datagram that is too large, and goes on", function()
    local l = listener.start "datagram"
    local big = '{"big":{"sessionId":"a","x":"' .. ("x"):rep(900000) .. '"}}\n'
    assert.equal(0, forward(cdr.lines(1, 3) .. big .. cdr.lines(4, 6),
      "unix:" .. l.socket .. "#datagram=true"))
    l:hear(cdr.line(6))
    assert.equal(cdr.lines(1, 6), l:heard())
    assert.matches("too large for a datagram", support.read_file(path "rejects.jsonl"))
  end)
end)

describe("syslog", function()
  local FORM = "^<(%d+)>1 (%S+) (%S+) (%S+) (%d+) (%S+) %[cdr@32473 id=\"(%x+)\" "
    .. "sessionId=\"(.-)\"%] (.*)$"

  it("is RFC 5424 in datagrams, with the event's time, name, id and session", function()
    local l = listener.start "datagram"
    assert.equal(0, forward(cdr.line(8),
      "syslog:" .. l.socket .. "#facility=daemon&severity=notice&host=media1"))
    l:hear(cdr.line(8))
    local pri, time, host, app, _, name, id, session, text = l:heard():sub(1, -2):match(FORM)
    assert.same({ "29", "2020-09-29T15:51:30.721Z", "media1", "cdrlua", "sessionCreated", "ses_A" },
      { pri, time, host, app, name, session })
    assert.equal(32, #id)
    assert.equal(cdr.line(8), text .. "\n")
  end)

  it("goes over UDP", function()
    local l = listener.start "udp"
    assert.equal(0, forward(cdr.line(8), "syslog://" .. l.at))
    assert.is_truthy(l:hear(cdr.line(8)):match(FORM:gsub("%$$", "")))
  end)

  it("waits for who is to listen at a UDP port of this machine, and loses none", function()
    local l = listener.start "udp"
    l:down()
    write(1, 20)
    local p = follow("syslog://" .. l.at)
    p:expect_said("warn: syslog://" .. l.at .. ": Connection refused (")
    l:up()
    l:hear(cdr.line(20), 40)
    local last = 0
    for ms in l:heard():gmatch '"timestamp":(%d+)' do
      local n = tonumber(ms) - 1601394690713
      assert.is_true(n <= last + 1, n .. " behind " .. last)
      last = math.max(last, n)
    end
    assert.equal(20, last)
    assert.equal(0, p:stop())
  end)

  it("marks UTF-8 that is more than ASCII, and escapes what is in quotes", function()
    local l = listener.start "datagram"
    assert.equal(0, forward('{"a b":{"sessionId":"x\\"y]\\\\","n":"Zoë"}}\n',
      "syslog:" .. l.socket))
    local _, _, _, _, _, name, _, session, text = l:hear("}}\n"):sub(1, -2):match(FORM)
    assert.equal("a?b", name)
    assert.is_truthy(session)
    assert.equal("\xef\xbb\xbf{", text:sub(1, 4))
  end)

  it("tells a session as it is, however the line spells it", function()
    local l = listener.start "datagram"
    assert.equal(0, forward('{"sessionCreated":{"sessionId":"ses\\u003dA","timestamp":1}}\n',
      "syslog:" .. l.socket))
    assert.is_truthy(l:hear("}}\n"):find('sessionId="ses=A"', 1, true))
  end)

  it("counts octets over TCP", function()
    local l = listener.start "tcp"
    assert.equal(0, forward(cdr.lines(1, 100), "syslog+tcp://" .. l.at))
    l:hear(cdr.line(100):sub(1, -2))
    local messages = l:messages()
    assert.equal(100, #messages)
    for n, text in ipairs(messages) do
      assert.is_truthy(text:find(cdr.line(n):sub(1, -2), 1, true))
    end
  end)
end)
