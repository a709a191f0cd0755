-- Notifications: in the shape that each receiver documents, whatever strangers wrote in them.
local mailserver = require "tests.support.mailserver"
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local support = require "tests.support"

after_each(support.clean)

-- As the alerts send it: two alerts, of which one is over.
local NOTIFICATION = [[
local notification = {
  event = "alert", id = "cut/acme/firing/1601394690713/0", status = "firing", name = "cut",
  severity = "critical", summary = "2 calls cut short", group = "acme",
  labels = { name = "cut", severity = "critical", tenant = "acme" },
  started = 1601394690713, timestamp = 1601394750713, repeats = 0, count = 2,
  alerts = cdr.array {
    { key = "ses_A", summary = "ses_A was cut", status = "firing", started = 1601394690713,
      fired = 1, sessionId = "ses_A", labels = { ["the room"] = "A", empty = "" } },
    { key = "ses_B", summary = "ses_B was cut", status = "resolved", started = 1601394690714,
      ended = 1601394740000, fired = 3, sessionId = "ses_B" },
  },
}
]]

-- Sends it (or what `change` makes of it) to `dest`; the run.
local function send(dest, options, change)
  local result = rules.run(NOTIFICATION .. (change or "") .. ([[

    local ops = cdr.notify(%q, %s)
    cdr.on("input.ended", function() ops:send(notification) end)]]):format(dest, options), {})
  assert.equal(0, result.code, result.errors)
  return result
end

