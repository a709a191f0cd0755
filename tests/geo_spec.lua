-- Where addresses are: what scripts are told, from which databases.
local geo = require "tests.support.geo"
local mmdb = require "tests.support.mmdb"
local support = require "tests.support"

local CITY, quoted, run = geo.CITY, geo.quoted, geo.run
local locations, database = geo.locations, geo.database

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
