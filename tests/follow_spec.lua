-- `cdrlua run` on files that grow, rotate, shrink and vanish: every line once, in file order.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local ROTATIONS = support.soak and 200 or 20
local LINES = 37 -- per rotation: no multiple of the eight events

local DAY_1, DAY_2 = "cdr/CDR.2020-09-29_17-50-01.log", "cdr/CDR.2020-09-30_17-50-01.log"

-- How the program learns of changes: by inotify, or, where there is none, by its sweep.
local WAYS = {
  { name = "inotify" },
  { name = "no inotify", env = { CDRLUA_NO_INOTIFY = "1" }, "--sweep", "0.05" },
}

local folder, out

local function path(name) return folder .. "/" .. name end

-- Starts `cdrlua run` with the inputs and options given, in any order, as a user may.
local function follow(words, way)
  local all = { "run", "-w", out, "--state", path "state", path "rules.lua", env = way and way.env }
  table.move(words, 1, #words, #all + 1, all)
  if way then table.move(way, 1, #way, #all + 1, all) end
  local p = support.spawn(all)
  support.expect(function() return p:stderr():find "following" end, "its first message")
  return p
end

local function output() return support.read_file(out) or "" end

-- Waits until the output is exactly `expected`.
local function expect_output(expected, seconds)
  support.expect(function() return #output() >= #expected end, function()
    return ("%d bytes of output; there are %d"):format(#expected, #output())
  end, seconds or 20)
  local text = output()
  if text == expected then return end
  local at = 1
  while text:byte(at) == expected:byte(at) do at = at + 1 end
  error(("byte %d is not as written; it goes on: %s"):format(at, text:sub(at, at + 200)), 2)
end

-- Waits until the program sleeps, between two looks at its files.
local function until_asleep(p)
  support.expect(function()
    local text = support.read_file(("/proc/%d/status"):format(p.pid))
    return text:match "State:%s*S"
  end, "the program asleep")
end

local function expect_lines(to, series, seconds)
  local last = cdr.line(to, series)
  support.expect(function() return output():find(last, 1, true) end,
    function() return "line " .. to .. " of " .. series .. " in the output" end, seconds or 20)
  assert.is_nil(cdr.fault(output(), 1, to, series))
end

before_each(function()
  folder = support.folder()
  out = path "out.log"
  support.mkdir(path "cdr")
  support.write_file(path "rules.lua", 'require("cdr").on("*", function() end)\n')
end)

after_each(support.clean)

describe("run --once", function()
  local function once(...)
    local words = { "run", "--once", "-w", "-", path "rules.lua", ... }
    local code, text, err = support.run(words)
    assert.equal(0, code, err)
    return text, err
  end

  it("reads a file to its end", function()
    support.write_file(path "a.log", cdr.lines(1, 100))
    assert.equal(cdr.lines(1, 100), (once(path "a.log")))
  end)

  it("reads the files of a folder from old to new, and nothing else there", function()
    support.write_file(path(DAY_2), cdr.lines(21, 30))
    support.write_file(path(DAY_1), cdr.lines(1, 10))
    support.write_file(path "cdr/CDR.2020-09-29_19-00-00.log", cdr.lines(11, 20))
    support.write_file(path "cdr/notes.txt", "no CDR\n")
    assert.equal(cdr.lines(1, 30), (once(path "cdr")))
  end)

  it("reads a glob", function()
    support.write_file(path(DAY_1), cdr.lines(1, 10))
    support.write_file(path(DAY_2), cdr.lines(11, 20))
    support.write_file(path "cdr/CDR.2021-01-01_17-50-01.log", cdr.lines(21, 30))
    assert.equal(cdr.lines(1, 20), (once(path "cdr/CDR.2020-*.log")))
  end)

  it("reads standard input", function()
    local code, text = support.run {
      "run", "--once", "-w", "-", path "rules.lua", "-", input = cdr.lines(1, 100),
    }
    assert.equal(0, code)
    assert.equal(cdr.lines(1, 100), text)
  end)

  it("reads a .gz, also one of several members", function()
    support.write_file(path "a.log", cdr.lines(1, 50))
    support.write_file(path "b.log", cdr.lines(51, 100))
    support.gzip(path "a.log")
    support.gzip(path "b.log")
    support.append(path "a.log.gz", support.read_file(path "b.log.gz"))
    assert.equal(cdr.lines(1, 100), (once(path "a.log.gz")))
  end)

  it("reports a .gz that was cut off, and takes the lines before", function()
    support.write_file(path "a.log", cdr.lines(1, 2000))
    support.gzip(path "a.log")
    support.truncate(path "a.log.gz", support.stat(path "a.log.gz").size - 20)
    local _, text, err = support.run {
      "run", "--once", "-w", "-", path "rules.lua", path "a.log.gz",
    }
    assert.is_true(#text > 0 and cdr.lines(1, 2000):sub(1, #text) == text)
    assert.matches("a%.log%.gz", err)
  end)

  it("takes a last line without newline when it parses", function()
    support.write_file(path "a.log", (cdr.lines(1, 3):gsub("\n$", "")))
    assert.equal(cdr.lines(1, 3), (once(path "a.log")))
  end)

  it("warns of a last line that is only half there, and leaves it", function()
    support.write_file(path "a.log", cdr.lines(1, 3) .. cdr.line(4):sub(1, 40))
    local text, err = once(path "a.log")
    assert.equal(cdr.lines(1, 3), text)
    assert.matches("a%.log", err)
  end)

  it("reads an empty file and one of two lines", function()
    support.write_file(path "a.log", "")
    assert.equal("", (once(path "a.log")))
    support.write_file(path "b.log", cdr.lines(1, 2))
    assert.equal(cdr.lines(1, 2), (once(path "b.log")))
  end)

  it("takes CRLF and a BOM off, and passes over runs of NUL bytes", function()
    local lines = cdr.lines(1, 3)
    support.write_file(path "a.log", "\xEF\xBB\xBF" .. lines:gsub("\n", "\r\n"))
    assert.equal(lines, (once(path "a.log")))
    support.write_file(path "b.log", ("\0"):rep(100000) .. lines)
    assert.equal(lines, (once(path "b.log")))
  end)

  it("rejects a line of 100 MB with its place, in little memory", function()
    local file = assert(io.open(path "a.log", "wb"))
    file:write(cdr.line(1))
    local megabyte = ("x"):rep(1000000)
    for _ = 1, 100 do file:write(megabyte) end
    file:write("\n", cdr.line(2))
    file:close()
    local p = support.spawn {
      "run", "--once", "-w", out, "--rejects", path "rejects", path "rules.lua", path "a.log",
    }
    assert.equal(0, p:wait(60))
    assert.equal(cdr.lines(1, 2), output())
    local rejects = support.read_file(path "rejects")
    local _, count = rejects:gsub("\n", "\n")
    assert.equal(1, count)
    assert.matches('"offset":' .. #cdr.line(1), rejects, 1, true)
    assert.matches("a.log", rejects, 1, true)
    assert.is_true(#rejects < 2000000)
    if not os.getenv "CDRLUA_ASAN_OPTIONS" then
      assert.is_true(p.use.peak_kib < 32 * 1024, p.use.peak_kib .. " KiB")
    end
  end)

  it("ends with 2 and one clear line when the input is not there", function()
    local code, text, err = support.run { "run", "--once", path "rules.lua", path "nothing.log" }
    assert.equal(2, code)
    assert.equal("", text)
    assert.matches("nothing.log", err, 1, true)
    assert.matches("^[^\n]+\n$", err)
  end)
end)

for _, way in ipairs(WAYS) do
  describe("run, with " .. way.name .. ",", function()
    it("reads what a file holds, then what is appended", function()
      local file = path(DAY_1)
      support.write_file(file, cdr.lines(1, 10))
      local p = follow({ path "cdr" }, way)
      expect_output(cdr.lines(1, 10))
      for n = 11, 40 do support.append(file, cdr.line(n)) end
      expect_output(cdr.lines(1, 40))
      assert.equal(0, p:stop())
      expect_output(cdr.lines(1, 40))
    end)

    it("waits for the rest of a half-written line", function()
      local file = path "a.log"
      local line = cdr.line(2)
      support.write_file(file, cdr.line(1) .. line:sub(1, 50))
      follow({ file }, way)
      expect_output(cdr.line(1))
      support.append(file, line:sub(51, -2))
      support.append(file, "\n" .. cdr.line(3))
      expect_output(cdr.lines(1, 3))
    end)

    it("takes a new date's file at once, while the older one still grows", function()
      local old, new = path(DAY_1), path(DAY_2)
      support.write_file(old, cdr.lines(1, 5, "old"))
      follow({ path "cdr" }, way)
      expect_lines(5, "old")
      for n = 1, 40 do
        support.append(new, cdr.line(n, "new"))
        support.append(old, cdr.line(5 + n, "old"))
      end
      expect_lines(40, "new")
      expect_lines(45, "old")
    end)

    it("reads on over renames", function()
      local file, n = path "server.log", 0
      support.write_file(file, "")
      follow({ file }, way)
      for i = 1, ROTATIONS do
        for _ = 1, LINES do
          n = n + 1
          support.append(file, cdr.line(n))
        end
        -- without inotify, what comes and goes between two looks is not seen
        if way.name ~= "inotify" then expect_lines(n, "A") end
        support.rename(file, file .. "." .. i)
        support.append(file .. "." .. i, cdr.line(n + 1)) -- the writer still has it open
        n = n + 1
        support.write_file(file, "")
      end
      expect_output(cdr.lines(1, n), 60)
    end)

    it("reads on over copytruncate", function()
      local file, n = path "server.log", 0
      support.write_file(file, "")
      follow({ file }, way)
      for i = 1, ROTATIONS do
        support.append(file, cdr.lines(n + 1, n + LINES))
        n = n + LINES
        expect_lines(n, "A") -- copytruncate itself loses what was not read
        support.write_file(file .. "." .. i, support.read_file(file))
        support.truncate(file, 0)
      end
      support.append(file, cdr.line(n + 1))
      expect_output(cdr.lines(1, n + 1))
    end)

    it("sees a file that was truncated and has grown past its place again", function()
      local file = path "server.log"
      support.write_file(file, cdr.lines(1, 20, "A"))
      local p = follow({ file }, way)
      expect_output(cdr.lines(1, 20, "A"))
      for i = 1, ROTATIONS do
        local before = output()
        -- in one write: nobody can see it shorter than it was; and not while it is being looked
        -- at, since a reader in the middle of a write sees old and new bytes together
        local text = cdr.lines(1, 21 + i, "B" .. i)
        support.write_file(path "new", text)
        until_asleep(p)
        p:kill "STOP"
        os.execute(("dd if=%s of=%s bs=1M conv=notrunc status=none"):format(path "new", file))
        p:kill "CONT"
        expect_output(before .. text)
      end
    end)

    it("goes on when the file is deleted and made again", function()
      local file = path "server.log"
      local expected = ""
      support.write_file(file, "")
      follow({ file }, way)
      for i = 1, ROTATIONS do
        local text = cdr.lines(1, LINES, "D" .. i)
        support.write_file(file, text)
        expected = expected .. text
        expect_output(expected)
        support.remove(file)
      end
    end)

    it("goes on where a symbolic link points anew", function()
      local link = path "current"
      local expected = ""
      for i = 1, ROTATIONS do
        local text = cdr.lines(1, LINES, "S" .. i)
        support.write_file(path("real." .. i), text)
        support.symlink(path("real." .. i), link .. ".new")
        support.rename(link .. ".new", link)
        expected = expected .. text
        if i == 1 then follow({ link }, way) end
        expect_output(expected)
      end
    end)
  end)
end

describe("run", function()
  it("follows several inputs, each in its own order", function()
    support.write_file(path "a.log", cdr.lines(1, 5, "a"))
    support.write_file(path "b.log", "")
    follow { path "a.log", path "b.log" }
    for n = 1, 20 do
      support.append(path "b.log", cdr.line(n, "b"))
      support.append(path "a.log", cdr.line(n + 5, "a"))
    end
    expect_lines(25, "a")
    expect_lines(20, "b")
  end)

  it("follows standard input until it ends", function()
    local p = support.spawn { "run", "-w", out, path "rules.lua", "-", stdin = "pipe" }
    p:write(cdr.lines(1, 5))
    expect_output(cdr.lines(1, 5))
    p:write(cdr.line(6):sub(1, 30))
    p:write(cdr.line(6):sub(31))
    expect_output(cdr.lines(1, 6))
    p:close_stdin()
    assert.equal(0, p:wait())
    expect_output(cdr.lines(1, 6))
  end)

  it("does not read a .gz copy of a file that it has read", function()
    local first, second = path(DAY_1), path(DAY_2)
    support.write_file(first, cdr.lines(1, 100))
    follow { path "cdr" }
    expect_output(cdr.lines(1, 100))
    support.gzip(first)
    support.remove(first)
    support.write_file(second, cdr.lines(101, 110))
    expect_output(cdr.lines(1, 110))
    support.append(second, cdr.line(111))
    expect_output(cdr.lines(1, 111))
  end)

  it("takes files that begin with the same line for two", function()
    support.write_file(path(DAY_1), cdr.line(1) .. cdr.lines(2, 9, "a"))
    support.write_file(path(DAY_2), cdr.line(1) .. cdr.lines(2, 9, "b"))
    follow { path "cdr" }
    expect_output(cdr.line(1) .. cdr.lines(2, 9, "a") .. cdr.line(1) .. cdr.lines(2, 9, "b"))
  end)

  it("takes empty files and files of two lines", function()
    local first, second = path(DAY_1), path(DAY_2)
    support.write_file(first, "")
    follow { path "cdr" }
    support.append(first, cdr.lines(1, 2))
    expect_output(cdr.lines(1, 2))
    support.write_file(second, "")
    support.append(second, cdr.lines(3, 4))
    expect_output(cdr.lines(1, 4))
  end)

  it("knows which file is older though it sees them before it is told of them", function()
    local file, gate = path "cdr/server.log", path "gate"
    support.write_file(file, cdr.line(1))
    follow({ file }, { env = { TEST_GATE = gate,
      LD_PRELOAD = support.built "gate.so" } })
    expect_output(cdr.line(1))
    support.write_file(gate, "")
    support.write_file(path "cdr/server.log.0", "") -- makes it look
    support.expect(function() return support.stat(gate .. ".reached") end, "a look at the folder")
    for i = 1, 5 do
      support.rename(file, file .. "." .. i)
      support.write_file(file, cdr.line(i + 1))
    end
    support.remove(gate)
    expect_output(cdr.lines(1, 6))
  end)

  it("passes over the NUL bytes that a copytruncate leaves", function()
    local file = path "server.log"
    support.write_file(file, cdr.lines(1, 20))
    follow { file }
    expect_output(cdr.lines(1, 20))
    local size = support.stat(file).size
    support.truncate(file, 0)
    support.truncate(file, size) -- a writer that keeps its offset leaves a hole
    support.append(file, cdr.lines(21, 25))
    expect_output(cdr.lines(1, 25))
  end)

  it("waits for an input folder's first file", function()
    follow { path "cdr" }
    support.write_file(path(DAY_1), cdr.lines(1, 5))
    expect_output(cdr.lines(1, 5))
  end)

  it("lets one process work on a state folder", function()
    support.write_file(path "a.log", cdr.line(1))
    follow { path "a.log" }
    expect_output(cdr.line(1))
    local code, _, err = support.run {
      "run", "-w", "-", "--state", path "state", path "rules.lua", path "a.log",
    }
    assert.not_equal(0, code)
    assert.matches("state", err, 1, true)
  end)

  it("needs no processor time when nothing comes", function()
    support.write_file(path "a.log", cdr.line(1))
    local p = follow { path "a.log", "--sweep", "3600" }
    expect_output(cdr.line(1))
    p:expect_sleep(2) -- once the commit after that line is done
  end)
end)
