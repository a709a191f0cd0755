-- Events posted over HTTP/2: all arrive, in order, whatever becomes of streams and connections.
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local runs = require "tests.support.forward"
local support = require "tests.support"

local folder

before_each(function() folder = runs.folder() end)
after_each(support.clean)

local function start()
  local r = receiver.start { tls = receiver.certificate(support.folder()), http2 = true }
  r.dest = r.url .. "/hook#timeout=5&ca=" .. r.tls.cert
  return r
end

-- Whether all came in order, each with one key; which connections brought them.
local function expect_order(requests, to)
  local keys, last, connections, n_connections = {}, 0, {}, 0
  for _, request in ipairs(requests) do
    assert.equal("2", request.version)
    local key = request.headers["idempotency-key"]
    assert.equal(keys[request.body] or key, key)
    keys[request.body] = key
    for line in request.body:gmatch "[^\n]+" do
      local n = native.value(line).timestamp - 1601394690713
      assert.is_true(n <= last + 1, n .. " behind " .. last)
      last = math.max(last, n)
    end
    if not connections[request.connection] then n_connections = n_connections + 1 end
    connections[request.connection] = true
  end
  assert.equal(to, last)
  return n_connections
end

describe("forwarding over HTTP/2", function()
  it("posts events in order, over one connection", function()
    local r = start()
    local code, errors = runs.once(folder, r.dest, 50)
    assert.equal(0, code, errors)
    local requests = r:requests()
    assert.equal(50, #requests)
    assert.equal(1, expect_order(requests, 50))
    assert.equal("/hook", requests[1].path)
  end)

  it("brings all in order when streams are reset and connections given up", function()
    for _, body in ipairs { "", "&body=ndjson&batch=3" } do
      local r = start()
      r:plan("ok", "goaway", "ok", "reset", "ok", "lost", "cut", "503", "ok", "goaway")
      local code, errors = runs.once(folder, r.dest .. body, 40)
      assert.equal(0, code, errors)
      expect_order(r:requests(), 40)
      assert.equal(0, runs.count(errors, "refuses"))
    end
  end)

  it("puts aside what is refused, and goes on over the same connection", function()
    local r = start()
    r:plan("ok", "422", "ok")
    assert.equal(0, (runs.once(folder, r.dest, 5)))
    assert.equal(1, expect_order(r:requests(), 5))
    local rejects = rules.lines(support.read_file(folder .. "/rejects.jsonl"))
    assert.equal(1, #rejects)
    assert.equal("answers 422: because I say so", native.value(rejects[1]).reason)
  end)

  it("goes on when the server comes back", function()
    local r = start()
    runs.write(folder, 1, 20)
    local p = runs.follow(folder, r.dest)
    r:expect(20)
    r:down()
    runs.write(folder, 21, 40)
    p:expect_said "trying again"
    r:up()
    support.expect(function() return r:has(tostring(1601394690713 + 40)) end, "the last one", 40)
    assert.equal(0, p:stop())
    expect_order(r:requests(), 40)
  end)

  -- libcurl 7.88 resets each stream that has ended.
  it("is not taken for an attacker by a server that counts resets", function()
    local r = start()
    local code, errors = runs.once(folder, r.dest, 1500)
    assert.equal(0, code, errors)
    assert.equal("", errors)
    assert.equal(4, expect_order(r:requests(), 1500))
    assert.equal(1500, r:count())
  end)
end)
