-- A file that lines are written to, and what others do to it meanwhile.
local support = require "tests.support"
local outbox = require "tests.support.outbox"
local native = require "native_action"

local open_box, run_until, send_numbers = outbox.open_box, outbox.run_until, outbox.send_numbers

local folder, path

before_each(function()
  folder = support.folder()
  path = folder .. "/out.jsonl"
end)

after_each(function()
  native.limit()
  support.clean()
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
