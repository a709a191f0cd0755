-- Mails: each message is one, whatever is in it, and arrives, whatever the server says.
local mailserver = require "tests.support.mailserver"
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local runs = require "tests.support.forward"
local support = require "tests.support"

local WHO = "#from=cdr@example.com&to=ops@example.com"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function() folder = runs.folder() end)
after_each(support.clean)

local function forward(...) return runs.once(folder, ...) end

-- A following run with so many lines.
local function follow(url, n)
  runs.write(folder, 1, n)
  return runs.follow(folder, url, { "--grace", "0.1" })
end

-- What a script says to a sink, which it has as `mail`.
local function script(url, options, text)
  return rules.run(("local mail = cdr.sink(%q, %s)\ncdr.on('input.ended', function()\n%s\nend)")
    :format(url, options, text), {})
end

local function rejects()
  local list = {}
  for i, line in ipairs(rules.lines(support.read_file(path "rejects.jsonl"))) do
    list[i] = native.value(line)
  end
  return list
end

local count = runs.count

-- No line is too long, none has a bare CR or LF, all is ASCII (RFC 5322, 2.1.1 and 2.3).
local function is_clean(data)
  local rest = data:gsub("([^\r\n]*)\r\n", function(line)
    return #line <= 78 and not line:find "[\128-\255%z]" and "" or "!"
  end)
  return rest == ""
end

