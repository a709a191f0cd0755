-- Handlers that ask over HTTP: what they get, what goes on meanwhile, and what ends the waiting.
local cdr = require "tests.support.cdr"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local support = require "tests.support"

local r

before_each(function() r = receiver.start() end)
after_each(support.clean)

-- Runs a script, in which R is the receiver's URL, on lines (default: one).
local function run(script, lines, options)
  return rules.run(("local R = %q "):format(r.url) .. script, lines or { cdr.line(1):sub(1, -2) },
    options)
end

-- What a script prints of one event, in which it says something.
local function said(script)
  local got = run("cdr.on('*', function(event) " .. script .. " end)")
  return table.concat(got.lines, "\n"), got
end

describe("cdr.http", function()
  it("gets status, headers in lower case and body", function()
    assert.equal("404 gone b, c text/x", (said [[
      local a = cdr.http.get(R .. "/answer?status=404&body=gone&header=X-A:b&header=x-a:c"
        .. "&header=Content-TYPE:text/x")
      print(a.status, a.body, a.headers["x-a"], a.headers["content-type"])]]):gsub("\t", " "))
    assert.equal("GET", r:requests()[1].method)
  end)

  it("posts texts as they are and tables as JSON", function()
    assert.equal("plain\n{\"a\":[1,2]}\n", (said [[
      print(cdr.http.post(R .. "/answer", "plain").body)
      print(cdr.http.post(R .. "/answer", { a = { 1, 2 } }).body)
      print(cdr.http.post(R .. "/answer").body)]]))
    local requests = r:requests()
    assert.equal("POST", requests[1].method)
    assert.is_nil(requests[1].headers["content-type"])
    assert.equal("application/json", requests[2].headers["content-type"])
  end)

  it("asks with any method, headers and authorization", function()
    said [[
      cdr.http.request { url = R .. "/x", method = "PUT", body = "b", headers = { ["X-N"] = 7 } }
      cdr.http.request { url = R .. "/x", method = "DELETE", token = "t" }
      cdr.http.get(R .. "/x", { user = "ann", password = "sesame" })
      cdr.http.request { url = R .. "/x", method = "HEAD" }]]
    local requests = r:requests()
    assert.equal("PUT", requests[1].method)
    assert.equal("b", requests[1].body)
    assert.equal("7", requests[1].headers["x-n"])
    assert.equal("DELETE", requests[2].method)
    assert.equal("Bearer t", requests[2].headers.authorization)
    assert.equal("Basic YW5uOnNlc2FtZQ==", requests[3].headers.authorization)
    assert.equal("HEAD", requests[4].method)
  end)

  it("follows redirects where that is asked for", function()
    local url = "/answer?status=302&header=Location:/answer?body=there"
    assert.equal("302\n200\tthere", (said(([[
      print(cdr.http.get(R .. %q).status)
      local a = cdr.http.get(R .. %q, { redirects = 1 })
      print(a.status, a.body)]]):format(url, url))))
  end)

  it("believes a certificate only by the authority that is named", function()
    local tls = receiver.certificate(support.folder())
    r = receiver.start { tls = tls }
    local out = said(([[
      print(cdr.http.get(R .. "/x?secret"))
      print(cdr.http.get(R .. "/x", { ca = %q }).status)
      print(cdr.http.get(R .. "/x", { insecure = true }).status)]]):format(tls.cert))
    local why = "/x: SSL certificate problem: self-signed certificate"
    assert.equal("nil\t" .. r.url .. why .. "\n200\n200", out)
  end)

  it("gives nil and a sentence when the world fails", function()
    r:plan "reset"
    local out = said [[
      print(cdr.http.get("http://ann:pw@127.0.0.1:1/x?key"))
      print(cdr.http.get(R .. "/x"))
      print(cdr.http.get("ftp://h/x"))
      print(cdr.http.get("http://h:x/"))
      print(cdr.http.get(R, { headers = { a = "b\r\nc: d" } }))
      print(cdr.http.get(R .. "/answer?body=123456789&times=10", { max_size = 89 }))
      print(#cdr.http.get(R .. "/answer?body=123456789&times=10", { max_size = 90 }).body)]]
    local lines = rules.lines(out .. "\n")
    assert.is_truthy(lines[1]:find "^nil\thttp://127.0.0.1:1/x: Failed to connect")
    assert.is_truthy(lines[2]:find("^nil\t" .. r.url .. "/x: "))
    assert.equal("nil\tftp://h/x: no http:// or https:// URL", lines[3])
    assert.equal("nil\thttp://h:x/: Port number was not a decimal number between 0 and 65535",
      lines[4])
    assert.equal("nil\theader a: has a newline", lines[5])
    assert.is_truthy(lines[6]:find "the answer is longer than 89 bytes$")
    assert.equal("90", lines[7])
  end)

  it("lets no text that strangers wrote add a header or be cut", function()
    local out = said [[
      print(cdr.http.get(R, { token = "t\r\nX-Y: z" }))
      print(cdr.http.get(R, { token = "t\0" }))
      print(cdr.http.get(R .. "/a\0b"))
      print(cdr.http.get(R, { headers = { ["X-A"] = "a\0b" } }))
      print(cdr.http.request { url = R, method = "PUT\0" })]]
    assert.equal("nil\ttoken: has a newline\nnil\ttoken: has a NUL\nnil\turl: has a NUL\n"
      .. "nil\theaders: has a NUL\nnil\tmethod: has a NUL", out)
    assert.same({}, r:requests())
  end)

  it("tells of a header that is too long", function()
    r:plan("200 X: " .. ("y"):rep(200000))
    local out = said [[print(cdr.http.get(R .. "/x"))]]
    assert.matches("a header of the answer is longer than 100 KB$", out)
  end)

  it("waits no longer than its timeout", function()
    r:always "hang"
    local began = support.now()
    assert.equal("nil\tdeadline", (said [[print(cdr.http.get(R, { timeout = 0.2 }))]]))
    assert.is_true(support.now() - began < 3)
  end)

  it("raises for what is no request, with the line", function()
    local got = run([[
      cdr.on("*", function()
        for _, given in ipairs { { url = 1 }, {}, { url = R, timout = 1 }, { url = R, timeout = 0 },
          { url = R, body = true }, { url = R, headers = { 1 } } } do
          print(select(2, pcall(cdr.http.request, given)))
        end
        print(select(2, pcall(cdr.http.get, R, 5)))
        cdr.http.get(R, { max_size = "much" })
      end)]])
    assert.same({
      "cdr.http: url: must be a string, not a number", "cdr.http: url: is missing",
      'cdr.http: no option "timout"', "cdr.http: timeout: must be from 0.001 to 3600",
      "cdr.http: body: must be a text or a table, not a boolean",
      "cdr.http: headers: names and values must be texts",
      "cdr.http: options: must be a table, not a number",
    }, got.lines)
    assert.is_truthy(got.errors:find("rules.lua:8: cdr.http: max_size: must be a number", 1, true))
    got = run [[cdr.http.get(R)]]
    assert.equal(2, got.code)
    assert.is_truthy(got.errors:find("cannot wait here: the script is still loading", 1, true))
  end)
end)

describe("while a handler waits for an answer", function()
  local SLOW_A = [[
    cdr.on("*", function(event)
      local slow = event.sessionId == "ses_A" and event.timestamp % 2 == 0
      if slow then cdr.http.get(R .. "/answer?delay=0.2") end
      print(event.sessionId, event.timestamp)
    end)]]

  it("events of its session stay in order behind it, those of others go on", function()
    local lines = {}
    for n = 1, 6 do
      lines[2 * n - 1] = cdr.line(n, "A"):sub(1, -2)
      lines[2 * n] = cdr.line(n, "B"):sub(1, -2)
    end
    local got = run(SLOW_A, lines)
    assert.equal(0, got.code, got.errors)
    local seen = { ses_A = {}, ses_B = {} }
    for _, line in ipairs(got.lines) do
      local session, ms = line:match "(%S+)\t(%d+)"
      table.insert(seen[session], ms - 1601394690713)
    end
    assert.same({ ses_A = { 1, 2, 3, 4, 5, 6 }, ses_B = { 1, 2, 3, 4, 5, 6 } }, seen)
    assert.is_truthy(got.lines[6]:find "ses_B")
    assert.is_truthy(got.lines[7]:find "ses_A")
  end)

  it("no more than 8 ask one host at a time, and the others wait in line", function()
    local lines = {}
    for n = 1, 24 do lines[n] = cdr.line(n, "s" .. n):sub(1, -2) end
    local began = support.now()
    local got = run([[
      cdr.on("*", function() print(cdr.http.get(R .. "/answer?delay=0.2").status) end)]], lines)
    assert.is_true(support.now() - began >= 0.6)
    assert.equal(("200\n"):rep(24), table.concat(got.lines, "\n") .. "\n")
    local latest, at = 0, {}
    for _, request in ipairs(r:requests()) do at[#at + 1] = request.at end
    table.sort(at)
    for i = 1, #at do
      local n = 0
      for j = i, #at do if at[j] - at[i] < 0.15 then n = n + 1 end end
      latest = math.max(latest, n)
    end
    assert.is_true(latest > 1 and latest <= 8, latest)
  end)

  it("the line counts into the timeout", function()
    r:always "hang"
    local lines = {}
    for n = 1, 10 do lines[n] = cdr.line(n, "s" .. n):sub(1, -2) end
    local got = run([[
      local asked = 0
      cdr.on("*", function(event)
        asked = asked + 1
        local seconds = asked <= 8 and 2 or 0.3
        print(event.sessionId, select(2, cdr.http.get(R, { timeout = seconds })))
      end)]], lines)
    local first = table.concat(got.lines, "\n", 1, 2)
    assert.equal("ses_s9\tdeadline\nses_s10\tdeadline", first)
    assert.equal(10, #got.lines)
    assert.equal(8, r:count())
  end)

  it("a stop gives up after the time of grace, and the line comes again", function()
    r:always "hang"
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", ([[local cdr = require "cdr"
      cdr.on("*", function(event) event.answer = cdr.http.get(%q).status end)]]):format(r.url))
    support.mkdir(folder .. "/in")
    support.write_file(folder .. "/in/CDR.2020-09-29_17-50-01.log", cdr.line(1))
    local words = { "run", "rules.lua", "in", "-w", "out", "--state", "state", "--grace", "0.2",
      cwd = folder }
    local p = support.spawn(words)
    r:expect(1)
    assert.equal(0, p:stop(5))
    assert.equal("", support.read_file(folder .. "/out"))
    r:always "201"
    p = support.spawn(words)
    support.expect(function()
      return support.read_file(folder .. "/out"):find('"answer":201', 1, true)
    end, "the line")
    assert.equal(0, p:stop())
  end)

  it("a kill -9 leaves what scripts count exact", function()
    local kills, lines = support.soak and 100 or 4, 25
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", ([[local cdr = require "cdr"
      local seen = cdr.state "seen"
      cdr.on("*", function(event)
        seen[event.sessionId] = (seen[event.sessionId] or 0) + 1
        if not cdr.http.get(%q) then seen.failed = true end
        seen.answers = (seen.answers or 0) + 1
      end)
      cdr.on("input.ended", function() print(seen.ses_A, seen.ses_B, seen.answers, seen.failed) end)
      ]]):format(r.url .. "/answer?delay=0.01"))
    support.mkdir(folder .. "/in")
    local input = folder .. "/in/CDR.2020-09-29_17-50-01.log"
    for i = 1, kills do
      support.append(input, cdr.lines((i - 1) * lines + 1, i * lines, "A")
        .. cdr.lines((i - 1) * lines + 1, i * lines, "B"))
      local before = r:count()
      local p = support.spawn { "run", "rules.lua", "in", "--state", "state", cwd = folder }
      r:expect(before + math.random(1, 40))
      p:kill "KILL"
      p:wait()
    end
    local _, out, errors = support.run { "run", "--once", "rules.lua", "in", "--state", "state",
      cwd = folder }
    local n = kills * lines
    assert.equal(("%d\t%d\t%d\tnil\n"):format(n, n, 2 * n), out, errors)
  end)
end)
