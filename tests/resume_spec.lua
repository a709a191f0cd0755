-- kill -9 at random moments while a writer appends and rotates: every line arrives at least once,
-- in file order, and repeats only go back to the last commit.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local KILLS = support.soak and 50 or 5

local folder, out, process
local written -- how many lines each series has

local function path(name) return folder .. "/" .. name end

local function output() return support.read_file(out) or "" end

local function start(input)
  process = support.spawn {
    "run", "-w", out, "--state", path "state", path "rules.lua", input,
  }
end

local function until_it_follows()
  support.expect(function() return process:stderr():find "following" end, "its first message")
end

-- Appends `count` lines to the file; their series is `series`.
local function write(file, series, count)
  local from = (written[series] or 0) + 1
  written[series] = from + count - 1
  support.append(file, cdr.lines(from, written[series], series))
end

local function last_line(series) return cdr.line(written[series], series) end

local function expect_all()
  support.expect(function()
    local text = output()
    for series in pairs(written) do
      if not text:find(last_line(series), 1, true) then return false end
    end
    return true
  end, function() return "the last lines in the output; stderr: " .. process:stderr() end, 20)
end

-- When the state was last written, or 0.
local function committed()
  local latest = 0
  for _, name in ipairs { "state.db", "state.db-wal" } do
    local stat = support.stat(path("state/" .. name))
    if stat then latest = math.max(latest, stat.mtime) end
  end
  return latest
end

-- Until a transaction that began after now is in the state. Something must be there to commit.
local function expect_commit()
  local before = committed()
  support.expect(function() return committed() > before end, "a commit", 10)
end

-- In each series the numbers go up by one; at most `kills` times they go back instead.
local function fault(text, kills)
  local by_series = cdr.numbers(text)
  for series, last in pairs(written) do
    local before, returns = 0, 0
    for _, n in ipairs(by_series[series] or {}) do
      if n > before + 1 then return ("%s: %d follows %d"):format(series, n, before) end
      if n <= before then returns = returns + 1 end
      before = n
    end
    if before ~= last then return ("%s ends at %d, not at %d"):format(series, before, last) end
    if returns > kills then return ("%s: %d repeats in %d kills"):format(series, returns, kills) end
  end
end

-- Each kind of input: what it follows, and one step of its writer. `is_down`: the program is not
-- running, and only such rotations may happen that it can know of when it comes back.
local KINDS = {}
local ORDER = { "new files by date", "old files compressed", "rename", "copytruncate" }

KINDS["new files by date"] = {
  input = "cdr",
  step = function(k, random)
    k.day = (k.day or 1) + (random(4) == 1 and 1 or 0)
    local file = ("cdr/CDR.2020-10-%02d_17-50-01.log"):format(k.day)
    write(path(file), "day" .. k.day, random(100))
  end,
}

KINDS["old files compressed"] = {
  input = "cdr",
  step = function(k, random)
    local name = "cdr/CDR.2020-10-%02d_17-50-01.log"
    KINDS["new files by date"].step(k, random)
    k.zipped = k.zipped or 0
    if k.zipped < k.day - 2 then
      k.zipped = k.zipped + 1
      support.gzip(path(name:format(k.zipped)))
      support.remove(path(name:format(k.zipped)))
    end
  end,
}

KINDS["rename"] = {
  input = "server.log",
  step = function(k, random, is_down)
    local file = path "server.log"
    write(file, "A", random(100))
    if not is_down and random(4) == 1 then
      expect_all()
      expect_commit() -- a file that the state knows is found under its new name
      k.n = (k.n or 0) + 1
      support.rename(file, path("server.log." .. k.n))
      write(path("server.log." .. k.n), "A", random(20)) -- the writer still has it open
      write(file, "A", random(20))
    end
  end,
}

KINDS["copytruncate"] = {
  input = "server.log",
  step = function(_, random, is_down)
    local file = path "server.log"
    write(file, "A", random(100))
    if not is_down and random(4) == 1 then
      expect_all() -- what was not read is lost by the copytruncate itself
      support.truncate(file, 0)
      write(file, "A", random(200))
    end
  end,
}

before_each(function()
  folder = support.folder()
  out = path "out.log"
  written = {}
  support.mkdir(path "cdr")
  support.write_file(path "server.log", "")
  support.write_file(path "rules.lua", 'require("cdr").on("*", function() end)\n')
end)

after_each(support.clean)