describe("a mail", function()
  it("tells of an event by its fields, one a line", function()
    local s = mailserver.start()
    assert.equal(0, forward(s.url .. WHO, 1))
    local mail = s:mails()[1]
    assert.equal("<cdr@example.com>", mail.from)
    assert.same({ "<ops@example.com>" }, mail.to)
    assert.same({ "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version",
      "Content-Type", "Content-Transfer-Encoding" }, mail.names)
    assert.equal("participantJoined ses_A", mail.headers.subject)
    assert.matches("^sessionId: ses_A\ntimestamp: 1601394690714\nparticipantId: con_", mail.text)
    assert.is_truthy(mail.text:find("clientData: Zoë\n", 1, true))
    assert.is_truthy(mail.text:find("event: participantJoined\n", 1, true))
    assert.same({}, mail.faults)
    assert.is_true(is_clean(mail.data))
  end)

  it("is dated now, in English", function()
    local s = mailserver.start()
    local before = os.time()
    assert.equal(0, forward(s.url .. WHO, 1, { env = { LC_ALL = "de_DE.UTF-8" } }))
    local date = s:mails()[1].headers.date
    local found
    for at = before, os.time() do
      found = found or date == os.date("!%a, %d %b %Y %H:%M:%S +0000", at)
    end
    assert.is_true(found, date)
  end)

  it("has the subject and the text that a script gives it, of any letters", function()
    local s = mailserver.start()
    local long = ("Zoë wählt «neu» – "):rep(9)
    local text = "= .\n.\n..two\ntrailing \n" .. ("ä"):rep(400) .. "\nFrom me\t\nend"
    local result = script(s.url, '{ from = "Zoë Ö <cdr@example.com>", '
      .. 'to = { "Ops team <ops@example.com>", "b@example.com" } }',
      ("mail:write(cdr.json.encode { subject = %q, text = %q }, { id = 'alert-7' })")
        :format(long, text))
    assert.equal(0, result.code, result.errors)
    local mail = s:mails()[1]
    assert.equal(long, mail.headers.subject)
    assert.equal(text .. "\n", mail.text)
    assert.equal("Zoë Ö <cdr@example.com>", mail.headers.from)
    assert.equal("Ops team <ops@example.com>, b@example.com", mail.headers.to)
    assert.same({ "<ops@example.com>", "<b@example.com>" }, mail.to)
    assert.equal("<alert-7@example.com>", mail.headers["message-id"])
    assert.same({}, mail.faults)
    assert.is_true(is_clean(mail.data))
  end)

  it("is the text itself where that is no object", function()
    local s = mailserver.start()
    script(s.url .. WHO .. "&subject=Calls", "nil", 'mail:write "a\\nb" mail:write "[1]" '
      .. 'mail:write "{broken" mail:write "{}"')
    local texts = {}
    for i, mail in ipairs(s:mails()) do
      assert.equal("Calls", mail.headers.subject)
      texts[i] = mail.text
    end
    assert.same({ "a\nb\n", "[1]\n", "{broken\n", "{}\n" }, texts)
  end)

  it("takes no header, no recipient and no end from what strangers wrote", function()
    local s = mailserver.start()
    local evil = "x\r\nBcc: all@example.com\r\n\r\n.\r\nRSET\r\nMAIL FROM:<evil@example.com>\r\n\0"
    local result = script(s.url .. WHO, "nil", ([[
      local evil = %q
      mail:write(cdr.json.encode { subject = evil, text = evil }, { id = evil })
      mail:send { event = evil, sessionId = evil, [evil] = evil }
      mail:write(evil)]]):format(evil))
    assert.equal(0, result.code, result.errors)
    local mails = s:mails()
    assert.equal(3, #mails)
    for _, mail in ipairs(mails) do
      assert.same({ "<cdr@example.com>", "<ops@example.com>" }, { mail.from, mail.to[1] })
      assert.equal(9, #mail.names)
      assert.same({}, mail.faults)
      assert.is_nil(mail.headers.bcc)
      assert.matches("^<[%w.-]+@example.com>$", mail.headers["message-id"])
      assert.is_true(is_clean(mail.data))
    end
    assert.matches("^x%?%?Bcc: all", mails[1].headers.subject)
    -- SQLite ends a text at its NUL
    assert.equal(evil:gsub("[\r%z]", ""), mails[1].text)
    assert.equal(evil:gsub("\r", ""), mails[3].text:sub(1, -2))
  end)

  it("may be large, in clear and by TLS", function()
    local cert = receiver.certificate(support.folder())
    for _, tls in ipairs { false, true } do
      local s = mailserver.start { tls = tls and cert or nil }
      local way = tls and "&tls=required&ca=" .. cert.cert or ""
      local result = script(s.url .. WHO .. way, "nil", [[
        mail:write(("ä.\n"):rep(1 << 20))
        mail:write "small"]])
      assert.equal(0, result.code, result.errors)
      local mails = s:mails()
      assert.is_true(mails[1].text == ("ä.\n"):rep(1 << 20))
      assert.equal("small\n", mails[2].text)
      assert.equal(tls, mails[2].tls)
    end
  end)

  it("goes over one connection with those behind it", function()
    local s = mailserver.start()
    assert.equal(0, forward(s.url .. WHO, 20))
    local mails, ids = s:mails(), {}
    assert.equal(20, #mails)
    for i, mail in ipairs(mails) do
      assert.is_truthy(mail.text:find("timestamp: " .. 1601394690713 + i, 1, true))
      assert.equal(mails[1].connection, mail.connection)
      ids[mail.headers["message-id"]] = true
    end
    local n = 0
    for _ in pairs(ids) do n = n + 1 end
    assert.equal(20, n)
  end)
end)

describe("a mail server", function()
  it("that says 4xx is asked again, with the same Message-ID", function()
    local s = mailserver.start()
    s:plan("END 451 later", "MAIL 421 too busy", "RCPT 450 grey", "CONNECT 421 no", "DATA 421 no")
    local code, errors = forward(s.url .. WHO, 2)
    assert.equal(0, code)
    local mails = s:mails()
    assert.equal(3, #mails)
    assert.equal(mails[1].headers["message-id"], mails[2].headers["message-id"])
    assert.equal(1, count(errors, s.url .. ": 451 later"))
    assert.same({}, rejects())
  end)

  it("that says 5xx has the mail go to the rejects file, with its answer", function()
    local s = mailserver.start()
    s:plan("RCPT 550-no such|550 user", "MAIL 552 no", "DATA 554 no", "END 554 spam")
    local code, errors = forward(s.url .. WHO, 5)
    assert.equal(0, code, errors)
    local list = rejects()
    assert.equal(4, #list)
    assert.equal("ops@example.com: 550-no such??550 user", list[1].reason)
    assert.same({ "552 no", "554 no", "554 spam" },
      { list[2].reason, list[3].reason, list[4].reason })
    assert.equal(s.url, list[1].sink)
    assert.equal("ses_A", native.value(list[1].text).sessionId)
    assert.equal(2, #s:mails()) -- the last refusal came behind the text
  end)

  it("that knows only some who are to get it sends it to them, and the others are told", function()
    local s = mailserver.start()
    s:plan("RCPT 250 fine", "RCPT 550 moved")
    assert.equal(0, forward(s.url .. WHO .. ",gone@example.com,last@example.com", 1))
    assert.same({ "<ops@example.com>", "<last@example.com>" }, s:mails()[1].to)
    assert.equal("gone@example.com: 550 moved (sent to the others)", rejects()[1].reason)
  end)

  it("that hangs or hangs up is asked again", function()
    local s = mailserver.start()
    s:plan("CONNECT hang", "EHLO close", "MAIL close", "RCPT hang", "DATA close", "END hang")
    local code, errors = forward(s.url .. WHO .. "&timeout=0.3", 2)
    assert.equal(0, code)
    assert.equal(3, #s:mails())
    assert.equal(1, count(errors, s.url .. ": no answer within 0.3 s"))
  end)

  it("that closes an idle connection does not hold up the next mail", function()
    for _, plan in ipairs {
      { "END 250 taken|421 go away" }, { "END 250 taken", "MAIL 421 no more" },
      { "END 250 taken", "MAIL close" },
    } do
      local s = mailserver.start()
      s:plan(table.unpack(plan))
      local code, errors = forward(s.url .. WHO, 3)
      assert.equal(0, code)
      assert.equal(3, #s:mails())
      assert.is_nil(errors:find "trying again", errors)
    end
  end)

  it("that takes its time holds up nothing else", function()
    local s = mailserver.start()
    s:plan "END slow 1"
    local result = script(s.url .. WHO, "nil", [[
      mail:write "slow"
      local began, longest = cdr.time.wall(), 0
      for _ = 1, 40 do
        local at = cdr.time.wall()
        cdr.sleep(0.01)
        longest = math.max(longest, cdr.time.wall() - at)
      end
      print(longest < 300, cdr.time.wall() - began < 900)]])
    assert.same({ "true\ttrue" }, result.lines)
    assert.equal(1, #s:mails())
  end)

  it("gets a mail once more after a kill, with the same Message-ID", function()
    local s = mailserver.start()
    s:plan("END 250 taken", "END hang")
    local p = follow(s.url .. WHO, 2)
    s:expect(2)
    p:kill "KILL"
    p:wait()
    p = follow(s.url .. WHO, 0)
    support.expect(function()
      local mails, n = s:mails(), 0
      for _, mail in ipairs(mails) do
        if mail.headers["message-id"] == mails[2].headers["message-id"] then n = n + 1 end
      end
      return n == 2
    end, "the second mail once more")
    assert.equal(0, p:stop())
  end)

  it("that is down gets all when it comes back", function()
    local s = mailserver.start()
    s:down()
    local p = follow(s.url .. WHO, 3)
    support.expect(function() return p:stderr():find "trying again" end, "a warning")
    s:up()
    local mails = s:expect(3)
    assert.equal(3, #mails)
    support.expect(function() return p:stderr():find "goes on after" end, "that it goes on")
    assert.equal(0, p:stop())
  end)
end)

describe("a mail server with TLS", function()
  local function tls() return receiver.certificate(support.folder()) end

  it("is believed by the authority that is named, by STARTTLS and by smtps://", function()
    local cert = tls()
    for _, implicit in ipairs { false, true } do
      local s = mailserver.start { tls = cert, implicit = implicit }
      local way = implicit and "" or "&tls=required"
      assert.equal(0, forward(s.url .. WHO .. way .. "&ca=" .. cert.cert, 3))
      assert.equal(3, #s:mails())
      assert.is_true(s:mails()[3].tls)
    end
  end)

  it("is not believed without, nor where it does not offer it", function()
    for cause, server in pairs {
      ["certificate"] = mailserver.start { tls = tls() },
      ["STARTTLS"] = mailserver.start(),
    } do
      local p = follow(server.url .. WHO .. "&tls=required", 1)
      support.expect(function() return p:stderr():find "trying again" end, "a warning")
      assert.is_truthy(p:stderr():find(cause, 1, true), p:stderr())
      assert.equal(0, p:stop())
      assert.equal(0, #server:mails())
    end
  end)

  it("is used where it is there, with tls=try", function()
    local cert = tls()
    for _, offers in ipairs { true, false } do
      local s = mailserver.start { tls = offers and cert or nil }
      assert.equal(0, forward(s.url .. WHO .. "&tls=try&ca=" .. cert.cert, 1))
      assert.equal(offers, s:mails()[1].tls)
    end
  end)

  it("is believed blindly only where that is asked for, with a warning", function()
    local s = mailserver.start { tls = tls() }
    local _, errors = forward(s.url .. WHO .. "&tls=required&insecure=true", 1)
    assert.is_true(s:mails()[1].tls)
    assert.equal(1, count(errors, "warn: " .. s.url .. ": certificates are not verified"))
  end)

  it("is told who we are", function()
    local cert = tls()
    local s = mailserver.start { tls = cert, auth = "ann@example.com:se:same" }
    local options = WHO .. "&tls=required&ca=" .. cert.cert
    local env = { env = { PW = "se:same" } }
    assert.equal(0, forward(s.url:gsub("//", "//ann%%40example.com@") .. options
      .. "&password_env=PW", 1, env))
    support.write_file(path "pw", "se:same\n")
    assert.equal(0, forward(s.url .. options .. "&user=ann@example.com&password_file=pw", 1))
    assert.equal("ann@example.com", s:mails()[2].user)
  end)

  it("that does not know us gets the mail when it does, and the log has no secret", function()
    local s = mailserver.start { auth = "ann:sesame" }
    local url = s.url:gsub("//", "//ann:hidden@") .. WHO
    local p = follow(url, 1)
    support.expect(function() return p:stderr():find "trying again" end, "a warning")
    assert.is_nil(p:stderr():find "hidden")
    s:down()
    s.given.auth = "ann:hidden"
    s:up()
    s:expect(1)
    assert.equal(0, p:stop())
    assert.is_nil(p:stderr():find "hidden")
  end)
end)

describe("what is wrong with a mail sink", function()
  it("is told at the start, in one line without secrets", function()
    for options, sentence in pairs {
      ["#to=a@b"] = "from: is missing",
      ["#from=a@b"] = "to: is missing",
      ["#from=a@b&to=a@b,nobody"] = "to: no address: nobody",
      ["#from=a@b&to=x>\r\nRCPT TO:<c@d"] = "to: no address: x>??RCPT TO:<c@d",
      ["#from=a@b,c@d&to=a@b"] = "from: more than one address",
      ["#from=a@b&to=a@b&tls=maybe"] = 'no tls "maybe" (there are required, try and none)',
      ["#from=a@b&to=a@b&tls=try&password=hidden"] = "tls: a password needs required (or none)",
      ["#from=a@b&to=a@b&ca=/none"] = "ca: /none: No such file or directory",
      ["#from=a@b&to=a@b&subjet=x"] = 'no option "subjet" (did you mean "subject"?)',
      ["/path" .. WHO] = "a mail server has no path",
    } do
      local code, errors = forward("smtp://u:hidden2@h.example" .. options, 1)
      assert.equal(2, code)
      assert.is_truthy(errors:find(sentence, 1, true), errors)
      assert.is_nil(errors:find "hidden%f[^%w]", errors)
    end
  end)

  it("is warned of where a password goes out in clear", function()
    local p = follow("smtp://h.invalid#tls=none&user=u&password=p&" .. WHO:sub(2), 0)
    support.expect(function()
      return p:stderr():find("smtp://h.invalid: the password is sent without TLS", 1, true)
    end, "the warning")
    p:expect_said "following" -- what stops it before that is not waited for
    assert.equal(0, p:stop())
  end)
end)
