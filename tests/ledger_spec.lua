-- Which lines are in hand, and so where each file may resume.
local support = require "tests.support"
local native = require "native_state"

-- The ledger as the contract tells it, slow and plain: every line ever read, with who holds it.
local Model = {}
Model.__index = Model

local function new_model() return setmetatable({ lines = {}, told = {}, newest = 0 }, Model) end

function Model:add(file, offset, held)
  local line = { file = file, offset = offset, held = held }
  self.lines[#self.lines + 1] = line
  if held > 0 then
    self.newest = self.newest + 1
    line.ticket = self.newest
  end
  return line
end

function Model:open_lines()
  local open = {}
  for _, line in ipairs(self.lines) do
    if line.held > 0 then open[#open + 1] = line end
  end
  return open
end

-- The end of the last line before the oldest open one, for each file that has one.
function Model:safe()
  local safe, stuck = {}, {}
  for _, line in ipairs(self.lines) do
    if line.held > 0 then stuck[line.file] = true end
    if line.file ~= 0 and not stuck[line.file] then safe[line.file] = line.offset end
  end
  return safe
end

-- Those that moved since the last time.
function Model:moved()
  local safe, moved = self:safe(), {}
  for file, offset in pairs(safe) do
    if self.told[file] ~= offset then moved[file] = { offset = offset, tail = offset } end
  end
  self.told = safe
  return moved
end

local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

-- Random work on both, by one who holds some lines for long, compared after each step.
local function compare(seed, steps)
  math.randomseed(seed)
  local ledger, model, ends = native.ledger(), new_model(), {}
  local patience = math.random(2, 40)

  local function next_end()
    local file = math.random(0, 3)
    ends[file] = (ends[file] or 0) + math.random(1, 500)
    return file, ends[file]
  end
  local function let_go(line)
    line.held = line.held - 1
    ledger:release(line.ticket)
  end
  local function pick(open) return open[math.random(math.random(#open), #open)] end

  local work = {
    function() -- a line that somebody waits for
      local file, offset = next_end()
      assert.equal(model:add(file, offset, 1).ticket, ledger:open(file, offset))
    end,
    function() -- a line that nobody wants
      local file, offset = next_end()
      if file ~= 0 then model:add(file, offset, 0) end
      ledger:pass(file, offset)
    end,
    function(open)
      local line = pick(open)
      line.held = line.held + 1
      ledger:hold(line.ticket)
    end,
    function(open) let_go(pick(open)) end,
  }
  for step = 1, steps do
    local open = model:open_lines()
    local kind = #open == 0 and math.random(2) or #open > patience and 4 or math.random(4)
    work[kind](open)
    local where = ("seed %d, step %d"):format(seed, step)
    open = model:open_lines()
    assert.equal(#open, ledger:in_hand(), where)
    assert.equal(model.newest, ledger:newest(), where)
    local ticket = math.random(0, model.newest)
    assert.equal(not open[1] or open[1].ticket > ticket, ledger:settled(ticket), where)
    if math.random(8) == 1 then
      local expected = model:moved()
      local moved, n = ledger:moved()
      assert.same(expected, moved, where)
      assert.equal(count(expected), n, where)
    end
  end
end

local function memory_kib()
  return tonumber(support.read_file("/proc/self/status"):match "RssAnon:%s*(%d+)")
end

describe("the place where a file may resume", function()
  local ledger

  before_each(function() ledger = native.ledger() end)
  after_each(support.clean)

  it("is the end of the last line that is done", function()
    local ticket = ledger:open(1, 100, 77)
    assert.same({}, (ledger:moved()))
    ledger:release(ticket)
    assert.same({ { offset = 100, tail = 77 } }, (ledger:moved()))
  end)

  it("never passes a line in hand", function()
    local first, second, third = ledger:open(1, 10), ledger:open(1, 20), ledger:open(1, 30)
    ledger:release(third)
    ledger:release(first)
    assert.same({ { offset = 10, tail = 10 } }, (ledger:moved()))
    ledger:release(second)
    assert.same({ { offset = 30, tail = 30 } }, (ledger:moved()))
  end)

  it("never passes a line in hand when nobody wants the lines behind it", function()
    local first = ledger:open(1, 10)
    ledger:pass(1, 20)
    local second = ledger:open(1, 30)
    ledger:pass(1, 40)
    assert.same({}, (ledger:moved()))
    ledger:release(second)
    assert.same({}, (ledger:moved()))
    ledger:release(first)
    assert.same({ { offset = 40, tail = 40 } }, (ledger:moved()))
  end)

  it("stays while anybody holds the line", function()
    local ticket = ledger:open(1, 10)
    ledger:hold(ticket)
    ledger:release(ticket)
    assert.same({}, (ledger:moved()))
    assert.equal(1, ledger:in_hand())
    ledger:release(ticket)
    assert.equal(1, count((ledger:moved())))
    assert.equal(0, ledger:in_hand())
  end)

  it("of one file does not wait for a line of another", function()
    local slow = ledger:open(1, 10)
    ledger:release(ledger:open(2, 20))
    ledger:pass(3, 30)
    assert.same({ [2] = { offset = 20, tail = 20 }, [3] = { offset = 30, tail = 30 } },
      (ledger:moved()))
    ledger:release(slow)
    assert.same({ { offset = 10, tail = 10 } }, (ledger:moved()))
  end)

  it("is told once", function()
    ledger:pass(1, 10)
    assert.equal(1, select(2, ledger:moved()))
    assert.equal(0, select(2, ledger:moved()))
  end)

  it("is told of every file of a large backfill", function()
    for file = 1, 5000 do ledger:pass(file, file) end
    assert.equal(5000, select(2, ledger:moved()))
    assert.equal(0, select(2, ledger:moved()))
  end)

  it("does not exist for what comes from no file", function()
    local ticket = ledger:open(0, 10)
    assert.equal(1, ledger:in_hand())
    ledger:pass(0, 20)
    ledger:release(ticket)
    assert.equal(0, ledger:in_hand())
    assert.equal(0, select(2, ledger:moved()))
  end)

  it("keeps offsets and hashes of 64 bits", function()
    ledger:pass(0xffffffff, math.mininteger, -1)
    assert.same({ [0xffffffff] = { offset = math.mininteger, tail = -1 } }, (ledger:moved()))
  end)

  it("is right after any work in any order", function()
    for seed = 1, support.soak and 2000 or 150 do compare(seed, 600) end
  end)
end)

describe("the tickets", function()
  local ledger

  before_each(function() ledger = native.ledger() end)
  after_each(support.clean)

  it("tell when all that was read before a cut is done", function()
    assert.is_true(ledger:settled(0))
    local first = ledger:open(1, 10)
    local cut = ledger:newest()
    local second = ledger:open(1, 20)
    ledger:release(second)
    assert.is_false(ledger:settled(cut))
    ledger:release(first)
    assert.is_true(ledger:settled(cut))
    assert.is_true(ledger:settled(second))
  end)

  it("may be none", function()
    ledger:hold(0)
    ledger:release(0)
    assert.equal(0, ledger:in_hand())
  end)

  for what, code in pairs {
    ["let go twice"] = "l:open(1, 5) l:release(l:open(1, 10)) l:release(2)",
    ["never opened"] = "l:open(1, 10) l:release(7)",
  } do
    it("that are " .. what .. " are a mistake of ours", function()
      local p = support.spawn {
        program = "lua5.4", "-e",
        ("package.cpath = %q l = require 'native_state'.ledger() %s os.exit(0, false)"):format(
          package.cpath, code),
        env = { LD_PRELOAD = os.getenv "LD_PRELOAD" },
      }
      p:wait()
      assert.matches("Assertion", p:stderr())
    end)
  end

  it("take no memory for what passes a line that waits for long", function()
    local slow = ledger:open(1, 1)
    local before = memory_kib()
    for i = 2, 300000 do ledger:release(ledger:open(1, i)) end
    ledger:pass(1, 300001, nil, 1000000)
    assert.is_true(memory_kib() - before < 1024)
    ledger:release(slow)
    assert.equal(1300000, ledger:moved()[1].offset)
  end)

  it("cost next to nothing for lines that nobody wants", function()
    local start = os.clock()
    ledger:pass(1, 1, nil, 10000000)
    local each_ns = (os.clock() - start) * 100
    assert.is_true(each_ns < 100, each_ns .. " ns a line")
  end)
end)
