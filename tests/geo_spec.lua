-- Where addresses are: what scripts are told, from which databases, and what happens to the files.
local mmdb = require "tests.support.mmdb"
local rules = require "tests.support.rules"
local support = require "tests.support"

local CITY = assert(support.realpath "tests/fixtures/city.mmdb")

local function quoted(text) return ("%q"):format(text) end

-- Runs a script with `geo` open on paths; gives its lines.
local function run(text, paths, before)
  local list = {}
  for i, path in ipairs(paths or { CITY }) do list[i] = quoted(path) end
  local result = rules.run(("%s local geo = cdr.geo.open { %s }\n%s"):format(before or "",
    table.concat(list, ", "), text), {})
  assert.equal(0, result.code, result.errors)
  return result.lines, result.errors
end

-- The location of each of the expressions.
local function locations(expressions, paths)
  local calls = {}
  for i, text in ipairs(expressions) do calls[i] = ("print(geo:location(%s))"):format(text) end
  return run(table.concat(calls, "\n"), paths)
end

local function database(bytes)
  local path = support.folder() .. "/db.mmdb"
  support.write_file(path, bytes)
  return path
end

describe("geo:location", function()
  after_each(support.clean)

  local said = {
    ["130.206.1.1"] = "Madrid, Spain",
    ["130.206.0.0"] = "Madrid, Spain",
    ["130.206.255.255"] = "Madrid, Spain",
    ["130.205.255.255"] = "unknown",
    ["130.207.0.0"] = "unknown",
    ["129.132.7.7"] = "Zürich, Switzerland",
    ["2001:720::1"] = "Madrid, Spain",
    ["2001:720:0:0:0:0:0:1"] = "Madrid, Spain",
    ["2001:0720:0000:0000:0000:0000:0000:0001"] = "Madrid, Spain",
    ["2001:638:902::5"] = "Germany",
    ["::ffff:130.206.1.1"] = "Madrid, Spain",
    ["0:0:0:0:0:ffff:82ce:101"] = "Madrid, Spain",
    ["::130.206.1.1"] = "unknown",
    ["0:0:0:0:0:0:0:1"] = "unknown",
    ["8.8.8.8"] = "unknown",
    ["2001:4860::8888"] = "unknown",
  }
  it("gives the form of the server", function()
    local keys, expected = {}, {}
    for ip in pairs(said) do keys[#keys + 1] = quoted(ip) end
    table.sort(keys)
    for i, ip in ipairs(keys) do expected[i] = said[ip:sub(2, -2)] end
    assert.same(expected, (locations(keys)))
  end)

  local special = {
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1",
    "172.16.0.1", "172.31.255.255", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1",
    "fd12::1", "fe80::1", "febf::1", "ff02::1", "2001:db8::1", "3fff:123::1", "::ffff:10.0.0.1",
  }
  it("knows addresses that are nowhere, whatever a database has invented", function()
    local lying = database(mmdb.bytes {
      { "0.0.0.0", "255.255.255.255", { country_code = "AU" } },
      { "1::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", { country_code = "AU" } },
    })
    local texts, expected = {}, {}
    for i, ip in ipairs(special) do texts[i], expected[i] = quoted(ip), "unknown" end
    for _, ip in ipairs { "100.128.0.0", "172.32.0.1", "11.0.0.1", "fb00::1", "3fff:1000::" } do
      texts[#texts + 1], expected[#expected + 1] = quoted(ip), "Australia"
    end
    assert.same(expected, (locations(texts, { lying })))
  end)

  it("takes anything", function()
    local odd = {
      "nil", "cdr.null", "5", "1.5", "0/0", "true", "{}", "print", "io.stdout", '""', '" "',
      '"unknown"', '"localhost"', '"130.206.1"', '"130.206.1.1 "', '"130.206.1.1\\0"',
      '"130.206.001.1"', '"130.206.1.1:80"', '"130.206.1.256"', '"fe80::1%eth0"',
      '"2001:720::1%1"', '"[2001:720::1]"', '"2001:720::1/32"', '":::"', '("1"):rep(1e6)',
      '"\\xff\\xfe"',
    }
    local expected = {}
    for i in ipairs(odd) do expected[i] = "unknown" end
    assert.same(expected, (locations(odd)))
  end)

  it("remembers addresses, but not for ever", function()
    assert.same({ "unknown", "Madrid, Spain", "true" }, (run [[
      for i = 1, 30000 do geo:location(("20.%d.%d.1"):format(i // 250, i % 250)) end
      print(geo:location "20.1.1.1")
      print(geo:location "130.206.1.1")
      local n = 0
      for _ in pairs(geo.remembered) do n = n + 1 end
      print(n <= 10000)]]))
  end)
end)

-- show(ip) prints what lookup gives, each field with the first letter of its number type.
local SHOW = [[
  local function show(ip)
    local found, why = geo:lookup(ip)
    if not found then return print(found, why) end
    local words = {}
    for _, field in ipairs(cdr.geo.fields) do
      local value = found[field]
      if value ~= nil then
        words[#words + 1] = field .. "=" .. tostring(value) .. (math.type(value) or ""):sub(1, 1)
        found[field] = nil
      end
    end
    assert(next(found) == nil)
    print(table.concat(words, " "))
  end
]]

describe("geo:lookup", function()
  after_each(support.clean)

  it("gives what MaxMind's databases have", function()
    assert.same({
      "country=Spain iso=ES city=Madrid subdivision=Madrid latitude=40.4084f longitude=-3.6876f "
        .. "time_zone=Europe/Madrid",
      "country=Germany iso=DE",
    }, (run(SHOW .. [[show "130.206.1.1" show "2001:638::1"]])))
  end)

  it("gives what flat databases have", function()
    local path = database(mmdb.bytes({ { "1.0.0.0", "1.0.0.255", {
      city = "Sydney", country_code = "AU", state1 = "", state2 = "x", postcode = "2000",
      latitude = mmdb.float(-33.8688), longitude = mmdb.float(151.2093),
      timezone = "Australia/Sydney",
    } } }, { version = 4 }))
    assert.same({ "country=Australia iso=AU city=Sydney latitude=-33.8688f longitude=151.2093f "
      .. "time_zone=Australia/Sydney", "nil\tin no database" },
      (run(SHOW .. [[show "1.0.0.7" show "2001:720::1"]], { path })))
    assert.same({ "Sydney, Australia" }, (locations({ '"1.0.0.7"' }, { path })))
  end)

  it("gives each field from the first database that has it", function()
    local asn = database(mmdb.bytes { { "130.206.0.0", "130.206.255.255", {
      autonomous_system_number = 766, autonomous_system_organization = "RedIRIS",
      country = { names = { en = "Elsewhere" } }, city = 7,
    } } })
    local both = run(SHOW .. [[show "130.206.1.1" show "18.1.1.1"]], { CITY, asn })
    assert.matches("^country=Spain .* asn=766i organisation=RedIRIS$", both[1])
    assert.matches("^country=United States", both[2])
    assert.matches("^country=Elsewhere iso=ES city=Madrid",
      run(SHOW .. [[show "130.206.1.1"]], { asn, CITY })[1])
  end)

  it("gives the same from three databases as from one", function()
    local other = database(mmdb.bytes { { "141.76.0.0", "141.76.0.255", { city = "Nowhere" } } })
    local ips = { '"130.206.1.1"', '"141.76.0.1"', '"141.76.9.1"', '"141.76.0.1"', '"9.9.9.9"' }
    local expected = { "Madrid, Spain", "Dresden, Germany", "Dresden, Germany", "Dresden, Germany",
      "unknown" }
    assert.same(expected, (locations(ips, { CITY, other })))
    assert.same(expected, (locations(ips, { CITY, other, other })))
    expected[2], expected[4] = "Nowhere, Germany", "Nowhere, Germany"
    assert.same(expected, (locations(ips, { other, CITY })))
    assert.same(expected, (locations(ips, { other, CITY, CITY })))
  end)

  it("says why nothing is known, without the address", function()
    assert.same({ "nil\tno internet address", "nil\tno internet address", "nil\ta private address",
      "nil\tin no database" },
      (run(SHOW .. [[show(nil) show "x" show "10.0.0.1" show "8.8.8.8"]])))
  end)
end)

describe("cdr.geo.open", function()
  after_each(support.clean)

  local function fails(text, pattern, env)
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. text)
    support.write_file(folder .. "/note", "hello")
    support.write_file(folder .. "/empty", "")
    local code, _, err = support.run { "check", "rules.lua", cwd = folder, env = env }
    assert.equal(2, code)
    assert.matches(pattern, err)
    assert.is_nil(err:find("\n.", 1), err)
  end

  it("says in one sentence what is wrong", function()
    fails('cdr.geo.open "none.mmdb"', "none.mmdb: No such file or directory\n$")
    fails('cdr.geo.open "note"', "note: is no whole geolocation database: ")
    fails('cdr.geo.open "empty"', "empty: is no whole geolocation database: ")
    fails('cdr.geo.open "."', "%.: is not a file\n$")
    fails('cdr.geo.open {}', "rules.lua:2: cdr.geo.open: takes a path, or a list of 1 to 8 paths")
    fails('cdr.geo.open(7)', "rules.lua:2: cdr.geo.open: takes a path")
    fails('cdr.geo.open { 7 }', "rules.lua:2: cdr.geo.open: a path is a text")
    fails('cdr.geo.open("note", 7)', "rules.lua:2: cdr.geo.open: options: must be a table")
    fails('cdr.geo.open("note", { sweeps = 1 })', 'rules.lua:2: cdr.geo.open: no option "sweeps"')
    fails('cdr.geo.open("note", { sweep = 0/0 })', "rules.lua:2: cdr.geo.open: sweep: must be")
    fails('cdr.geo.open "note" "x"', "note: is no whole")
    fails("cdr.geo.open()", "x.mmdb: No such file", { CDRLUA_GEODB = "x.mmdb" })
  end)

  it("copies no long file that is none", function()
    local path = database "none"
    support.truncate(path, 1 << 40)
    local began = support.now()
    local result = rules.run(("cdr.geo.open(%q)"):format(path), {})
    assert.matches("is no whole geolocation database: there are no metadata at its end",
      result.errors, 1, true)
    assert.is_true(support.now() - began < 10)
  end)

  it("takes the databases that CDRLUA_GEODB names", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua",
      'local cdr = require "cdr"\nprint(cdr.geo.open():location "18.0.0.1")\ncdr.source(load "")')
    local code, out, err = support.run { "run", "rules.lua", cwd = folder,
      env = { CDRLUA_GEODB = CITY } }
    assert.equal(0, code, err)
    assert.equal("Cambridge, United States\n", out)
  end)

  it("finds what was made with the program, beside it or where it is installed", function()
    for _, folder in ipairs { "/var/lib/GeoIP", "/usr/share/GeoIP", "/usr/local/share/GeoIP" } do
      if support.stat(folder) then return pending(folder .. " is there and comes first") end
    end
    local folder = support.folder()
    for _, name in ipairs { "/bin", "/bin/geo", "/share", "/share/cdrlua" } do
      support.mkdir(folder .. name)
    end
    assert.equal(0, (support.run { program = "cp", support.program, folder .. "/bin/cdrlua" }))
    support.write_file(folder .. "/rules.lua",
      'local cdr = require "cdr"\nprint(cdr.geo.open():location "20.0.0.1")\ncdr.source(load "")')
    local function said()
      local _, out, err = support.run { program = folder .. "/bin/cdrlua", "run", "rules.lua",
        cwd = folder }
      return out ~= "" and out or err
    end
    assert.matches("geolocation: no database in /var/lib/GeoIP/, .* with `make geodb`\n$", said())
    support.write_file(folder .. "/share/cdrlua/country.mmdb", mmdb.country "Installed")
    assert.equal("Installed\n", said())
    support.write_file(folder .. "/bin/geo/country.mmdb", mmdb.country "Made")
    assert.equal("Made\n", said())
  end)

  it("gives nil and a sentence in a handler", function()
    local result = rules.run([[cdr.on("*", function() print(cdr.geo.open "none.mmdb") end)]],
      { '{"sessionCreated":{"sessionId":"A","timestamp":1}}' })
    assert.same({ "nil\tnone.mmdb: No such file or directory" }, result.lines)
  end)

  it("refuses every torn file, and crashes on none", function()
    local whole = support.read_file(CITY)
    local folder = support.folder()
    local calls = { "local torn, read = 0, 0" }
    for i = 1, 60 do
      local path = ("%s/%d.mmdb"):format(folder, i)
      local cut = #whole * i // 61
      support.write_file(path, i % 2 == 0 and whole:sub(1, cut)
        or whole:sub(1, cut) .. ("\xff"):rep(40) .. whole:sub(cut + 41))
      calls[#calls + 1] = ([[
        do local ok, geo = pcall(cdr.geo.open, %q)
        if not ok then torn = torn + 1 else
          for _, ip in ipairs { "130.206.1.1", "2001:720::1", "18.1.1.1", "223.1.1.1" } do
            geo:location(ip) geo:lookup(ip) read = read + 1
          end
        end end]]):format(path)
    end
    calls[#calls + 1] = "print(torn >= 30)"
    assert.same({ "true" }, (run(table.concat(calls, "\n"))))
  end)

  it("knows how old the data are, and says so once when that is long", function()
    local old = database(mmdb.country("Old", { epoch = os.time() - 100 * 86400 - 60 }))
    local young = database(mmdb.country("Young", { epoch = os.time() - 3600 }))
    local lines, errors = run("print(geo:age() // 86400)", { young, CITY, old })
    assert.same({ "100" }, lines)
    assert.equal(1, select(2, errors:gsub("days old", "")))
    assert.matches("db.mmdb: its data are 100 days old\n", errors)
    assert.same({ "nil" }, (run "print(geo:age())"))
    lines, errors = run("print(geo:age() // 3600)", { young })
    assert.same({ "1" }, lines)
    assert.is_nil(errors:find "days old")
  end)
end)

describe("a database whose file", function()
  after_each(support.clean)

  local ASK = '{"ask":{"sessionId":"A","timestamp":1,"ip":"20.1.1.%d"}}\n'
  local RULES = [[
    local cdr = require "cdr"
    local geo = cdr.geo.open("geo/db.mmdb", { sweep = %g })
    cdr.on("ask", function(event) print(geo:location(event.ip)) end)
  ]]

  local Live = {}
  Live.__index = Live

  -- A program that follows a file, with a database of one country.
  local function start(sweep)
    local folder = support.folder()
    support.mkdir(folder .. "/geo")
    support.write_file(folder .. "/geo/db.mmdb", mmdb.country "One")
    support.write_file(folder .. "/rules.lua", RULES:format(sweep or 3600))
    support.write_file(folder .. "/asked.log", "")
    local p = support.spawn { "run", "--state", "state", "rules.lua", "asked.log", cwd = folder }
    support.expect(function() return p:stderr():find "following" end, "its first message")
    return setmetatable({ p = p, folder = folder, path = folder .. "/geo/db.mmdb", n = 0 }, Live)
  end

  -- Where an address is: a new one, or always the same.
  function Live:ask(same)
    support.append(self.folder .. "/asked.log", ASK:format(same and 0 or self.n))
    self.n = self.n + 1
    support.expect(function() return #rules.lines(self.p:stdout()) == self.n end,
      function() return "an answer: " .. self.p:stderr() end)
    return rules.lines(self.p:stdout())[self.n]
  end

  function Live:told(text, times)
    return select(2, self.p:stderr():gsub(text:gsub("%p", "%%%0"), "")) >= (times or 1)
  end

  function Live:expect(text, times)
    support.expect(function() return self:told(text, times) end,
      function() return text .. ": " .. self.p:stderr() end)
  end

  function Live:replace(bytes)
    support.write_file(self.path .. ".new", bytes)
    support.rename(self.path .. ".new", self.path)
  end

  function Live:finish() assert.equal(0, self.p:stop(), self.p:stderr()) end

  it("is replaced is read anew, and what was remembered forgotten", function()
    local live = start()
    assert.equal("One", live:ask(true))
    live:replace(mmdb.country "Two")
    live:expect "geo/db.mmdb: read anew"
    assert.equal("Two", live:ask(true))
    support.write_file(live.path, mmdb.country "Three") -- in place
    live:expect("read anew", 2)
    assert.equal("Three", live:ask(true))
    live:finish()
  end)

  it("is broken keeps its data, with one warning, and is read when it is whole again", function()
    local live = start()
    assert.equal("One", live:ask())
    live:replace(mmdb.country("Two"):sub(1, 200))
    live:expect "warn: geo/db.mmdb: is no whole geolocation database"
    support.write_file(live.folder .. "/geo/other", "x") -- a reason to look again
    assert.equal("One", live:ask())
    live:replace(mmdb.country "Three")
    live:expect "read anew"
    assert.equal("Three", live:ask())
    assert.is_false(live:told("stays in use", 2))
    live:finish()
  end)

  it("is truncated in place keeps its data", function()
    local live = start()
    assert.equal("One", live:ask())
    support.truncate(live.path, 100)
    support.append(live.path, "x") -- who wrote it closes it
    live:expect "stays in use"
    for _ = 1, 3 do assert.equal("One", live:ask()) end
    support.write_file(live.path, "")
    live:expect("stays in use", 2)
    assert.equal("One", live:ask())
    live:finish()
  end)

  it("is removed keeps its data, and is read when it is back", function()
    local live = start()
    support.remove(live.path)
    live:expect "geo/db.mmdb: No such file or directory; "
    assert.equal("One", live:ask())
    live:replace(mmdb.country "Two")
    live:expect "read anew"
    assert.equal("Two", live:ask())
    support.remove(live.path)
    live:expect("No such file or directory", 2)
    live:finish()
  end)

  it("is behind a link, or in a folder that goes away, is looked at from time to time", function()
    local live = start(0.1)
    support.rename(live.folder .. "/geo", live.folder .. "/old")
    live:expect "No such file or directory"
    support.mkdir(live.folder .. "/new")
    support.write_file(live.folder .. "/new/db.mmdb", mmdb.country "Two")
    support.symlink("new", live.folder .. "/geo")
    live:expect "read anew"
    assert.equal("Two", live:ask())
    live:finish()
  end)
end)

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

describe("tests/fixtures/city.mmdb", function()
  after_each(support.clean)

  it("is what city.lua makes, and small", function()
    local folder = support.folder()
    support.mkdir(folder .. "/tests")
    support.mkdir(folder .. "/tests/fixtures")
    support.symlink(support.realpath "tests/support", folder .. "/tests/support")
    support.symlink(support.realpath "src", folder .. "/src")
    local script = support.realpath "tests/fixtures/city.lua"
    local code, _, err = support.run { program = "lua5.4", script, cwd = folder }
    assert.equal(0, code, err)
    local bytes = support.read_file(folder .. "/tests/fixtures/city.mmdb")
    assert.is_true(bytes == support.read_file(CITY))
    assert.is_true(#bytes < 5000)
  end)
end)
