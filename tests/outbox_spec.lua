-- What is sent arrives whole, in order and once, whatever happens to the destination.
local support = require "tests.support"
local native = require "native_action"
local process = require "native_process"

local KIB = 1024

-- An outbox that writes down what it says.
local function new_box(dest, more)
  local heard = { taken = {}, notes = {}, room = 0 }
  local calls = {
    taken = function(ticket) heard.taken[#heard.taken + 1] = ticket end,
    room = function() heard.room = heard.room + 1 end,
    note = function(sentence) heard.notes[#heard.notes + 1] = sentence end,
    gone = function(sentence) heard.gone = sentence end,
  }
  for name, call in pairs(more or {}) do calls[name] = call end
  local box, why = native.outbox(dest, calls)
  return box, heard, why, calls
end

local function open_box(dest, known, more)
  local box, heard, _, calls = new_box(dest, more)
  assert(box:open(known))
  return box, heard, calls
end

local function run_until(check, what, seconds)
  support.expect(function()
    native.run(0.002)
    return check()
  end, what, seconds)
end

local function numbered(from, to)
  local lines = {}
  for n = from, to do lines[#lines + 1] = n .. "\n" end
  return table.concat(lines)
end

local function send_numbers(box, from, to)
  for n = from, to do box:send(n, tostring(n)) end
end

-- By hand, as luassert is slow.
local function assert_ascending(row)
  for n, value in ipairs(row) do
    if value ~= n then error(("%d in place of %d"):format(value, n), 2) end
  end
end

local function memory_kib()
  return tonumber(support.read_file("/proc/self/status"):match "RssAnon:%s*(%d+)")
end

local CHILD = [[
  package.cpath = %q
  local native = require "native_action"
  local said = io.stderr
  said:setvbuf "no"
  local box
  box = assert(native.outbox("-", {
    taken = function(n) said:write("taken ", n, "\n") end,
    gone = function(sentence) said:write("gone ", sentence, "\n") end,
    note = function(sentence) said:write("note ", sentence, "\n") end,
  }))
  %s
  assert(box:open())
  %s
  os.exit(0) -- at once, with the loop in its place]]

-- A process with an outbox to its standard output.
local function child(code, more)
  local given = {
    program = "lua5.4", "-e", CHILD:format(package.cpath, more.before or "", code),
    env = { LD_PRELOAD = os.getenv "LD_PRELOAD" },
  }
  given.stdout = more.stdout
  return support.spawn(given)
end

local function assert_done(p) assert.equal(0, p:wait(), p:stderr():sub(-500)) end

local folder, path

before_each(function()
  folder = support.folder()
  path = folder .. "/out.jsonl"
end)

after_each(function()
  native.limit()
  support.clean()
end)

describe("a line that is sent", function()
  it("waits for the flush, then is written and its ticket told", function()
    local box, heard = open_box(path)
    box:send(7, "one")
    box:send(0, "two")
    assert.equal("", support.read_file(path))
    assert.is_false(box:empty())
    box:flush()
    assert.is_true(box:empty())
    assert.equal("one\ntwo\n", support.read_file(path))
    assert.same({ 7 }, heard.taken)
    assert.equal(8, box:sync())
  end)

  it("goes by itself once 256 KiB wait", function()
    local box, heard = open_box(path)
    box:send(1, ("x"):rep(1023), 255)
    assert.equal(0, #heard.taken)
    box:send(1, ("x"):rep(1023))
    assert.equal(256, #heard.taken)
    assert.equal(256 * KIB, #support.read_file(path))
  end)

  it("may be sent before the destination is open", function()
    local box = new_box(path)
    box:send(1, ("early"):rep(50000))
    box:flush()
    assert.is_nil(support.stat(path))
    assert.is_nil((box:sync()))
    assert(box:open())
    box:flush()
    assert.equal(("early"):rep(50000) .. "\n", support.read_file(path))
  end)

  it("keeps its order and is acknowledged once", function()
    local box, heard = open_box(path)
    for n = 1, 50000 do
      box:send(n, tostring(n))
      if n % 777 == 0 then box:flush() end
    end
    box:flush()
    assert.is_true(numbered(1, 50000) == support.read_file(path))
    assert.equal(50000, #heard.taken)
    assert_ascending(heard.taken)
  end)

  it("may be of any bytes and of none", function()
    local box = open_box(path)
    box:send(1, "")
    box:send(2, "a\0b\xff")
    box:flush()
    assert.equal("\na\0b\xff\n", support.read_file(path))
  end)

  it("may be sent while others are acknowledged", function()
    local box, calls, heard
    box, heard, calls = open_box(path)
    local n = 100
    calls.taken = function()
      if n < 20000 then
        for _ = 1, 3 do
          n = n + 1
          box:send(n, ("%d %s"):format(n, ("."):rep(300)))
        end
      end
    end
    for i = 1, 100 do box:send(i, ("%d %s"):format(i, ("."):rep(300))) end
    box:flush()
    assert.is_nil(calls.error)
    assert.is_true(box:empty())
    assert.is_nil(heard.gone)
    local expected = 0
    for line in io.lines(path) do
      expected = expected + 1
      assert.equal(expected, tonumber(line:match "^%d+"))
    end
    assert.equal(n, expected)
  end)
end)

describe("sending from an acknowledgement", function()
  it("may go on for ever", function()
    local box, n, line = nil, 0, ("x"):rep(256 * KIB)
    local heard, calls
    box, heard, calls = open_box("/dev/null", nil, {
      taken = function()
        n = n + 1
        if n < 2000 then box:send(n, line) end
      end,
    })
    box:send(1, line)
    assert.is_nil(calls.error)
    assert.is_nil(heard.gone)
    assert.equal(2000, n)
    assert.is_true(box:empty())
  end)
end)

describe("a destination", function()
  it("is made with its folders, for owner and group", function()
    local box = open_box(folder .. "/a/b/out")
    assert.equal(folder .. "/a/b/out", box:path())
    assert.equal(tonumber("640", 8), support.stat(folder .. "/a/b/out").mode)
    assert.equal(tonumber("750", 8), support.stat(folder .. "/a").mode)
  end)

  it("has the same absolute path before and after its folder is made", function()
    support.mkdir(folder .. "/real")
    support.symlink(folder .. "/real", folder .. "/link")
    local dest = folder .. "/link/new/out"
    local before = new_box(dest):path()
    assert.equal(folder .. "/real/new/out", before)
    local box = open_box(dest)
    box:free()
    assert.equal(before, new_box(dest):path())
  end)

  it("with a relative name is below the current folder", function()
    assert.equal(support.realpath "." .. "/some/out", new_box("some/out"):path())
    assert.equal(support.realpath "." .. "/a:b://c", new_box("./a:b://c"):path())
  end)

  it("may be told as file://", function()
    assert.equal(path, new_box("file://" .. path):path())
  end)

  it("of another scheme does not exist", function()
    local box, _, why = new_box "gopher://example.org/x"
    assert.is_nil(box)
    assert.equal("gopher://example.org/x: there is no sink for gopher://", why)
  end)

  it("that cannot be opened is one sentence", function()
    support.write_file(folder .. "/file", "")
    for dest, why in pairs {
      [folder .. "/file/"] = folder .. "/file/: Not a directory",
      [folder .. "/file/out"] = folder .. "/file/out: Not a directory",
      ["/proc/nothing/out"] = "/proc/nothing: No such file or directory",
    } do
      local box = assert(new_box(dest))
      assert.same({ nil, why }, { box:open() })
    end
  end)

  it("may be a device, which has no path to remember", function()
    local box, heard = open_box "/dev/null"
    box:send(1, "x")
    box:flush()
    assert.same({ 1 }, heard.taken)
    assert.is_nil(box:path())
    assert.equal(0, box:sync())
  end)
end)

describe("a file that is there already", function()
  local function reopened(before, known)
    support.write_file(path, before)
    local box = open_box(path, known)
    box:send(1, "new")
    box:flush()
    local size = box:sync()
    box:free()
    local text = support.read_file(path)
    assert.equal(#text, size)
    return text
  end

  it("is appended to", function()
    assert.equal("old\nnew\n", reopened "old\n")
    assert.equal("old\nmore\nnew\n", reopened("old\nmore\n", 4))
    assert.equal("new\n", reopened("", 100))
  end)

  it("loses the half line that a kill left behind the last commit", function()
    assert.equal("old\nnew\n", reopened("old\nha", 4))
    assert.equal("old\nwhole\nnew\n", reopened("old\nwhole\nha", 4))
    assert.equal("new\n", reopened("ha", 0))
    local long = ("x"):rep(10000)
    assert.equal("old\nnew\n", reopened("old\n" .. long, 4))
    assert.equal("old\n" .. long .. "\nnew\n", reopened("old\n" .. long .. "\n" .. long, 4))
  end)

  it("never loses what was committed or is somebody else's", function()
    assert.equal("foreign\nnew\n", reopened "foreign")
    assert.equal("old\nhalf\nnew\n", reopened("old\nhalf", 8))
    assert.equal("old\nhalf\nnew\n", reopened("old\nhalf", 100))
    assert.equal("another file\nnew\n", reopened("another file", 5))
    assert.equal("first\nanother\nnew\n", reopened("first\nanother", 8))
  end)

  it("that ends in the middle of a line is left so while nothing is sent", function()
    support.write_file(path, "foreign")
    local box = open_box(path)
    box:flush()
    assert.equal(7, box:sync())
    assert.equal("foreign", support.read_file(path))
  end)
end)

describe("a file that somebody else", function()
  it("renames is left, and a new one begun", function()
    local box, heard = open_box(path)
    send_numbers(box, 1, 3)
    box:flush()
    os.rename(path, path .. ".1")
    send_numbers(box, 4, 5)
    box:flush()
    assert.equal("1\n2\n3\n", support.read_file(path .. ".1"))
    assert.equal("4\n5\n", support.read_file(path))
    assert.equal(5, #heard.taken)
    assert.equal(4, box:sync())
  end)

  it("removes with its folder is made anew", function()
    local dest = folder .. "/a/out"
    local box = open_box(dest)
    send_numbers(box, 1, 1)
    box:flush()
    os.execute("rm -r " .. folder .. "/a")
    assert.equal(0, box:sync())
    send_numbers(box, 2, 2)
    box:flush()
    assert.equal("2\n", support.read_file(dest))
  end)

  it("replaces by a half written one is not glued to it", function()
    local box = open_box(path)
    os.remove(path)
    support.write_file(path, "foreign")
    send_numbers(box, 1, 1)
    box:flush()
    assert.equal("foreign\n1\n", support.read_file(path))
  end)

  it("empties goes on at its beginning", function()
    local box = open_box(path)
    send_numbers(box, 1, 3)
    box:flush()
    support.truncate(path, 0)
    send_numbers(box, 4, 4)
    box:flush()
    assert.equal("4\n", support.read_file(path))
    assert.equal(2, box:sync())
  end)

  it("cannot be made anew keeps what is sent waiting", function()
    local dest = folder .. "/a/out"
    local box, heard = open_box(dest)
    os.execute("rm -r " .. folder .. "/a")
    support.write_file(folder .. "/a", "")
    send_numbers(box, 1, 3)
    box:flush()
    assert.same({ ("%s: Not a directory (6 bytes wait; trying again)"):format(dest) },
      heard.notes)
    os.remove(folder .. "/a")
    run_until(function() return box:empty() end)
    assert.equal("1\n2\n3\n", support.read_file(dest))
    assert.equal(2, #heard.notes)
  end)

  it("takes away while a line is half written gets all of that line in the new one", function()
    local box, heard = open_box(path)
    native.limit(10)
    box:send(1, "12345")
    box:send(2, "67890")
    box:flush()
    assert.equal("12345\n6789", support.read_file(path))
    assert.same({ 1 }, heard.taken)
    assert.equal(6, box:sync())
    os.rename(path, path .. ".1")
    native.limit()
    run_until(function() return box:empty() end)
    assert.equal("67890\n", support.read_file(path))
    assert.same({ 1, 2 }, heard.taken)
  end)

  it("empties while a line is half written gets all of that line", function()
    local box = open_box(path)
    native.limit(10)
    box:send(1, "12345")
    box:send(2, "67890")
    box:flush()
    support.truncate(path, 0)
    native.limit()
    run_until(function() return box:empty() end)
    assert.equal("67890\n", support.read_file(path))
  end)
end)

describe("a full disk", function()
  it("is told once, and all goes on when there is room", function()
    local box, heard = open_box(path)
    native.limit(1000)
    send_numbers(box, 1, 1000)
    box:flush()
    native.run(0.5)
    assert.equal(1, #heard.notes)
    local note = ": File too large (2893 bytes wait; trying again)"
    assert.equal(path .. note, heard.notes[1])
    assert.equal(1000, #support.read_file(path))
    local taken = #heard.taken
    assert.is_true(taken > 200 and taken < 1000)
    assert.equal(#numbered(1, taken), box:sync())
    native.limit()
    run_until(function() return box:empty() end)
    assert.equal(numbered(1, 1000), support.read_file(path))
    assert.matches("goes on after %d", heard.notes[2])
    assert.equal(2, #heard.notes)
    assert_ascending(heard.taken)
    box:send(1001, "x")
    box:flush()
    assert.equal(2, #heard.notes)
  end)

  it("on a real disk leaves only whole lines behind in the end", function()
    local disk = support.folder()
    if not os.execute(("mount -t tmpfs -o size=64k tmpfs %s 2>/dev/null"):format(disk)) then
      pending "mounting needs root"
      return
    end
    finally(function() os.execute("umount -l " .. disk) end)
    local box, heard = open_box(disk .. "/out")
    send_numbers(box, 1, 30000)
    box:flush()
    assert.matches("No space left on device", heard.notes[1])
    assert.is_true(#heard.taken > 0)
    assert(os.execute("mount -o remount,size=1m " .. disk))
    run_until(function() return box:empty() end)
    assert.is_true(numbered(1, 30000) == support.read_file(disk .. "/out"))
  end)

  it("is one note however long it lasts", function()
    local box, heard = open_box "/dev/full"
    box:send(1, "x")
    for _ = 1, 50 do
      native.run(0.01)
      box:flush()
    end
    assert.same({ "/dev/full: No space left on device (2 bytes wait; trying again)" },
      heard.notes)
    assert.same({}, heard.taken)
  end)

  it("is tried again by the clock, after ever longer pauses", function()
    local start = process.now()
    local box = open_box(path)
    native.limit(0)
    box:send(1, "x")
    box:flush()
    native.run(0.8) -- tries at 0.1, 0.3 and 0.7; the next one at 1.5
    native.limit()
    box:flush()
    native.run(0.2)
    local taken = box:empty()
    if process.now() - start < 1.4 then assert.is_false(taken) end
    run_until(function() return box:empty() end)
  end)

  it("fills the outbox, which tells when there is room again", function()
    local box, heard = open_box(path)
    native.limit(0)
    local line = ("x"):rep(1023)
    box:send(1, line, 1024)
    assert.is_false(box:full())
    box:send(1, line)
    assert.is_true(box:full())
    box:send(1, line, 1000)
    native.run(0.3)
    assert.equal(0, heard.room)
    native.limit(1020 * KIB)
    run_until(function() return #heard.taken == 1020 end)
    assert.is_false(box:full())
    assert.equal(0, heard.room)
    native.limit()
    run_until(function() return box:empty() end)
    assert.equal(1, heard.room)
    assert.equal(2025, #heard.taken)
    box:send(1, line, 400)
    assert.equal(1, heard.room)
  end)

  it("does not hold memory for ever", function()
    if os.getenv "LD_PRELOAD" then pending "a sanitizer does hold it" return end
    local box = open_box(path, nil, { taken = function() end })
    native.limit(0)
    local before = memory_kib()
    box:send(1, ("x"):rep(100), 300000)
    assert.is_true(memory_kib() - before > 20000)
    native.limit()
    run_until(function() return box:empty() end)
    native.trim()
    local more = memory_kib() - before
    assert.is_true(more < 8000, more .. " KiB") -- malloc keeps some
    assert.equal(300000 * 101, box:sync())
  end)
end)

describe("a slow reader", function()
  it("of a named pipe is waited for, and gets all in order", function()
    native.fifo(path)
    local fd = native.open_fifo(path)
    local box, heard = open_box(path)
    assert.is_nil(box:path())
    send_numbers(box, 1, 60000)
    box:flush()
    assert.is_true(#heard.taken < 60000)
    local parts = {}
    repeat
      parts[#parts + 1] = process.read(fd, 0)
      native.run(0)
    until #heard.taken == 60000
    parts[#parts + 1] = process.read(fd, 0)
    process.close(fd)
    assert.is_true(numbered(1, 60000) == table.concat(parts))
    assert.same({}, heard.notes)
    assert_ascending(heard.taken)
  end)

  it("gets a line larger than the pipe", function()
    native.fifo(path)
    local fd = native.open_fifo(path)
    local box = open_box(path)
    local line = ("0123456789"):rep(50000)
    box:send(1, line)
    local parts = {}
    repeat
      parts[#parts + 1] = process.read(fd, 0)
      native.run(0)
    until box:empty()
    parts[#parts + 1] = process.read(fd, 0)
    process.close(fd)
    assert.is_true(line .. "\n" == table.concat(parts))
  end)

  it("of a named pipe may come late, go and come again", function()
    native.fifo(path)
    local box, heard = open_box(path)
    send_numbers(box, 1, 2)
    box:flush()
    assert.equal(path .. ": nobody reads it (4 bytes wait; trying again)", heard.notes[1])
    local fd = native.open_fifo(path)
    run_until(function() return box:empty() end)
    assert.equal("1\n2\n", process.read(fd, 1))
    process.close(fd)
    send_numbers(box, 3, 3)
    box:flush()
    assert.matches("nobody reads it any more", heard.notes[3])
    fd = native.open_fifo(path)
    run_until(function() return box:empty() end)
    assert.equal("3\n", process.read(fd, 1))
    process.close(fd)
    assert.is_nil(heard.gone)
  end)

  local FLOOD = [[
    for n = 1, 60000 do box:send(n, tostring(n)) end
    box:flush()
    said:write "nothing waited\n"
    while not box:empty() do native.run(0.01) end
    said:write("blocking ", tostring(native.is_blocking(1)), "\n")]]

  -- Though nothing is read.
  local function expect_no_waiting(said)
    support.expect(function() return said():find("nothing waited", 1, true) end, function()
      return "flushed: " .. said():sub(-200)
    end)
  end

  it("of standard output is waited for, and its descriptor is not changed", function()
    local p = child(FLOOD, { stdout = "pipe" })
    expect_no_waiting(function() return p:stderr() end)
    local parts = {}
    repeat parts[#parts + 1] = assert(p:read()) until parts[#parts] == ""
    assert_done(p)
    assert.is_true(numbered(1, 60000) == table.concat(parts))
    assert.matches("taken 60000\nblocking true\n$", p:stderr():sub(-500))
  end)

  it("of standard output is waited for even where it cannot be opened again", function()
    local p = child("native.limit_files() " .. FLOOD,
      { stdout = "pipe", before = "native.limit_files(3)" })
    expect_no_waiting(function() return p:stderr() end)
    local parts = {}
    repeat parts[#parts + 1] = assert(p:read()) until parts[#parts] == ""
    assert_done(p)
    assert.is_true(numbered(1, 60000) == table.concat(parts))
    assert.matches("taken 60000\nblocking true\n$", p:stderr():sub(-500))
  end)

  it("of a socket is waited for", function()
    local ours, theirs = native.socketpair()
    local errors = assert(process.open(folder .. "/errors", "w"))
    local pid = process.start {
      argv = { "env", "LD_PRELOAD=" .. (os.getenv "LD_PRELOAD" or ""), "lua5.4", "-e",
        CHILD:format(package.cpath, "", FLOOD) },
      stdout = theirs, stderr = errors,
    }
    process.close(theirs)
    process.close(errors)
    expect_no_waiting(function() return support.read_file(folder .. "/errors") end)
    local parts = {}
    repeat parts[#parts + 1] = assert(process.read(ours, 10)) until parts[#parts] == ""
    process.close(ours)
    assert.equal("exit", (process.wait(pid, 10)))
    assert.is_true(numbered(1, 60000) == table.concat(parts))
  end)

  it("of standard output that goes away ends it, once", function()
    local p = child([[
      for n = 1, 60000 do box:send(n, tostring(n)) end
      for _ = 1, 50 do box:flush() native.run(0.01) end]], { stdout = "pipe" })
    p:read()
    process.close(p.output)
    assert_done(p)
    local _, times = p:stderr():gsub("gone standard output: nobody reads it any more\n", "")
    assert.equal(1, times)
    assert.is_nil(p:stderr():find("note", 1, true))
  end)

  it("of standard output may be a file", function()
    local p = child([[
      box:send(1, "one")
      box:flush()
      assert(box:path() == nil and box:sync() == 0)]], { stdout = path })
    assert_done(p)
    assert.equal("one\n", support.read_file(path))
  end)
end)

describe("kill -9 in the middle of writing", function()
  it("leaves lines that go on where the last commit was", function()
    local code = [[
      package.cpath = %q
      local native = require "native_action"
      local box = assert(native.outbox(%q, {}))
      assert(box:open(%d))
      io.stdout:setvbuf "no"
      for n = 1, math.huge do
        box:send(n, ("%%d %%s"):format(n, ("."):rep(n * 7919 %% 3000)))
        if n %% 10 == 0 then print(box:sync()) end
      end]]
    local known = -1
    for _ = 1, support.soak and 50 or 8 do
      local p = support.spawn {
        program = "lua5.4", "-e", code:format(package.cpath, path, known),
        env = { LD_PRELOAD = os.getenv "LD_PRELOAD" },
      }
      support.expect(function() return #p:stdout() > 100 end, function() return p:stderr() end)
      p:kill "KILL"
      p:wait()
      known = tonumber(p:stdout():match "(%d+)\n[^\n]*$")
      assert.is_true(support.stat(path).size >= known)
      support.append(path, "0 half a li")
    end
    open_box(path, known):free()
    for line in io.lines(path) do
      local n, dots = line:match "^(%d+) (%.*)$"
      if not n or tonumber(n) * 7919 % 3000 ~= #dots then error("not whole: " .. line) end
    end
  end)
end)
