-- Events go into sockets over TLS: whom it believes, whom it does not, and that none is lost then.
local cdr = require "tests.support.cdr"
local listener = require "tests.support.listener"
local receiver = require "tests.support.receiver"
local support = require "tests.support"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.mkdir(path "in")
end)
after_each(support.clean)

-- Lines to the end of a run; what it said.
local function forward(lines, dest)
  local code, _, errors = support.run {
    "run", "--once", "filter", "-", "-w", dest, "--rejects", path "rejects.jsonl", input = lines,
  }
  assert.equal(0, code, errors)
  return errors
end

local function follow(dest, ...)
  return support.spawn { "run", "filter", path "in", "-w", dest, "--state", path "state", ... }
end

local function write(from, to)
  support.append(path "in/CDR.2020-09-29_17-50-01.log", cdr.lines(from, to))
end

local function certificate(days, name)
  return receiver.certificate(support.folder(), days, name)
end

-- A listener with that certificate, and a URL that believes it.
local function listen(tls, client_ca)
  local l = listener.start("tls", tls.cert, tls.key, client_ca)
  return l, ("tls://%s#ca=%s"):format(l.at, tls.cert)
end

-- The listener's certificate is wrong, which is said once; with a right one all goes on.
local function is_put_right(wrong, why)
  local right = certificate()
  local l = listen(wrong)
  write(1, 10)
  local p = follow(("tls://%s#ca=%s"):format(l.at, why:find "self" and right.cert or wrong.cert))
  p:expect_said(why)
  assert.equal("", l:heard())
  l:down()
  support.rename(right.key, wrong.key)
  support.write_file(wrong.cert, support.read_file(right.cert))
  l:up()
  l:hear(cdr.line(10), 40)
  p:expect_said("goes on after")
  assert.equal(cdr.lines(1, 10), l:heard())
  assert.equal(1, p:said("trying again"))
  assert.equal(1, p:said("warn: tls://" .. l.at .. ": "))
  assert.equal(0, p:stop())
end

