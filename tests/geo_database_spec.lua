-- The files of geolocation databases: which are taken, and what happens when they change.
local geo = require "tests.support.geo"
local mmdb = require "tests.support.mmdb"
local rules = require "tests.support.rules"
local support = require "tests.support"

local CITY, run, database = geo.CITY, geo.run, geo.database

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