describe("run, killed and started again,", function()
  for _, kind in ipairs(ORDER) do
    it("loses nothing with " .. kind, function()
      local k = KINDS[kind]
      math.randomseed(20200929) -- the same moments in every run, as far as writing goes
      local random = math.random
      for _ = 1, KILLS do
        start(path(k.input))
        for _ = 1, random(6) do
          k:step(random, false)
          local how = random(4)
          if how == 1 then expect_all() elseif how == 2 then expect_commit() end
        end
        process:kill "KILL"
        process:wait()
        for _ = 1, random(0, 2) do k:step(random, true) end
      end
      start(path(k.input))
      expect_all()
      until_it_follows() -- all may have been written before the kill
      assert.equal(0, process:stop())
      assert.is_nil(fault(output(), KILLS))
    end)
  end

  it("repeats nothing when all was committed before the kill", function()
    for _ = 1, KILLS do
      start(path "cdr")
      write(path "cdr/CDR.2020-10-01_17-50-01.log", "A", 50)
      expect_all()
      expect_commit()
      process:kill "KILL"
      process:wait()
    end
    assert.is_nil(cdr.fault(output(), 1, written.A, "A"))
  end)

  it("repeats nothing after SIGTERM and SIGINT", function()
    for i = 1, KILLS do
      start(path "cdr")
      write(path "cdr/CDR.2020-10-01_17-50-01.log", "A", 50)
      expect_all()
      process:kill(i % 2 == 0 and "TERM" or "INT")
      assert.equal(0, process:wait())
      write(path "cdr/CDR.2020-10-01_17-50-01.log", "A", 5)
    end
    start(path "cdr")
    expect_all()
    assert.equal(0, process:stop())
    assert.is_nil(cdr.fault(output(), 1, written.A, "A"))
  end)

  it("waits for the rest of a half-written line over the restart", function()
    local file, line = path "server.log", cdr.line(2)
    support.append(file, cdr.line(1) .. line:sub(1, 60))
    start(file)
    support.expect(function() return output() == cdr.line(1) end, "the first line")
    assert.equal(0, process:stop())
    support.append(file, line:sub(61))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 2) end, "the second line")
  end)

  it("takes what was rotated away while it was down", function()
    local file = path "server.log"
    support.append(file, cdr.lines(1, 10))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 10) end, "the first lines")
    assert.equal(0, process:stop())
    support.append(file, cdr.lines(11, 20))
    support.rename(file, file .. ".1")
    support.write_file(file, cdr.lines(21, 30))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 30) end, output)
  end)

  it("goes on in the .gz of a file that it had read half", function()
    local file = path "cdr/CDR.2020-10-01_17-50-01.log"
    support.append(file, cdr.lines(1, 100))
    start(path "cdr")
    support.expect(function() return output() == cdr.lines(1, 100) end, "the first lines")
    assert.equal(0, process:stop())
    support.append(file, cdr.lines(101, 200))
    support.gzip(file)
    support.remove(file)
    support.write_file(path "cdr/CDR.2020-10-02_17-50-01.log", cdr.lines(201, 210))
    start(path "cdr")
    support.expect(function() return output() == cdr.lines(1, 210) end, "the rest")
  end)

  it("knows the .gz of a file whose inode a new one was given in the same moment", function()
    local first = path "cdr/CDR.2020-10-01_17-50-01.log"
    local third = path "cdr/CDR.2020-10-03_17-50-01.log"
    support.append(first, cdr.lines(1, 100))
    support.append(path "cdr/CDR.2020-10-02_17-50-01.log", cdr.lines(101, 110))
    start(path "cdr")
    support.expect(function() return output() == cdr.lines(1, 110) end, "the first lines")
    assert.equal(0, process:stop())
    start(path "cdr")
    until_it_follows()
    process:kill "STOP"
    support.gzip(first)
    support.rename(first, third) -- as it looks when the disk gives the inode again
    support.write_file(third, cdr.lines(111, 130))
    process:kill "CONT"
    support.expect(function() return output():find(cdr.line(130), 1, true) end, "the new lines")
    assert.equal(0, process:stop())
    assert.equal(cdr.lines(1, 130), output())
  end)

  it("reads a file anew that was rewritten while it was down", function()
    local file = path "server.log"
    support.append(file, cdr.lines(1, 10, "A"))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 10, "A") end, "the first lines")
    assert.equal(0, process:stop())
    support.write_file(file, cdr.lines(1, 20, "B"))
    start(file)
    support.expect(function()
      return output() == cdr.lines(1, 10, "A") .. cdr.lines(1, 20, "B")
    end, "the new lines")
  end)

  it("cuts off a half line that a kill left in its output", function()
    local file = path "server.log"
    support.append(file, cdr.lines(1, 10))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 10) end, "the first lines")
    assert.equal(0, process:stop())
    support.append(out, cdr.line(11):sub(1, 40)) -- as a kill in the middle of a write leaves it
    support.append(file, cdr.line(11))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 11) end, output)
  end)

  it("cuts it off though nothing was committed before the kill", function()
    local file = path "server.log"
    start(file)
    until_it_follows()
    process:kill "KILL"
    process:wait()
    support.append(out, cdr.line(1):sub(1, 40))
    support.append(file, cdr.line(1))
    start(file)
    support.expect(function() return output() == cdr.line(1) end, output)
  end)

  it("begins anew beside a damaged state, and says so", function()
    local file = path "server.log"
    support.append(file, cdr.lines(1, 10))
    start(file)
    support.expect(function() return output() == cdr.lines(1, 10) end, "the first lines")
    assert.equal(0, process:stop())
    support.write_file(path "state/state.db", ("no database "):rep(1000))
    start(file)
    support.append(file, cdr.lines(11, 12))
    written.A = 12
    expect_all()
    assert.matches("damaged", process:stderr(), 1, true)
  end)
end)