-- The request that it comes to.
local function post(options, change)
  local r = receiver.start()
  send(r.url .. "/hook", options, change)
  local requests = r:requests()
  assert.equal(1, #requests)
  return native.value(requests[1].body), requests[1]
end

-- The same in Lua: with notification.KEY set to a text.
local function with(key, text) return ("notification.%s = %q\n"):format(key, text) end

local function without_meta(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, inner in pairs(value) do copy[key] = without_meta(inner) end
  return copy
end

describe("a notification", function()
  it("is sent as it is, known by its own id", function()
    local body, request = post "nil"
    assert.equal("cut/acme/firing/1601394690713/0", request.headers["idempotency-key"])
    assert.equal("application/json", request.headers["content-type"])
    assert.equal("alert", body.event)
    assert.equal("ses_B was cut", body.alerts[2].summary)
    local lines = send("-", "{ shape = 'json' }").lines
    assert.equal(request.body, lines[1])
  end)

  it("is known by a hash where its id could not stand in a header", function()
    local ids = {}
    for i, id in ipairs { "a b", "a\nEvil: 1", ("x"):rep(500), "a b" } do
      local _, request = post("{ shape = 'slack' }", with("id", id))
      ids[i] = request.headers["idempotency-key"]
      assert.matches("^%x+$", ids[i])
      assert.equal(32, #ids[i])
      assert.is_nil(request.headers.evil)
    end
    assert.equal(ids[1], ids[4])
    assert.not_equal(ids[1], ids[2])
  end)

  it("may be any event, in every shape", function()
    for _, shape in ipairs { "alertmanager", "email", "json", "mattermost", "slack", "text" } do
      local result = send("-", ("{ shape = %q }"):format(shape),
        'notification = { event = "participantLeft", reason = "networkDisconnect" }')
      assert.is_truthy(result.lines[1]:find "participantLeft", shape)
    end
  end)

  it("takes the options of its sink", function()
    local _, request = post "{ shape = 'slack', headers = { ['X-Team'] = 'ops' } }"
    assert.equal("ops", request.headers["x-team"])
  end)
end)

describe("Alertmanager", function()
  -- prometheus/alertmanager, api/v2/openapi.yaml: postableAlerts
  it("gets each alert with its labels and times", function()
    local body = post "{ shape = 'alertmanager', url = 'https://ops.example/cut' }"
    assert.same({
      {
        labels = { alertname = "cut", severity = "critical", tenant = "acme", key = "ses_A",
          the_room = "A" },
        annotations = { summary = "ses_A was cut" },
        startsAt = "2020-09-29T15:51:30.713Z", generatorURL = "https://ops.example/cut",
      },
      {
        labels = { alertname = "cut", severity = "critical", tenant = "acme", key = "ses_B" },
        annotations = { summary = "ses_B was cut" },
        startsAt = "2020-09-29T15:51:30.714Z", endsAt = "2020-09-29T15:52:20.000Z",
        generatorURL = "https://ops.example/cut",
      },
    }, without_meta(body))
  end)

  it("is told when to forget one, and what else a template says", function()
    local body = post [[{ shape = "alertmanager", expires = 3600, template = {
      subject = "{key}: {summary}", text = "for {lasted|duration}, {labels.tenant}" } }]]
    assert.equal("2020-09-29T16:52:30.713Z", body[1].endsAt)
    assert.same({ summary = "ses_A: ses_A was cut", description = "for 1 min, " },
      without_meta(body[1].annotations))
  end)
end)

describe("Slack", function()
  -- docs.slack.dev: incoming webhooks, legacy attachments, escaping of message text
  it("gets a text with an attachment, coloured by severity", function()
    local body = post "{ shape = 'slack', url = 'https://ops.example/cut' }"
    assert.same({
      text = "[FIRING:2] cut: acme (critical)", mrkdwn = false,
      attachments = { {
        color = "#D00000", fallback = "[FIRING:2] cut: acme (critical)", title = "Details",
        title_link = "https://ops.example/cut", text = "ses_A was cut\nses_B was cut",
        fields = {
          { title = "tenant", value = "acme", short = true },
          { title = "began", value = "2020-09-29 15:51:30 UTC", short = true },
        },
      } },
    }, without_meta(body))
    body = post("{ shape = 'slack' }", [[notification.status = "resolved"
      notification.ended = 1601394750713 notification.alerts = nil notification.count = 1 ]])
    assert.equal("[RESOLVED] cut: acme (critical)", body.text)
    assert.equal("#2EB886", body.attachments[1].color)
    assert.equal("2 calls cut short", body.attachments[1].text)
    assert.equal("2020-09-29 15:51:30 UTC, for 1 min", body.attachments[1].fields[2].value)
  end)

  it("is given no mention, no link and no broken JSON by what strangers wrote", function()
    local evil = '<!channel> <https://evil.example|here> "}]\\ & https://evil.example\n\1'
    local safe = '&lt;!channel&gt; &lt;https:\u{200B}//evil.example|here&gt; "}]\\ &amp; '
      .. "https:\u{200B}//evil.example  "
    local change = with("group", evil) .. with("alerts[1].summary", evil)
      .. with("labels.tenant", evil)
    local body = post("{ shape = 'slack' }", change)
    assert.equal("[FIRING:2] cut: " .. safe .. " (critical)", body.text)
    assert.equal(safe .. "\nses_B was cut", body.attachments[1].text)
    assert.equal(safe, body.attachments[1].fields[1].value)
    body = post([[{ shape = "slack", template = "<https://ops.example|{group}>" }]], change)
    assert.same({ text = "<https://ops.example|" .. safe .. ">", mrkdwn = true }, body)
  end)

  it("gets as many alerts as a person reads, and what else is asked for", function()
    local body = post("{ shape = 'slack', extra = { channel = '#ops' } }", [[
      for i = 1, 30 do notification.alerts[i] = { summary = "alert " .. i } end]])
    local lines = rules.lines(body.attachments[1].text .. "\n")
    assert.equal(11, #lines)
    assert.equal("… and 20 more", lines[11])
    assert.equal("#ops", body.channel)
  end)
end)

describe("Mattermost", function()
  -- developers.mattermost.com: incoming webhooks, message attachments
  it("gets a text with an attachment, and no mention or link by strangers", function()
    local body = post("{ shape = 'mattermost' }", with("alerts[1].summary",
      "@channel [here](https://evil.example) ![x](http://y) `a` ~town #tag www.evil.example"))
    assert.same({
      text = "**[FIRING:2] cut: acme (critical)**",
      attachments = { {
        color = "#D00000", fallback = "[FIRING:2] cut: acme (critical)",
        text = "@\u{200B}channel \\[here\\]\\(https:\u{200B}//evil.example\\) "
          .. "\\!\\[x\\]\\(http:\u{200B}//y\\) \\`a\\` \\~town \\#tag www\u{200B}.evil.example"
          .. "\nses\\_B was cut",
        fields = {
          { title = "tenant", value = "acme", short = true },
          { title = "began", value = "2020-09-29 15:51:30 UTC", short = true },
        },
      } },
    }, without_meta(body))
  end)
end)

describe("a mail", function()
  it("has a subject and a text of the notification, and its id", function()
    local s = mailserver.start()
    local who = "from = 'cdr@example.com', to = { 'ops@example.com', 'sam@example.com' }"
    send(s.url, "{ " .. who .. " }", with("alerts[1].summary", "ses_A wäs\nstatus: resolved"))
    send(s.url, "{ " .. who .. [[, template = { subject = "{name|upper}: {count}",
      text = "{alerts.2.summary} after {alerts.2.fired}\n" } }]])
    local mails = s:mails()
    assert.equal("[FIRING:2] cut: acme (critical): 2 calls cut short", mails[1].headers.subject)
    assert.equal([[
ses_A wäs status: resolved
ses_B was cut

status: firing
began: 2020-09-29 15:51:30 UTC
tenant: acme
]], mails[1].text)
    assert.equal(mails[1].headers["message-id"], mails[2].headers["message-id"])
    assert.matches("^<%x+@example.com>$", mails[1].headers["message-id"])
    assert.equal("CUT: 2", mails[2].headers.subject)
    assert.equal("ses_B was cut after 3\n", mails[2].text)
    assert.same({ "<ops@example.com>", "<sam@example.com>" }, mails[1].to)
  end)
end)

describe("the README's example", function()
  it("tells all five", function()
    local script = support.read_file "README.md":match "## Notifications.-```lua\n(.-)```"
    local r, s, folder = receiver.start(), mailserver.start(), support.folder()
    support.write_file(folder .. "/mail", "sesame\n")
    script = script:gsub("https?://[^/\"]+", r.url):gsub("@mail.example:587", "@" .. s.url:sub(8))
      :gsub("/etc/cdrlua", folder)
    support.write_file(folder .. "/rules.lua", script)
    local code, _, errors = support.run { "run", "--once", "rules.lua",
      support.realpath "examples/cdr", cwd = folder }
    assert.equal(0, code, errors)
    local bodies = {}
    for _, request in ipairs(r:requests()) do bodies[request.path] = native.value(request.body) end
    assert.equal("[FIRING] cut (warning)", bodies["/services/T0/B0/KEY"].text)
    assert.equal("**[FIRING] cut (warning)**", bodies["/hooks/KEY"].text)
    local alert = bodies["/api/v2/alerts"][1]
    assert.equal("cut", alert.labels.alertname)
    assert.equal("ses_R8wLk2mVtA", alert.labels.session)
    assert.is_true(alert.startsAt < alert.endsAt)
    assert.equal("[FIRING] cut (warning): con_b5WnHk1LxE lost the connection",
      s:mails()[1].headers.subject)
    assert.equal("2020-09-30 07:00:23 UTC firing cut: con_b5WnHk1LxE lost the connection\n",
      support.read_file(folder .. "/alerts.txt"))
  end)
end)

describe("a text", function()
  it("is one line for a file, whatever is in the fields", function()
    local change = with("summary", "a\nb\27[2J\tc")
    assert.same({ "[FIRING:2] cut: acme (critical): a b [2J c" },
      send("-", "{ shape = 'text' }", change).lines)
    assert.same({ "cut: a b [2J c" }, send("-", "{ template = '{name}: {summary}' }", change).lines)
  end)

  it("is the body for a URL", function()
    local r = receiver.start()
    send(r.url, "{ template = '{name}: {summary}' }")
    local request = r:requests()[1]
    assert.equal("cut: 2 calls cut short", request.body)
    assert.equal("text/plain; charset=utf-8", request.headers["content-type"])
  end)
end)

describe("a template", function()
  -- What it makes of { n = 3, ... }, one line each.
  local function fill(templates)
    local code = { [[local values = { n = 3, f = 1.5, no = cdr.null, t = { { a = "x" }, b = "y" },
      text = "Zoë said: hi", ms = 1601394690713, big = 1 << 62, list = cdr.array { 1 } }
      cdr.on("input.ended", function()]] }
    for _, text in ipairs(templates) do
      code[#code + 1] = ("print(cdr.template(%q)(values, function(x) return '<'..x..'>' end))")
        :format(text)
    end
    code[#code + 1] = "end)"
    local result = rules.run(table.concat(code, "\n"), {})
    assert.equal(0, result.code, result.errors)
    return result.lines
  end

  it("has fields by their path, and nothing for what is missing", function()
    assert.same({ "a <3> b <1.5>", "<x><y>", "<>|<>|<>|<>", "{n}", "<[1]>", '<{"a":"x"}>', "" },
      fill { "a {n} b {f}", "{t.1.a}{t.b}", "{none}|{no}|{t.7.a}|{n.x}", "{{n}}", "{list}", "{t.1}",
        "" })
  end)

  it("changes them by filters", function()
    assert.same({
      "<2020-09-29 15:51:30 UTC> <2020-09-29T15:51:30.713Z>", "<> <>",
      "<3 s> <18612 d 16 h> <1 s> <>", "<ZOë SAID: HI>", '<"Zoë said: hi"> <>',
      "<Zoë…> <Zoë said: hi> <>", "<none: a> <3>", "<ZO…>",
    }, fill {
      "{ms|time} {ms|iso}", "{big|time} {text|time}",
      "{n|duration} {secs|or:1608134400|duration} {f|duration} {text|duration}",
      "{text|upper}", "{text|json} {none|json}", "{text|cut:3} {text|cut:12} {none|cut:3}",
      "{none|or:none: a} {n|or:x}", "{text|cut:2|upper}",
    })
  end)

  it("is refused when it is loaded, with the reason", function()
    for text, reason in pairs {
      ["{n"] = "a { has no } behind it", ["n}"] = "a } has no { before it", ["{}"] = "no field: {}",
      ["{a b}"] = "no field: {a b}", ["{n|uper}"] = 'no filter "uper"',
      ["{n|cut:x}"] = "cut:x is no number", ["{n|}"] = 'no filter ""',
      ["{n|upper:1}"] = 'the filter "upper" takes no argument',
    } do
      local result = rules.run(("cdr.template(%q)"):format(text), {})
      assert.equal(2, result.code, text)
      assert.is_truthy(result.errors:find("rules.lua:2: cdr.template: " .. reason, 1, true),
        result.errors)
    end
  end)
end)

describe("what is wrong with a notification's destination", function()
  it("is told when the script is loaded, where it stands", function()
    for call, reason in pairs {
      ['"-", { shape = "xml" }'] = 'cdr.notify: no shape "xml" (there are alertmanager, email, ',
      ['"-", { shape = 1 }'] = "cdr.notify: shape: must be a string, not a number",
      ['"-", { template = { body = "" } }'] = 'cdr.notify: template: no "body"',
      ['"-", { template = "{" }'] = "cdr.template: a { has no } behind it",
      ['"http://h", { expire = 1 }'] = 'http://h: no option "expire"',
      ['"http://h", { token_file = "/no/such" }'] = "http://h: /no/such: No such file or directory",
      ["nil"] = "cdr.notify: takes a destination",
    } do
      local result = rules.run("cdr.notify(" .. call .. ")", {})
      assert.equal(2, result.code)
      assert.is_truthy(result.errors:find("rules.lua:2: " .. reason, 1, true), result.errors)
    end
  end)
end)
