-- cdrlua run repair: what a crashed server left open is ended.
local rules = require "tests.support.rules"
local support = require "tests.support"

local TODAY = "examples/cdr/CDR.2020-09-29_17-50-01.log"
local TOMORROW = "examples/cdr/CDR.2020-09-30_17-50-01.log"

-- The first n lines of a file, and how many there are.
local function cut(path, n)
  local lines = rules.lines(support.read_file(path))
  return table.concat(lines, "\n", 1, math.min(n, #lines)) .. "\n", #lines
end

local function repair(...)
  local code, out, err = support.run { "run", "--once", "repair", ... }
  assert.equal(0, code, err)
  return out
end

local function added(text) return select(2, text:gsub('"repaired":true}}\n', "")) end

-- What calls must close without its own event.
local function open_ends(path)
  local rule = support.folder() .. "/open.lua"
  support.write_file(rule, [[
    local calls = require "cdr.calls"
    local function show(r) if r.synthetic then print(r.synthetic) end end
    for _, name in ipairs { "session.closed", "participant.left", "stream.closed",
      "recording.failed" } do calls.on(name, show) end
  ]])
  local code, out, err = support.run { "run", "--once", rule, path }
  assert.equal(0, code, err)
  return out
end

describe("repair", function()
  after_each(support.clean)

  it("leaves whole files as they are, byte for byte", function()
    local whole = support.read_file(TODAY) .. support.read_file(TOMORROW)
    assert.equal(whole, repair(TODAY, TOMORROW))
  end)

  it("ends all that is open, wherever the server died, and then has nothing to add", function()
    for _, path in ipairs { TODAY, TOMORROW } do
      local _, total = cut(path, 1)
      for n = 1, total - 1 do
        local file = support.folder() .. "/cut.jsonl"
        support.write_file(file, (cut(path, n)))
        local repaired = repair(file)
        assert.equal((cut(path, n)), repaired:sub(1, #cut(path, n)))
        support.write_file(file, repaired)
        assert.equal("", open_ends(file))
        assert.equal(repaired, repair(file))
      end
    end
  end)

  it("ends them before what the next server writes", function()
    local folder = support.folder()
    local first, second = cut(TODAY, 9), support.read_file(TOMORROW)
    support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log", first)
    support.write_file(folder .. "/CDR.2020-09-30_06-00-00.log", second)
    local out = repair(folder)
    assert.equal(first, out:sub(1, #first))
    assert.equal(second, out:sub(-#second))
    assert.is_true(added(out) > 0)
    assert.equal(added(out), #rules.lines(out:sub(#first + 1, -#second - 1)))
  end)

  it("writes the same where -w says", function()
    local file = support.folder() .. "/cut.jsonl"
    support.write_file(file, (cut(TODAY, 9)))
    assert.equal(repair(file), repair(file, "-w", "-"))
  end)

  it("leaves open at the end what is open, with end=false", function()
    local file = support.folder() .. "/cut.jsonl"
    support.write_file(file, (cut(TODAY, 9)))
    assert.equal(0, added(repair(file, "--set", "end=false")))
  end)

  it("makes what validate has no error for", function()
    local file = support.folder() .. "/cut.jsonl"
    support.write_file(file, (cut(TODAY, 14)))
    support.write_file(file, repair(file))
    local code, out = support.run { "run", "--once", "validate", file }
    assert.equal(0, code, out)
  end)
end)
