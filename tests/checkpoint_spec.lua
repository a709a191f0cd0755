-- The resume places: kept over any end of the process, and one process at a time.
local support = require "tests.support"
local native = require "native_state"

local DAY_MS = 86400000
local now_ms = os.time() * 1000

local CHILD = [[
  package.cpath = %q
  local native, dir = require "native_state", %q
  io.stdout:setvbuf "no"
  %s]]

-- A process of its own that has `native` and `dir`.
local function child(dir, code)
  return support.spawn {
    program = "lua5.4", "-e", CHILD:format(package.cpath, dir, code),
    env = { LD_PRELOAD = os.getenv "LD_PRELOAD" },
  }
end

local function record(file, offset)
  return {
    file = file, offset = offset, tail = file, dev = 1, ino = 2, head = 3,
    seen_ms = now_ms, path = "/cdr/" .. file .. ".log",
  }
end

local function commit(cp, offset, files)
  if not cp:begin() then return nil end
  for file = 1, files or 20 do
    if not cp:put_record(record(file, offset)) then return nil end
  end
  return cp:commit()
end

-- The offset that all records have, and how many there are.
local function offset_of_all(cp)
  local records = assert(cp:records())
  for _, one in ipairs(records) do assert.equal(records[1].offset, one.offset) end
  return records[1] and records[1].offset, #records
end

local function ask(dir, sql)
  return native.sql(dir .. "/state.db", sql)
end

-- Puts records until one fails; why it did.
local function put_until_full(cp)
  assert(cp:begin())
  for file = 1, 5000 do
    local ok, why = cp:put_record(record(file, 999))
    if not ok then return why end
  end
  return select(2, cp:commit())
end

local function spoil(path, at, text)
  local file <close> = assert(io.open(path, "r+b"))
  file:seek("set", at)
  file:write(text)
end

