-- Addresses on the road: the script geo, which adds where they are, and what hides them.
local rules = require "tests.support.rules"
local support = require "tests.support"

local CITY = require "tests.support.geo".CITY

describe("cdr.ip", function()
  after_each(support.clean)

  it("cuts addresses to their network", function()
    local result = rules.run([[
      print(cdr.ip.truncate "130.206.1.77")
      for _, ip in ipairs { "2001:720:5:6:7:8:9:a", "::ffff:8.8.4.4", "x", 7, false } do
        print(cdr.ip.truncate(ip))
      end
      print(cdr.ip.truncate(nil), cdr.ip.truncate(cdr.null) == cdr.null)]], {})
    assert.same({ "130.206.1.0", "2001:720:5::", "8.8.4.0", "unknown", "unknown", "unknown",
      "nil\ttrue" }, result.lines)
  end)

  -- By `openssl dgst -sha256 -hmac KEY`, its first 16 digits.
  it("hashes them under a key, all spellings alike", function()
    local result = rules.run([[
      local key = "Jefe"
      print(cdr.ip.hash("what do ya want for nothing?", key))
      local hash = cdr.ip.hash("2001:720::1", key)
      print(#hash, hash == cdr.ip.hash("2001:720:0:0:0:0:0:1", key),
        hash == cdr.ip.hash("2001:720::1", "other"))
      print(cdr.ip.hash(7, key), cdr.ip.hash(nil, key))]], {})
    assert.same({ "5bdcc146bf60754e", "16\ttrue\tfalse", "unknown\tnil" }, result.lines)
  end)

  it("hashes nothing without a key", function()
    local result = rules.run([[
      for _, key in ipairs { "", 5, false } do
        print(select(2, pcall(function() print(cdr.ip.hash("130.206.1.1", key)) end)))
      end]], {})
    local why = "rules.lua:3: cdr.ip.hash: the key must be a text"
    for i = 1, 3 do assert.matches(why, result.lines[i], 1, true) end
  end)
end)

describe("the script geo", function()
  after_each(support.clean)

  local LINE = '{"participantJoined":{"sessionId":"A","timestamp":1,"location":"unknown","ip":%s}}'
  local KEY = "a key of enough letters"

  -- Runs it (or another script) on lines, with words of --set.
  local function geo(lines, sets, given)
    given = given or {}
    local folder = support.folder()
    support.write_file(folder .. "/in.jsonl", table.concat(lines, "\n") .. "\n")
    local words = { "run", "--once", "--log-level", "debug", "--rejects", folder .. "/rejects",
      "-w", "-", "in.jsonl", cwd = folder, env = given.env }
    table.move({ "-s", given.script or "geo" }, 1, 2, #words + 1, words)
    if not given.script then table.move({ "--set", "db=" .. CITY }, 1, 2, #words + 1, words) end
    for _, set in ipairs(sets or {}) do
      table.move({ "--set", set }, 1, 2, #words + 1, words)
    end
    local code, out, err = support.run(words)
    return rules.lines(out), err, code
  end

  it("leaves every other byte as it was", function()
    local line = '{ "x" : {"n":1.0,"location":"unknown","ip":"10.0.0.1" , "z":[],'
      .. '"big":9007199254740993}}'
    assert.same({ line }, (geo { line }))
    local other = '{"sessionCreated":{"timestamp":1,"sessionId":"A"}}'
    assert.same({ other, LINE:format "null" }, (geo { other, LINE:format "null" }))
  end)

  it("lets no address through, whatever it is", function()
    local odd = { "1", "1.5", "true", "false", "[]", '["130.206.1.1"]', '{"a":"130.206.1.1"}', '""',
      '"130.206.1.1 "', '"fe80::1%eth0"', '"' .. ("130.206.1.1"):rep(1000) .. '"' }
    local lines = {}
    for i, ip in ipairs(odd) do lines[i] = LINE:format(ip) end
    for _, how in ipairs { "truncate", "hash", "remove" } do
      local out, err, code = geo(lines, { "geo.ip=" .. how }, { env = { CDRLUA_IP_KEY = KEY } })
      assert.equal(0, code, err)
      assert.equal(#odd, #out, err)
      assert.is_nil(table.concat(out):find("1.1", 1, true), how)
      assert.is_nil(err:find("1.1", 1, true), err)
    end
  end)

  it("writes no key anywhere", function()
    local out, err = geo({ LINE:format '"130.206.1.1"' }, { "geo.ip=hash" },
      { env = { CDRLUA_IP_KEY = KEY } })
    assert.equal(1, #out)
    assert.is_nil((table.concat(out) .. err):find(KEY, 1, true))
    local folder = support.folder()
    support.write_file(folder .. "/key", KEY .. "\n")
    assert.same(out, (geo({ LINE:format '"130.206.1.1"' },
      { "geo.ip=hash", "geo.key_file=" .. folder .. "/key" })))
    support.write_file(folder .. "/key", "short\n")
    local _, said, code = geo({}, { "geo.ip=hash", "geo.key_file=" .. folder .. "/key" })
    assert.equal(2, code)
    assert.matches("key: the key is shorter than 16 letters", said, 1, true)
    assert.is_nil(said:find("short\n", 1, true))
  end)

  it("does not start with options that are wrong", function()
    for set, said in pairs {
      ["geo.ip=cut"] = "ip=cut: must be keep, truncate, hash or remove",
      ["geo.ip=hash"] = "CDRLUA_IP_KEY: holds no key",
      ["geo.fields=iso,town"] = "no field town (there are country, iso",
      ["geo.db=none.mmdb"] = "none.mmdb: No such file",
    } do
      local _, err, code = geo({ "" }, { set })
      assert.equal(2, code, set)
      assert.is_truthy(err:find(said, 1, true), err)
    end
  end)

  it("gives the generator its locations", function()
    local out, err = geo({
      '{"createSession":{"sessionId":"A","timestamp":1}}',
      '{"join":{"sessionId":"A","timestamp":1,"participantId":"p","ip":"129.132.0.1"}}',
    }, { "geo=" .. CITY, "profile=2.32" }, { script = "standard" })
    assert.matches('"participantJoined".*"location":"Zürich, Switzerland","ip":"129.132.0.1"',
      table.concat(out), 1, false, err)
  end)
end)
