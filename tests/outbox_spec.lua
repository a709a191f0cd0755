-- What is sent arrives whole, in order and once, at whatever destination there is.
local support = require "tests.support"
local outbox = require "tests.support.outbox"

local KIB = 1024

local new_box, open_box = outbox.new_box, outbox.open_box
local numbered, assert_ascending = outbox.numbered, outbox.assert_ascending

local folder, path

before_each(function()
  folder = support.folder()
  path = folder .. "/out.jsonl"
end)

after_each(support.clean)

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