describe("the resume places", function()
  local dir

  before_each(function() dir = support.folder() .. "/a/b" end)
  after_each(function()
    native.limit()
    support.clean()
  end)

  it("come back as they were, to the last bit", function()
    local cp = assert(native.checkpoint(dir))
    local given = {
      {
        file = 1, offset = math.maxinteger, tail = -1, dev = math.mininteger, ino = -2, head = 0,
        seen_ms = now_ms, path = "/cdr/CDR \xff.log",
      },
      record(0xffffffff, 1),
    }
    assert.same({}, cp:records())
    assert(cp:begin() and cp:put_record(given[1]) and cp:put_record(given[2]))
    assert(cp:put_output("/out", -3) and cp:commit())
    cp:close()
    cp = assert(native.checkpoint(dir))
    assert.same(given, cp:records())
    assert.equal(-3, cp:output "/out")
    assert.is_false(cp:output "/other")
    cp:close()
  end)

  it("of a file take the place of those before", function()
    local cp = assert(native.checkpoint(dir))
    assert(commit(cp, 10) and commit(cp, 20))
    local offset, n = offset_of_all(cp)
    assert.same({ 20, 20 }, { offset, n })
    cp:close()
  end)

  it("are dropped when the file was not seen for 40 days", function()
    local cp = assert(native.checkpoint(dir))
    local old, recent = record(1, 10), record(2, 10)
    old.seen_ms, recent.seen_ms = now_ms - 41 * DAY_MS, now_ms - 39 * DAY_MS
    assert(cp:begin() and cp:put_record(old) and cp:put_record(recent) and cp:commit())
    assert.same({ recent }, cp:records())
    cp:close()
    assert.equal("2\n", ask(dir, "select number from files"))
  end)

  it("that were not committed are as if they had not been", function()
    local cp = assert(native.checkpoint(dir))
    assert(commit(cp, 10))
    assert(cp:begin() and cp:put_record(record(1, 99)) and cp:put_record(record(77, 99)))
    cp:close()
    cp = assert(native.checkpoint(dir))
    local offset, n = offset_of_all(cp)
    assert.same({ 10, 20 }, { offset, n })
    assert(cp:begin() and cp:put_record(record(1, 99)) and cp:begin() and cp:commit())
    assert.equal(10, (offset_of_all(cp)))
    cp:close()
  end)

  it("are not written outside of a transaction", function()
    local cp = assert(native.checkpoint(dir))
    for _, try in ipairs {
      function() return cp:put_record(record(1, 1)) end,
      function() return cp:put_output("/out", 1) end,
      function() return cp:commit() end,
    } do
      local ok, why = try()
      assert.is_nil(ok)
      assert.equal(dir .. "/state.db: no transaction was begun", why)
    end
    assert.same({}, cp:records())
    cp:close()
  end)

  it("are none of a transaction of which one failed", function()
    local cp = assert(native.checkpoint(dir))
    local wrong = record(2, 99)
    wrong.path = nil
    assert(cp:begin() and cp:put_record(record(1, 99)))
    local ok, why = cp:put_record(wrong)
    assert.is_nil(ok)
    assert.equal(dir .. "/state.db: NOT NULL constraint failed: files.path", why)
    assert.is_nil((cp:put_record(record(3, 99))))
    assert.is_nil((cp:commit()))
    assert.same({}, cp:records())
    assert(commit(cp, 10))
    cp:close()
  end)

  it("are all of one commit after kill -9 at any moment", function()
    local told = 0
    for round = 1, support.soak and 200 or 25 do
      local p = child(dir, ([[
        local cp = assert(native.checkpoint(dir))
        for n = %d, math.huge do
          assert(cp:begin())
          for file = 1, 20 do
            assert(cp:put_record { file = file, offset = n, seen_ms = %d, path = "/cdr" })
          end
          assert(cp:put_output("/out", n) and cp:commit())
          print(n)
        end]]):format(told + 1, now_ms))
      support.expect(function() return #p:stdout() > 0 end, function() return p:stderr() end)
      os.execute("sleep 0.0" .. math.random(0, 50))
      p:kill "KILL"
      p:wait()
      local printed = tonumber(p:stdout():match "(%d+)\n[^\n]*$")
      local cp, moved = native.checkpoint(dir)
      assert.is_nil(moved)
      local offset, n = offset_of_all(cp)
      assert.equal(20, n)
      assert.equal(offset, cp:output "/out")
      assert.is_true(offset == printed or offset == printed + 1,
        ("round %d: %d told, %d kept"):format(round, printed, offset))
      told = offset
      cp:close()
    end
  end)

  it("go on as soon as the disk has room again", function()
    local cp = assert(native.checkpoint(dir))
    assert(commit(cp, 1, 50))
    native.limit(150000)
    local last = 1
    for n = 2, 40 do
      if commit(cp, n, 50) then last = n end
    end
    local why = put_until_full(cp)
    assert.matches("^" .. dir:gsub("%p", "%%%0") .. "/state.db: %l", why)
    assert.equal(last, (offset_of_all(cp)))
    native.limit()
    assert(commit(cp, 100, 50))
    assert.equal(100, (offset_of_all(cp)))
    cp:close()
  end)

  it("are whole when a real disk is full", function()
    local disk = support.folder()
    if not os.execute(("mount -t tmpfs -o size=400k tmpfs %s 2>/dev/null"):format(disk)) then
      pending "mounting needs root"
      return
    end
    finally(function() os.execute("umount -l " .. disk) end)
    local cp = assert(native.checkpoint(disk .. "/state"))
    assert(commit(cp, 1))
    os.execute(("head -c 1M /dev/zero > %s/filler 2>/dev/null"):format(disk))
    local last = 1
    for n = 2, 200 do
      if commit(cp, n) then last = n end
    end
    local why = put_until_full(cp)
    assert.matches("state.db: database or disk is full", why)
    assert.equal(last, (offset_of_all(cp)))
    os.remove(disk .. "/filler")
    assert(commit(cp, 1000))
    cp:close()
    cp = assert(native.checkpoint(disk .. "/state"))
    assert.equal(1000, (offset_of_all(cp)))
    cp:close()
  end)

  it("take little memory", function()
    local p = child(dir, ([[
      local function kib()
        local text = io.open("/proc/self/status"):read "a"
        return tonumber(text:match "RssAnon:%%s*(%%d+)")
      end
      local before = kib()
      local cp = assert(native.checkpoint(dir))
      for n = 1, 300 do
        cp:begin()
        for file = 1, 40 do
          cp:put_record { file = file, offset = n, seen_ms = %d, path = ("/cdr"):rep(20) }
        end
        cp:commit()
      end
      collectgarbage()
      print(kib() - before)]]):format(now_ms))
    assert.equal(0, p:wait(), p:stderr())
    if os.getenv "LD_PRELOAD" then return end -- a sanitizer keeps what is freed
    assert.is_true(tonumber(p:stdout()) < 1024, p:stdout() .. " KiB")
  end)
end)

describe("a damaged database", function()
  local dir, path

  before_each(function()
    dir = support.folder()
    path = dir .. "/state.db"
    local cp = assert(native.checkpoint(dir))
    assert(commit(cp, 10, 500))
    cp:close()
  end)
  after_each(support.clean)

  local function moved_names()
    local names = {}
    for _, name in ipairs(support.list(dir)) do
      if name:find "damaged" then names[#names + 1] = name end
    end
    return names
  end

  for what, damage in pairs {
    ["of another kind"] = function() support.write_file(path, ("no database\n"):rep(1000)) end,
    ["with a torn header"] = function() spoil(path, 0, "SQLite forma\0\0\0\0\0") end,
    ["with a torn schema"] = function() spoil(path, 100, ("\xaa"):rep(3000)) end,
    ["with torn pages"] = function() spoil(path, 8192, ("\x55"):rep(8192)) end,
    ["cut in the middle"] = function() support.truncate(path, 9000) end,
    ["with other tables"] = function()
      ask(dir, "drop table files; create table files (a)")
    end,
    ["without its tables"] = function()
      ask(dir, "drop table outputs")
    end,
    ["of another program"] = function()
      support.remove(path)
      ask(dir, "create table files (a)")
    end,
  } do
    it(what .. " is moved aside and a new one begun", function()
      damage()
      support.write_file(path .. "-wal", "garbage")
      local spoilt = support.read_file(path)
      local cp, moved = native.checkpoint(dir)
      assert(cp, moved)
      assert.matches("^" .. path:gsub("%p", "%%%0") .. ": .+; moved to .+, a new one begun$",
        moved)
      local aside = moved:match "moved to (.+), a new"
      assert.matches("%.damaged%-%d%d%d%d%-%d%d%-%d%dT", aside)
      if not what:find "tables" and not what:find "program" then
        assert.is_true(spoilt == support.read_file(aside))
      end
      assert.same({}, cp:records())
      assert(commit(cp, 20))
      cp:close()
      cp, moved = native.checkpoint(dir)
      assert.is_nil(moved)
      assert.same({ 20, 20 }, { offset_of_all(cp) })
      cp:close()
    end)
  end

  it("takes its log with it", function()
    local cp = assert(native.checkpoint(dir))
    assert(commit(cp, 20))
    local log = support.read_file(path .. "-wal")
    assert.is_true(#log > 0)
    cp:close()
    support.write_file(path, ("no database\n"):rep(1000))
    support.write_file(path .. "-wal", log)
    local again, moved = native.checkpoint(dir)
    assert(moved)
    assert.same({}, again:records())
    again:close()
    assert.is_true(log == support.read_file(moved:match "moved to (.+), a new" .. "-wal"))
  end)

  it("is what a garbage log does not make of it", function()
    support.write_file(path .. "-wal", ("garbage "):rep(5000))
    support.write_file(path .. "-shm", ("garbage "):rep(4096))
    local cp, moved = native.checkpoint(dir)
    assert.is_nil(moved)
    assert.same({ 10, 500 }, { offset_of_all(cp) })
    assert(commit(cp, 20, 500))
    cp:close()
    assert.same({}, moved_names())
  end)

  it("is what a torn last page of the log does not make of it", function()
    local p = child(dir, ([[
      local cp = assert(native.checkpoint(dir))
      for n = 20, 21 do
        cp:begin()
        for file = 1, 500 do
          cp:put_record { file = file, offset = n, seen_ms = %d, path = "/cdr" }
        end
        cp:commit()
      end
      print "done"
      while true do end]]):format(now_ms))
    support.expect(function() return p:stdout() == "done\n" end)
    p:kill "KILL"
    p:wait()
    spoil(path .. "-wal", support.stat(path .. "-wal").size - 100, ("\0"):rep(100))
    local cp, moved = native.checkpoint(dir)
    assert.is_nil(moved)
    assert.same({ 20, 500 }, { offset_of_all(cp) })
    cp:close()
  end)
end)

describe("the state directory", function()
  local dir

  before_each(function() dir = support.folder() .. "/x/y" end)
  after_each(support.clean)

  it("is made with its parents, for its owner alone", function()
    native.checkpoint(dir):close()
    assert.equal(tonumber("700", 8), support.stat(dir).mode)
    assert.equal(tonumber("700", 8), support.stat(dir .. "/..").mode)
  end)

  it("is one process's at a time, whose number is told", function()
    local p = child(dir, "cp = assert(native.checkpoint(dir)) print 'open' while true do end")
    support.expect(function() return p:stdout() == "open\n" end)
    local pid = support.read_file(dir .. "/lock"):match "%d+"
    local cp, why = native.checkpoint(dir)
    assert.is_nil(cp)
    assert.equal(("%s: in use by process %s"):format(dir, pid), why)
    p:kill "KILL"
    p:wait()
    cp = assert(native.checkpoint(dir))
    cp:close()
  end)

  it("is free again after a failure to open it", function()
    native.checkpoint(dir):close()
    ask(dir, "pragma user_version = 3")
    assert.is_nil(native.checkpoint(dir))
    ask(dir, "pragma user_version = 2")
    native.checkpoint(dir):close()
  end)

  it("leaves nothing open when it does not open", function()
    local held = assert(native.checkpoint(dir))
    local before = native.open_files()
    for _ = 1, 10 do assert.is_nil((native.checkpoint(dir))) end
    assert.equal(before, native.open_files())
    held:close()
  end)

  it("of an older version is brought up to date, with what it holds", function()
    local cp = assert(native.checkpoint(dir))
    cp:close()
    ask(dir, "drop table state; insert into outputs values ('/x', 5); pragma user_version = 1")
    cp = assert(native.checkpoint(dir))
    cp:close()
    assert.equal("2\n", ask(dir, "pragma user_version"))
    assert.equal("5\n", ask(dir, "select size from outputs"))
    assert.equal("0\n", ask(dir, "select count(*) from state"))
  end)

  it("of a newer version is refused and left alone", function()
    native.checkpoint(dir):close()
    ask(dir, "pragma user_version = 7")
    local before = support.read_file(dir .. "/state.db")
    local cp, why = native.checkpoint(dir)
    assert.is_nil(cp)
    assert.equal(dir .. "/state.db: written by a newer cdrlua (version 7, this one knows 2)", why)
    assert.is_true(before == support.read_file(dir .. "/state.db"))
  end)

  it("below a file is one clear sentence", function()
    local folder = support.folder()
    support.write_file(folder .. "/file", "")
    local cp, why = native.checkpoint(folder .. "/file/state")
    assert.is_nil(cp)
    assert.equal(folder .. "/file/state: Not a directory", why)
  end)

  it("that cannot be written to is one clear sentence", function()
    local disk = support.folder()
    if not os.execute(("mount -t tmpfs -o ro tmpfs %s 2>/dev/null"):format(disk)) then
      pending "mounting needs root"
      return
    end
    finally(function() os.execute("umount -l " .. disk) end)
    local cp, why = native.checkpoint(disk)
    assert.is_nil(cp)
    assert.equal(disk .. ": not writable: Read-only file system", why)
    cp, why = native.checkpoint(disk .. "/state")
    assert.is_nil(cp)
    assert.equal(disk .. "/state: Read-only file system", why)
  end)
end)
