-- Events posted to a URL: all arrive, in order, signed and known again, whatever the receiver does.
local cdr = require "tests.support.cdr"
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local runs = require "tests.support.forward"
local support = require "tests.support"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function() folder = runs.folder() end)
after_each(support.clean)

local function forward(...) return runs.once(folder, ...) end
local function follow(...) return runs.follow(folder, ...) end
local function write(...) runs.write(folder, ...) end

local function number_of(event) return event.timestamp - 1601394690713 end

-- The numbers of the events in these bodies, of requests that were all answered well.
local function numbers(requests)
  local list = {}
  for _, request in ipairs(requests) do
    for line in request.body:gmatch "[^\n]+" do
      local value = assert(native.value(line))
      for _, event in ipairs(value[1] and value or { value }) do
        list[#list + 1] = number_of(event)
      end
    end
  end
  return list
end

local function without_repeats(list)
  local kept = {}
  for _, n in ipairs(list) do
    if n ~= kept[#kept] then kept[#kept + 1] = n end
  end
  return kept
end

local function up_to(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return list
end

local count = runs.count

describe("forwarding over HTTP", function()
  it("posts each event as OpenVidu's webhook does, in order", function()
    local r = receiver.start()
    assert.equal(0, forward(r.url .. "/hook", 30))
    local requests = r:requests()
    assert.same(up_to(30), numbers(requests))
    local first = requests[1]
    assert.equal("POST", first.method)
    assert.equal("/hook", first.path)
    assert.equal("application/json", first.headers["content-type"])
    assert.equal('{"sessionId":"ses_A","timestamp":1601394690714,', first.body:sub(1, 47))
    assert.equal("participantJoined", native.value(first.body).event)
    assert.equal(first.connection, requests[30].connection)
  end)

  it("posts lines as they are in the shape same, with the headers that are asked for", function()
    local r = receiver.start()
    local headers = "&headers.X-Team=ops&headers.Content-Type=text/x"
    assert.equal(0, forward(r.url .. "/#shape=same" .. headers, 2))
    local first = r:requests()[1]
    assert.equal(cdr.line(1), first.body .. "\n")
    assert.equal("ops", first.headers["x-team"])
    assert.equal("text/x", first.headers["content-type"])
  end)

  it("brings all in order, and repeats under the same key, when the receiver misbehaves", function()
    local r = receiver.start()
    r:plan("500", "ok", "reset", "reset", "ok", "cut", "503", "ok", "ok", "hang", "ok", "408",
      "425")
    local code, errors = forward(r.url .. "/#timeout=0.3", 20)
    assert.equal(0, code, errors)
    local requests = r:requests()
    assert.equal(20 + 8, #requests)
    assert.same(up_to(20), without_repeats(numbers(requests)))
    local keys, known = {}, 0
    for _, request in ipairs(requests) do
      local key = request.headers["idempotency-key"]
      assert.equal(keys[request.body] or key, key)
      if not keys[request.body] then known = known + 1 end
      keys[request.body] = key
    end
    assert.equal(20, known)
    assert.equal(1, count(errors, "answers 500: because I say so ("))
    assert.equal(1, count(errors, "no answer within 0.3 s"))
  end)

  it("waits as long as Retry-After says", function()
    local r = receiver.start()
    r:plan("429 Retry-After: 1")
    local code, errors = forward(r.url, 1)
    assert.equal(0, code)
    local requests = r:requests()
    assert.equal(2, #requests)
    assert.is_true(requests[2].at - requests[1].at >= 0.95)
    assert.matches("bytes wait; trying again in 1 s)", errors, 1, true)
  end)

  it("does not read an answer without end", function()
    local r = receiver.start()
    r:always "endless"
    assert.equal(0, forward(r.url .. "/#timeout=20", 3))
    assert.same(up_to(3), numbers(r:requests()))
  end)

  it("posts again what a proxy turned away", function()
    local r = receiver.start()
    r:plan("ok", "407", "ok")
    assert.equal(0, forward(r.url, 3))
    assert.same({ 1, 2, 2, 3 }, numbers(r:requests()))
    assert.is_nil(support.read_file(path "rejects.jsonl"))
  end)

  it("waits until the date that Retry-After says", function()
    if not support.soak then pending "takes two seconds: make soak" return end
    local r = receiver.start()
    r:plan("503 Retry-After: " .. os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 2))
    assert.equal(0, forward(r.url, 1))
    local requests = r:requests()
    assert.is_true(requests[2].at - requests[1].at >= 0.5)
  end)

  it("keeps what the receiver refuses in the rejects file, with its answer, and goes on", function()
    local r = receiver.start()
    r:plan("ok", "422", "ok")
    local code, errors = forward(r.url .. "/hook?key=hidden", 5)
    assert.equal(0, code)
    assert.same(up_to(5), numbers(r:requests()))
    local rejects = rules.lines(support.read_file(path "rejects.jsonl"))
    assert.equal(1, #rejects)
    local reject = native.value(rejects[1])
    assert.equal("answers 422: because I say so", reject.reason)
    assert.equal(r.url .. "/hook", reject.sink)
    assert.equal(2, number_of(native.value(reject.text)))
    assert.equal(r:requests()[2].headers["idempotency-key"], reject.id)
    assert.equal(1, count(errors, "refuses"))
  end)

  it("tells what a page says without its tags", function()
    local _, errors = forward(receiver.start().url .. "/answer?status=413&body="
      .. "%3Chtml%3E%0D%0A%3Chead%3E%3Ctitle%3ENo%3C/title%3E%3C/head%3E%0D%0A%3Ch1%3Etoo%20large",
      1)
    assert.matches("answers 413: No too large (kept in ", errors, 1, true)
  end)

  it("finds the one that is refused in a batch", function()
    local r = receiver.start()
    r:plan("413", "ok", "400", "400", "ok")
    assert.equal(0, forward(r.url .. "/#body=array&batch=4", 8))
    local rejects = rules.lines(support.read_file(path "rejects.jsonl"))
    assert.equal(1, #rejects)
    local seen = {}
    for i, request in ipairs(r:requests()) do
      if i ~= 1 and i ~= 3 and i ~= 4 then
        for _, n in ipairs(numbers { request }) do seen[#seen + 1] = n end
      end
    end
    assert.same({ 1, 2, 4, 5, 6, 7, 8 }, seen)
  end)

  it("finds the one that is refused in a large batch without asking for each", function()
    local r = receiver.start()
    r:plan("400", "400", "400", "400", "400", "400", "400", "ok")
    assert.equal(0, forward(r.url .. "/#body=array&batch=64", 64))
    assert.equal(1, #rules.lines(support.read_file(path "rejects.jsonl")))
    local requests = r:requests()
    assert.equal(8, #requests)
    assert.equal(63, #numbers { requests[8] })
    assert.equal(2, numbers { requests[8] }[1])
  end)

  it("does not send a batch for each that is refused in it", function()
    local r = receiver.start()
    r:always "400"
    assert.equal(0, forward(r.url .. "/#body=array&batch=64", 64))
    assert.equal(64, #rules.lines(support.read_file(path "rejects.jsonl")))
    assert.is_true(r:count() < 64 + 2 * 8, r:count())
  end)

  it("follows no redirect, and says so", function()
    local r = receiver.start()
    r:plan("302 Location: http://127.0.0.1:1/elsewhere")
    local _, errors = forward(r.url, 1)
    assert.equal(1, count(errors, "answers 302, and redirects are not followed"))
    assert.equal(2, r:count())
  end)

  it("sends batches as an array or as lines", function()
    for form, mark in pairs { array = "[", ndjson = "{" } do
      local r = receiver.start()
      assert.equal(0, forward(r.url .. "/#body=" .. form .. "&batch=7", 40))
      local requests = r:requests()
      assert.equal(6, #requests)
      assert.same(up_to(40), numbers(requests))
      assert.equal(mark, requests[1].body:sub(1, 1))
      assert.equal(form == "array" and "application/json" or "application/x-ndjson",
        requests[1].headers["content-type"])
      assert.equal(32, #requests[1].headers["idempotency-key"])
      assert.not_equal(requests[1].headers["idempotency-key"],
        requests[2].headers["idempotency-key"])
    end
  end)

  it("packs bodies with gzip", function()
    local r = receiver.start()
    assert.equal(0, forward(r.url .. "/#gzip=true&body=ndjson", 50))
    local requests = r:requests()
    assert.equal("gzip", requests[1].headers["content-encoding"])
    assert.is_true(tonumber(requests[1].headers["content-length"]) < #requests[1].body / 3)
    assert.same(up_to(50), numbers(requests))
  end)
end)

-- No event is missed or comes before another, and each body has its one key.
local function expect_order(requests, to)
  local keys, last = {}, 0
  for _, request in ipairs(requests) do
    local key = request.headers["idempotency-key"]
    assert.equal(keys[request.body] or key, key)
    keys[request.body] = key
    for _, n in ipairs(numbers { request }) do
      if n > last + 1 then error(("%d behind %d"):format(n, last)) end
      last = math.max(last, n)
    end
  end
  assert.equal(to, last)
end

-- A sanitizer keeps what is freed.
local function is_flat(p, before)
  return os.getenv "LD_PRELOAD" or p:status "RssAnon" < before + 4096
end

describe("a receiver that is down", function()
  it("gets all when it comes back, whatever it did before, while memory stays flat", function()
    local r = receiver.start()
    r:always "500"
    write(1, 100)
    local p = follow(r.url .. "/#body=ndjson&timeout=0.5")
    r:expect(1)
    write(101, 20000)
    local before
    local steps = { "500", "hang", "reset", "cut", "429 Retry-After: 1" }
    for _, step in ipairs { table.unpack(steps, 1, support.soak and 5 or 3) } do
      local until_s, n = support.now() + (support.soak and 10 or 0), r:count()
      r:always(step)
      support.expect(function() return r:count() > n and support.now() > until_s end, step, 60)
      before = before or p:status "RssAnon"
    end
    r:down()
    if support.soak then support.wait_for(function() return false end, 60) end
    assert.is_truthy(is_flat(p, before))
    r:always "ok"
    r:up()
    support.expect(function() return r:has(tostring(1601394690713 + 20000)) end, "the last one", 60)
    assert.is_truthy(is_flat(p, before))
    expect_order(r:requests(), 20000)
    assert.equal(1, count(p:stderr(), "trying again"))
    assert.equal(0, p:stop())
  end)

  it("gets all although cdrlua is killed meanwhile", function()
    local r = receiver.start()
    write(1, 50)
    local p = follow(r.url)
    r:expect(50)
    r:down()
    write(51, 100)
    support.expect(function() return p:stderr():find "trying again" end, "a warning")
    p:kill "KILL"
    p:wait()
    write(101, 120)
    r:up()
    p = follow(r.url)
    support.expect(function() return numbers(r:requests())[r:count()] == 120 end, "the last event")
    assert.equal(0, p:stop())
    local seen = {}
    for _, n in ipairs(numbers(r:requests())) do
      assert.is_true(n <= #seen + 1, "a gap before " .. n)
      seen[n] = true
    end
    assert.equal(120, #seen)
  end)

  it("holds up a stop no longer than the time of grace", function()
    local r = receiver.start()
    r:always "hang"
    write(1, 10)
    local p = follow(r.url, { "--grace", "0.3" })
    r:expect(1)
    local began = support.now()
    assert.equal(0, p:stop())
    assert.is_true(support.now() - began < 3)
    assert.equal(1, count(p:stderr(), "10 lines were still in hand after 0.3 s, as "
      .. r.url .. " has not taken all: read again"))
  end)
end)

describe("a receiver with TLS", function()
  it("is believed by the authority that is named", function()
    local tls = receiver.certificate(support.folder())
    local r = receiver.start { tls = tls }
    assert.equal(0, forward(r.url .. "/#ca=" .. tls.cert, 20))
    assert.same(up_to(20), numbers(r:requests()))
  end)

  it("is not believed without, and gets all when its certificate is put right", function()
    local wrong, right = support.folder(), support.folder()
    local r = receiver.start { tls = receiver.certificate(wrong) }
    local tls = receiver.certificate(right)
    write(1, 10)
    local p = follow(r.url .. "/#ca=" .. tls.cert)
    support.expect(function() return p:stderr():find "trying again" end, "a warning")
    assert.equal(1, count(p:stderr(), r.url .. "/: SSL certificate problem: "))
    r:down()
    r.tls = tls
    r:up()
    r:expect(10, 40)
    assert.equal(1, count(p:stderr(), "trying again"))
    assert.equal(0, p:stop())
    assert.same(up_to(10), numbers(r:requests()))
  end)

  it("is not believed when its certificate is over, and gets all with a new one", function()
    local at = support.folder()
    local r = receiver.start { tls = receiver.certificate(at, -1) }
    write(1, 5)
    local p = follow(r.url .. "/#ca=" .. at .. "/cert.pem")
    support.expect(function() return p:stderr():find "certificate has expired" end, "a warning")
    assert.equal(0, r:count())
    r:down()
    receiver.certificate(at)
    r:up()
    r:expect(5, 40)
    assert.equal(1, count(p:stderr(), "warn: "))
    assert.equal(0, p:stop())
    assert.same(up_to(5), numbers(r:requests()))
  end)

  it("is believed blindly only where that is asked for, with a warning", function()
    local r = receiver.start { tls = receiver.certificate(support.folder()) }
    local code, errors = forward(r.url .. "/#insecure=true", 3)
    assert.equal(0, code)
    assert.equal(1, count(errors, "warn: " .. r.url .. "/: certificates are not verified"))
    assert.equal(3, r:count())
  end)

  it("may ask for a certificate of ours", function()
    local tls, ours = receiver.certificate(support.folder()), receiver.certificate(support.folder())
    local r = receiver.start { tls = tls, client_ca = ours.cert }
    local url = ("%s/#ca=%s&cert=%s&key=%s"):format(r.url, tls.cert, ours.cert, ours.key)
    assert.equal(0, forward(url, 3))
    assert.equal(3, r:count())
  end)
end)

describe("secrets", function()
  it("sign each body so that another program can verify it, with two keys if need be", function()
    local r = receiver.start()
    r:check_with("whsec_c2VjcmV0IGJ5dGVzIQ==", "the old one", "a wrong one")
    local code = forward(r.url .. "/#secret_env=NEW&secret2_env=OLD&gzip=true", 3,
      { env = { NEW = "whsec_c2VjcmV0IGJ5dGVzIQ==", OLD = "the old one" } })
    assert.equal(0, code)
    local requests = r:requests()
    assert.equal(3, #requests)
    for _, request in ipairs(requests) do
      assert.same({ true, true, false }, request.signed)
      assert.equal(request.headers["idempotency-key"], request.headers["webhook-id"])
    end
  end)

  it("are sent as basic and bearer authorization", function()
    local r = receiver.start()
    assert.equal(0, forward(r.url .. "/#user=ann&password_env=PW", 1, { env = { PW = "sesame" } }))
    support.write_file(path "token", "t0ken\n")
    assert.equal(0, forward(r.url .. "/#token_file=token", 1))
    local requests = r:requests()
    assert.equal("Basic YW5uOnNlc2FtZQ==", requests[1].headers.authorization)
    assert.equal("Bearer t0ken", requests[2].headers.authorization)
  end)

  it("are taken whole from a file, or not at all", function()
    support.write_file(path "token", ("x"):rep(4094) .. "\n")
    assert.equal(0, forward(receiver.start().url .. "/#token_file=token", 1))
    support.write_file(path "token", ("x"):rep(4095) .. "\n")
    local code, errors = forward("https://127.0.0.1:1/#token_file=token", 1)
    assert.equal(2, code)
    assert.matches("token: its first line is longer than 4094 bytes", errors, 1, true)
  end)

  it("never stand in the log", function()
    local r = receiver.start()
    r:plan("500", "401", "reset", "hang", "302", "cut")
    local url = r.url:gsub("//", "//ann:hidden1@") .. "/hook?key=hidden2"
      .. "#secret_env=S&headers.X-Key=hidden4&timeout=0.3"
    local _, errors = forward(url, 8, { "--log-level", "debug", env = { S = "hidden3" } })
    assert.equal(8 + 5, r:count())
    assert.is_truthy(errors:find "refuses")
    assert.is_nil((errors .. support.read_file(path "rejects.jsonl")):find "hidden")
    _, errors = forward(r.url:gsub("//", "//ann:hidden1@") .. "/#token_env=NONE", 1)
    assert.is_nil(errors:find "hidden")
    support.write_file(path "many.lua", [[
      local cdr = require "cdr"
      for i = 1, 1025 do assert(cdr.sink("http://ann:hidden@h/" .. i .. "?key=hidden")) end
    ]])
    _, _, errors = support.run { "check", path "many.lua" }
    assert.is_truthy(errors:find("http://h/%d+: there are %d+ sinks already"))
    assert.is_nil(errors:find "hidden")
  end)
end)

describe("what is wrong with a URL or an option", function()
  local function fault(url)
    local code, errors = forward(url, 1)
    assert.equal(2, code)
    return errors:gsub("^cdrlua: error: ", ""):gsub("\n$", "")
  end

  it("is told at the start, in one line without secrets", function()
    local n = 0
    assert.equal('http://h/x: no option "batsh" (did you mean "batch"?)',
      fault "http://a:b@h/x?y#batsh=1")
    assert.equal('http://h/x: no option "colour"', fault "http://a:b@h/x?y#colour=1")
    assert.equal('http://h/x: no body "xml" (there are single, ndjson and array)',
      fault "http://a:b@h/x?y#body=xml")
    assert.equal("http://h/x: timeout: never is no number from 0.001 to 86400",
      fault "http://h/x#timeout=never")
    assert.equal("http://h/x: no name of a header: X Y", fault "http://h/x#headers.X Y=1")
    assert.equal("http://h/x: header X-Y: has a newline", fault "http://h/x#headers.X-Y=1\nZ: 2")
    assert.equal("http://h/x: headers: more than 32",
      fault("http://h/x#" .. ("headers.%d=a&"):rep(33):gsub("%%d", function()
        n = n + 1
        return n
      end)))
    assert.equal("http://h/x: the environment has no NONE", fault "http://h/x?k=1#secret_env=NONE")
    assert.equal("http://h/x: secret: no base64 behind whsec_", fault "http://h/x#secret=whsec_*")
    for options, why in pairs {
      ["secret=a&secret_env=HOME"] = "secret: is told in two ways",
      ["password=a"] = "a password without the option user",
      ["user=a&token=b"] = "both a user and a token",
      ["shape=odd"] = 'no shape "odd" (there are same, cdr and webhook)',
      ["headers.content-length=5"] = "header content-length: is made here",
    } do
      assert.equal("http://h/x: " .. why, fault("http://h/x#" .. options))
    end
    support.write_file(path "token", "\nt0ken\n")
    assert.equal("http://h/x: token: its first line is empty", fault "http://h/x#token_file=token")
    assert.equal("https://h/x: ca: /none: No such file or directory", fault "https://h/x#ca=/none")
    assert.equal("http://h:1x/: Port number was not a decimal number between 0 and 65535",
      fault "http://a:b@h:1x/?k")
  end)

  it("is found by check, which opens nothing", function()
    support.write_file(path "hook.lua", 'require("cdr").sink("http://h/x", { gzip = "maybe" })')
    local code, _, errors = support.run { "check", path "hook.lua" }
    assert.equal(2, code)
    assert.is_truthy(errors:find("http://h/x: gzip: maybe is neither true nor false", 1, true))
  end)
end)
