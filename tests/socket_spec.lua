-- Events go into sockets as lines, datagrams or syslog, and go on when the other side comes back.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.mkdir(path "in")
end)
after_each(support.clean)

-- Starts a listener of that kind, at the port of the one before where there is one.
local function listen(kind, port)
  os.remove(path "port")
  local process = support.spawn {
    program = "/usr/bin/python3", "-S", "tests/support/listener.py", folder, kind, port,
  }
  local got = support.expect(function() return support.read_file(path "port") end,
    function() return "the listener: " .. process:stderr() end)
  return got, process
end

local function heard() return support.read_file(path "heard") or "" end

-- Waits until so many bytes, or that text at the end, were heard.
local function hear(what)
  support.expect(function()
    local text = heard()
    return type(what) == "number" and #text >= what or text:sub(-#tostring(what)) == what
  end, function() return "heard " .. #heard() .. " bytes: " .. heard():sub(-300) end)
  return heard()
end

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
    local port = listen "tcp"
    local lines = cdr.lines(1, 20000)
    assert.equal(0, forward(lines, "tcp://127.0.0.1:" .. port))
    hear(#lines)
    assert.is_true(lines == heard())
  end)

  it("may be named", function()
    local port = listen "tcp"
    assert.equal(0, forward(cdr.line(1), "tcp://localhost:" .. port))
    hear(cdr.line(1))
  end)

  it("that is not there yet is waited for", function()
    local port, process = listen "tcp"
    process:kill "KILL"
    process:wait()
    local p = follow("tcp://127.0.0.1:" .. port)
    write(1, 100)
    support.expect(function() return p:stderr():find("Connection refused", 1, true) end)
    listen("tcp", port)
    hear(cdr.line(100))
    assert.equal(cdr.lines(1, 100), heard())
    support.expect(function() return p:stderr():find("goes on after", 1, true) end)
    assert.equal(0, p:stop())
  end)

  it("that closed while nothing was sent loses nothing", function()
    local port, process = listen "tcp"
    local p = follow("tcp://127.0.0.1:" .. port)
    write(1, 10)
    hear(cdr.line(10))
    process:kill "KILL"
    process:wait()
    listen("tcp", port)
    write(11, 20)
    hear(cdr.line(20))
    assert.is_nil(cdr.fault(heard(), 1, 20))
    assert.equal(0, p:stop())
  end)

  it("that closes in the middle gets whole lines again, in order", function()
    support.write_file(path "most", "200000")
    local port = listen "tcp"
    local lines = cdr.lines(1, 30000)
    assert.equal(0, (forward(lines, "tcp://127.0.0.1:" .. port)))
    hear(cdr.line(30000))
    local last = 0
    for text in heard():gmatch "[^\n]+" do
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
    listen "unix"
    assert.equal(0, forward(cdr.lines(1, 5000), "unix:" .. path "socket"))
    hear(cdr.line(5000))
    assert.is_true(cdr.lines(1, 5000) == heard())
  end)

  it("may have slashes, and take datagrams", function()
    listen "datagram"
    assert.equal(0, forward(cdr.lines(1, 500), "unix://" .. path "socket" .. "#datagram=true"))
    hear(cdr.line(500))
    assert.is_true(cdr.lines(1, 500) == heard())
  end)

  it("refuses a datagram that is too large, and goes on", function()
    listen "datagram"
    local big = '{"big":{"sessionId":"a","x":"' .. ("x"):rep(900000) .. '"}}\n'
    assert.equal(0, forward(cdr.lines(1, 3) .. big .. cdr.lines(4, 6),
      "unix:" .. path "socket" .. "#datagram=true"))
    hear(cdr.line(6))
    assert.equal(cdr.lines(1, 6), heard())
    assert.is_truthy(support.read_file(path "rejects.jsonl"):find("Message too long", 1, true))
  end)
end)

describe("syslog", function()
  local FORM = "^<(%d+)>1 (%S+) (%S+) (%S+) (%d+) (%S+) %[cdr@32473 id=\"(%x+)\" "
    .. "sessionId=\"(.-)\"%] (.*)$"

  it("is RFC 5424 in datagrams, with the event's time, name, id and session", function()
    listen "datagram"
    assert.equal(0, forward(cdr.line(8),
      "syslog:" .. path "socket" .. "#facility=daemon&severity=notice&host=media1"))
    hear(cdr.line(8))
    local pri, time, host, app, _, name, id, session, text = heard():sub(1, -2):match(FORM)
    assert.same({ "29", "2020-09-29T15:51:30.721Z", "media1", "cdrlua", "sessionCreated", "ses_A" },
      { pri, time, host, app, name, session })
    assert.equal(32, #id)
    assert.equal(cdr.line(8), text .. "\n")
  end)

  it("goes over UDP", function()
    local port = listen "udp"
    assert.equal(0, forward(cdr.line(8), "syslog://127.0.0.1:" .. port))
    assert.is_truthy(hear(cdr.line(8)):match(FORM:gsub("%$$", "")))
  end)

  it("marks UTF-8 that is more than ASCII, and escapes what is in quotes", function()
    listen "datagram"
    assert.equal(0, forward('{"a b":{"sessionId":"x\\"y]\\\\","n":"Zoë"}}\n',
      "syslog:" .. path "socket"))
    local _, _, _, _, _, name, _, session, text = hear("}}\n"):sub(1, -2):match(FORM)
    assert.equal("a?b", name)
    assert.is_truthy(session)
    assert.equal("\xef\xbb\xbf{", text:sub(1, 4))
  end)

  it("counts octets over TCP", function()
    local port = listen "tcp"
    assert.equal(0, forward(cdr.lines(1, 100), "syslog+tcp://127.0.0.1:" .. port))
    hear(cdr.line(100):sub(1, -2))
    local at, n = 1, 0
    local all = heard()
    while at <= #all do
      local length, from = all:match("^(%d+) ()", at)
      local text = all:sub(from, from + tonumber(length) - 1)
      n = n + 1
      assert.is_truthy(text:find(cdr.line(n):sub(1, -2), 1, true))
      at = from + tonumber(length)
    end
    assert.equal(100, n)
  end)
end)