describe("tls://", function()
  it("is sent each event as a line, byte for byte and in order, also the last ones", function()
    local l, url = listen(certificate())
    local lines = cdr.lines(1, 20000)
    forward(lines, url)
    l:hear(#lines)
    assert.is_true(lines == l:heard())
  end)

  it("may be named, and be of the version before", function()
    local tls = certificate(1, "DNS:localhost")
    local l = listen(tls)
    l:down()
    support.write_file(l.folder .. "/version", "TLSv1_2")
    l:up()
    forward(cdr.lines(1, 10), ("tls://localhost:%s#ca=%s"):format(l.port, tls.cert))
    l:hear(cdr.line(10))
    assert.equal(cdr.lines(1, 10), l:heard())
  end)

  it("is not believed without its authority, and gets all when that is put right", function()
    is_put_right(certificate(), "SSL certificate problem: self-signed certificate")
  end)

  it("is not believed under another name, and gets all when that is put right", function()
    is_put_right(certificate(1, "DNS:elsewhere.example"),
      "SSL: no alternative certificate subject name matches target host name")
  end)

  it("is not believed when its certificate is over, and gets all with a new one", function()
    is_put_right(certificate(-1), "SSL certificate problem: certificate has expired")
  end)

  it("is believed blindly only where that is asked for, with a warning", function()
    local l = listen(certificate(-1, "DNS:elsewhere.example"))
    local errors = forward(cdr.line(1), ("tls://%s#insecure=true"):format(l.at))
    assert.equal("cdrlua: warn: tls://" .. l.at .. ": certificates are not verified (insecure)\n",
      errors:match "[^\n]*\n")
    l:hear(cdr.line(1))
  end)

  it("is shown a certificate of ours", function()
    local ours = certificate()
    local l, url = listen(certificate(), ours.cert)
    forward(cdr.lines(1, 10), ("%s&cert=%s&key=%s"):format(url, ours.cert, ours.key))
    l:hear(cdr.line(10))
  end)

  it("that asks for a certificate and is shown none costs no event", function()
    local l, url = listen(certificate(), certificate().cert)
    write(1, 10)
    local p = follow(url)
    p:expect_said("alert certificate required")
    write(11, 20)
    l:down()
    table.remove(l.files)
    l:up()
    l:hear(cdr.line(20), 40)
    assert.equal(cdr.lines(1, 20), l:heard())
    assert.equal(1, p:said("trying again"))
    assert.equal(0, p:stop())
  end)

  it("that closed while nothing was sent loses nothing", function()
    local l, url = listen(certificate())
    local p = follow(url)
    write(1, 10)
    l:hear(cdr.line(10))
    l:down()
    l:up()
    write(11, 20)
    l:hear(cdr.line(20))
    assert.equal(cdr.lines(1, 20), l:heard())
    assert.equal(0, p:stop())
  end)

  it("that closes in the middle gets whole lines again, in order", function()
    local l, url = listen(certificate())
    l:most(2000000)
    forward(cdr.lines(1, 30000), url)
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

  it("that closes its half behind the handshake is told of as that, and gets all later", function()
    local l, url = listen(certificate())
    l:down()
    support.write_file(l.folder .. "/version", "TLSv1_2") -- says nothing behind the handshake
    support.write_file(l.folder .. "/half", "")
    l:up()
    write(1, 10)
    local p = follow(url)
    p:expect_said("warn: tls://" .. l.at .. ": closed by the other side (")
    os.remove(l.folder .. "/half")
    l:hear(cdr.line(10), 40)
    assert.equal(cdr.lines(1, 10), l:heard())
    assert.equal(0, p:stop())
  end)

  it("that never answers the handshake is given up, and holds up nothing else", function()
    local l = listener.start "tcp"
    l.process:kill "STOP"
    write(1, 10)
    local p = follow(("tls://%s#timeout=0.3"):format(l.at), "-w", path "out.log")
    p:expect_said(("tls://%s: no connection within 0.3 s ("):format(l.at))
    write(11, 20)
    support.expect(function() return support.read_file(path "out.log") == cdr.lines(1, 20) end)
    l.process:kill "CONT"
    assert.equal(0, p:stop())
  end)

  it("has options of its own, which other sockets refuse", function()
    for dest, why in pairs {
      ["tls://h"] = "tls://h: no port from 1 to 65535",
      ["tls://h:1#ca=/none"] = "tls://h:1: ca: /none: No such file or directory",
      ["tls://h:1#insecure=maybe"] = "tls://h:1: insecure: maybe is neither true nor false",
      ["tcp://h:1#ca=/none"] = "tcp://h:1: ca: only with TLS (tls://, syslog+tls://)",
      ["syslog+tcp://h:1#insecure=true"] = "syslog+tcp://h:1: insecure: only with TLS",
    } do
      local code, _, errors = support.run { "run", "--once", "filter", "-", "-w", dest }
      assert.equal(2, code)
      assert.is_truthy(errors:find(why, 1, true), errors)
    end
  end)
end)

describe("syslog+tls://", function()
  it("is RFC 5425: counted octets", function()
    local tls = certificate()
    local l = listen(tls)
    forward(cdr.lines(1, 100), ("syslog+tls://%s#ca=%s&host=media1"):format(l.at, tls.cert))
    l:hear(cdr.line(100):sub(1, -2))
    local messages = l:messages()
    assert.equal(100, #messages)
    for n, text in ipairs(messages) do
      assert.is_truthy(text:find("^<134>1 2020%-09%-29T15:51:30%.%d+Z media1 cdrlua "), text)
      assert.is_truthy(text:find(cdr.line(n):sub(1, -2), 1, true))
    end
  end)

  it("is at port 6514 where none is said", function()
    local p = follow "syslog+tls://127.0.0.1"
    write(1, 1)
    p:expect_said("syslog+tls://127.0.0.1: Failed to connect to 127.0.0.1 port 6514")
    p:kill "KILL"
  end)
end)
