-- A slow reader of a pipe, a socket or standard output is waited for, and nobody else with it.
local support = require "tests.support"
local outbox = require "tests.support.outbox"
local native = require "native_action"
local process = require "native_process"

local open_box, run_until, send_numbers = outbox.open_box, outbox.run_until, outbox.send_numbers
local numbered, assert_ascending = outbox.numbered, outbox.assert_ascending

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

  local function expect_flood(p)
    expect_no_waiting(function() return p:stderr() end)
    local parts = {}
    repeat parts[#parts + 1] = assert(p:read()) until parts[#parts] == ""
    assert_done(p)
    assert.is_true(numbered(1, 60000) == table.concat(parts))
    assert.matches("taken 60000\nblocking true\n$", p:stderr():sub(-500))
  end

  it("of standard output is waited for, and its descriptor is not changed", function()
    local p = child(FLOOD, { stdout = "pipe" })
    expect_flood(p)
  end)

  it("of standard output is waited for even where it cannot be opened again", function()
    local p = child("native.limit_files() " .. FLOOD,
      { stdout = "pipe", before = "native.limit_files(3)" })
    expect_flood(p)
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
