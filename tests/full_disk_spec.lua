-- A full disk: all that is sent waits until there is room, and is written then.
local support = require "tests.support"
local outbox = require "tests.support.outbox"
local native = require "native_action"
local process = require "native_process"

local KIB = 1024

local open_box, run_until, send_numbers = outbox.open_box, outbox.run_until, outbox.send_numbers
local numbered, assert_ascending = outbox.numbered, outbox.assert_ascending

local function memory_kib()
  return tonumber(support.read_file("/proc/self/status"):match "RssAnon:%s*(%d+)")
end

local path

before_each(function() path = support.folder() .. "/out.jsonl" end)

after_each(function()
  native.limit()
  support.clean()
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
