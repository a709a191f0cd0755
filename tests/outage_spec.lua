-- Full disks, read-only folders, databases that are locked or gone: each is told once, costs no
-- event and no count, and is over when its cause is.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local COUNT = [[
local cdr = require "cdr"
local count = cdr.state "count"
cdr.on("*", function() count.n = (count.n or 0) + 1 end)
]]

-- Says the count of a run that has ended.
local TELL = [[
local cdr = require "cdr"
cdr.source(function() end)
print(cdr.state("count").n)
]]

local folder

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.write_file(path "count.lua", COUNT)
  support.write_file(path "tell.lua", TELL)
  support.write_file(path "in.log", "")
end)
after_each(support.clean)

local function write(from, to) support.append(path "in.log", cdr.lines(from, to)) end

-- A following run that counts, with its state in `where` (./state).
local function start(dest, where, env)
  return support.spawn { "run", "count.lua", "in.log", "--state", where or "state", "-w", dest,
    cwd = folder, env = env }
end

local function expect_lines(p, out, n)
  local last = cdr.line(n)
  support.expect(function() return (support.read_file(out) or ""):sub(-#last) == last end,
    function() return p:stderr() end, 20)
  assert.is_nil(cdr.fault(support.read_file(out), 1, n))
end

-- The count that is kept, by a program that only looks.
local function kept(where)
  local code, out, errors = support.run { program = "sqlite3", "-readonly",
    (where or path "state") .. "/state.db", "SELECT value FROM state WHERE key = 'n'" }
  return code == 0 and tonumber(out) or errors
end

local function expect_kept(p, n)
  support.expect(function() return kept() == n end, function() return p:stderr() end, 20)
end

-- Ends it, and another run goes on exactly where it was.
local function is_exact(p, out, n, where)
  assert.equal(0, p:stop(), p:stderr())
  write(n + 1, n + 1)
  p = start(out, where)
  expect_lines(p, out, n + 1)
  assert.equal(0, p:stop(), p:stderr())
  local _, count = support.run { "run", "tell.lua", "--state", where or "state", cwd = folder }
  assert.equal(n + 1 .. "\n", count)
end

local function sh(...) return os.execute(table.concat({ ... }, " ") .. " 2>/dev/null") end

-- A file system of its own, or nil where that needs more rights.
local function disk(options)
  local at = support.folder()
  if sh("mount -t tmpfs -o", options, "tmpfs", at) then return at end
  pending "mounting needs root"
end

describe("a full disk", function()
  it("that has the output and the state is told of once for each, and costs nothing", function()
    local at = disk "size=1m"
    if not at then return end
    finally(function() sh("umount -l", at) end)
    local out, where = at .. "/out.log", at .. "/state"
    local p = start(out, where)
    write(1, 100)
    expect_lines(p, out, 100)
    sh("head -c 2M /dev/zero >", at .. "/filler")
    write(101, 1000)
    p:expect_said("out.log: No space left on device (")
    support.remove(at .. "/filler")
    expect_lines(p, out, 1000)
    sh("head -c 2M /dev/zero >", at .. "/filler")
    write(1001, 1010)
    support.expect(function() return p:said("state.db: ") > 0 or p:said("No space") > 1 end,
      function() return p:stderr() end, 20)
    support.remove(at .. "/filler")
    expect_lines(p, out, 1010)
    assert.is_true(p:said("state.db: database or disk is full (the places are not kept") <= 2)
    assert.is_true(p:said("No space left on device") <= 2, p:stderr())
    is_exact(p, out, 1010, where)
  end)

  it("that has an SQLite database is told of once, and all rows come in the end", function()
    local at = disk "size=300k"
    if not at then return end
    finally(function() sh("umount -l", at) end)
    local db = at .. "/calls.db"
    local p = start("sqlite:" .. db)
    write(1, 2000)
    p:expect_said("calls.db: database or disk is full (")
    assert.is_true(p:is_alive())
    assert(sh("mount -o remount,size=8m", at))
    p:expect_said("goes on after ")
    local function rows()
      local sum = {}
      for n = 1, 8 do
        sum[n] = ('(SELECT count(*) FROM "%s")'):format(cdr.line(n):match '"(%a+)"')
      end
      local _, text = support.run { program = "sqlite3", db, "SELECT " .. table.concat(sum, "+") }
      return tonumber(text)
    end
    support.expect(function() return rows() == 2000 end, rows, 20)
    assert.equal(1, p:said("disk is full"), p:stderr())
    assert.equal(1, p:said("goes on after "), p:stderr())
    assert.equal(0, p:stop())
  end)
end)

describe("a state directory", function()
  it("that is read-only is told of at the start, in one sentence", function()
    local at = disk "ro"
    if not at then return end
    finally(function() sh("umount -l", at) end)
    local code, _, errors = support.run { "run", "count.lua", "in.log", "--state", at,
      cwd = folder }
    assert.equal(2, code)
    assert.equal("cdrlua: error: count.lua: " .. at .. ": not writable: Read-only file system\n",
      errors)
  end)

  it("that cannot be written any more is told of once, and goes on when it can", function()
    local files = path "state/state.db" .. " " .. path "state/state.db-wal"
    local p = start(path "out.log")
    write(1, 10)
    expect_kept(p, 10)
    if not sh("chattr +i", files) then
      pending "needs root, and a file system with chattr"
      return
    end
    finally(function() sh("chattr -i", files) end)
    write(11, 20)
    p:expect_said("state.db: disk I/O error (Operation not permitted) (the places are not kept")
    write(21, 30)
    expect_lines(p, path "out.log", 30)
    assert.equal(10, kept())
    assert(sh("chattr -i", files))
    expect_kept(p, 30)
    p:expect_said("state: the places are kept again, after ")
    assert.equal(1, p:said("error: "))
    is_exact(p, path "out.log", 30)
  end)

  it("whose database another process locks is told of once, and goes on", function()
    local p = start(path "out.log")
    write(1, 10)
    expect_kept(p, 10)
    local other = support.spawn { program = "sqlite3", stdin = "pipe", stdout = "pipe",
      path "state/state.db" }
    other:write "BEGIN IMMEDIATE; SELECT 'locked';\n"
    assert.equal("locked\n", other:read())
    write(11, 20)
    p:expect_said("state.db: database is locked (the places are not kept yet; trying again)")
    write(21, 30)
    expect_lines(p, path "out.log", 30)
    other:write "COMMIT;\n"
    other:close_stdin()
    expect_kept(p, 30)
    p:expect_said("the places are kept again")
    assert.equal(1, p:said("error: "))
    is_exact(p, path "out.log", 30)
  end)

  it("that is taken away is told of once, and goes on when it is back", function()
    local p = start(path "out.log")
    write(1, 10)
    expect_kept(p, 10)
    support.rename(path "state", path "elsewhere")
    write(11, 20)
    p:expect_said("state.db: was taken away or replaced (the places are not kept yet")
    write(21, 30)
    expect_lines(p, path "out.log", 30)
    support.rename(path "elsewhere", path "state")
    expect_kept(p, 30)
    assert.equal(1, p:said("error: "))
    is_exact(p, path "out.log", 30)
  end)

  it("that is removed costs no line and no count at the next start", function()
    local p = start(path "out.log")
    write(1, 10)
    expect_kept(p, 10)
    assert(sh("rm -r", path "state"))
    write(11, 20)
    p:expect_said("state.db: was taken away or replaced (")
    expect_lines(p, path "out.log", 20)
    assert.equal(1, p:stop())
    support.remove(path "out.log")
    p = start(path "out.log")
    expect_lines(p, path "out.log", 20)
    is_exact(p, path "out.log", 20)
  end)
end)

describe("an output file", function()
  it("whose disk refuses is told of once, and the next start writes it again", function()
    local out = path "out.log"
    local p = start(out, nil, {
      LD_PRELOAD = support.built "disk.so", TEST_DISK = out,
    })
    write(1, 10)
    expect_kept(p, 10)
    support.write_file(out .. ".broken", "")
    write(11, 20)
    p:expect_said("out.log: what was written may be lost: Input/output error "
      .. "(no place is kept any more; the next start writes again what came since)")
    os.remove(out .. ".broken")
    write(21, 30)
    expect_lines(p, out, 30)
    assert.equal(1, p:said("error: "))
    assert.equal(1, p:stop())
    assert.equal(10, kept())
    p = start(out)
    expect_kept(p, 30)
    assert.equal(cdr.lines(1, 30) .. cdr.lines(11, 30), support.read_file(out))
    assert.equal(0, p:stop())
  end)
end)
