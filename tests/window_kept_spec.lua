-- cdr.window with a name: kept over a restart and a kill, exactly as cdr.state is.
local cdr = require "tests.support.cdr"
local rules = require "tests.support.rules"
local support = require "tests.support"

local KILLS = support.soak and 100 or 6

-- Windows of 200 and 50 lines, a line being a millisecond, and one with too many keys.
local KEPT = [[
local cdr = require "cdr"
local closed = cdr.sink "closed.log"
local last = cdr.window { seconds = 0.2, name = "last",
  of = { "count", "sum", "distinct", "p50" } }
local few = cdr.window { seconds = 60, name = "few", keys = 20 }
local each = cdr.window { seconds = 0.05, kind = "tumbling", name = "each", lateness = 0.04,
  on_close = function(key, got, from) closed:write(key .. " " .. got.count .. " " .. from) end }
local function add(event)
  last:add(event.sessionId, event.timestamp % 1000)
  last:add(event.event, event.timestamp % 1000)
  few:add(event.timestamp * 7919 // 64 % 40)
  each:add(event.sessionId)
  each:add(event.timestamp // 20)
  each:add(event.sessionId, nil, event.timestamp - 70)
end
cdr.on("*", add)
]]

-- What all of them have, said by a run that has read everything, or by one that reads nothing.
local TELL = [[
local function tell()
  for _, w in ipairs { last, few, each } do
    for key, got in w:each() do print(key, cdr.json.encode(got)) end
    print(cdr.json.encode(w:stats()))
  end
end
]]
local AT_THE_END = KEPT .. TELL .. 'cdr.on("input.ended", tell)\n'
local AT_ONCE = KEPT .. TELL .. "cdr.source(function() end)\ntell()\n"

describe("a named window, killed at any moment,", function()
  after_each(support.clean)

  local function tell(folder, script, ...)
    support.write_file(folder .. "/tell.lua", script)
    local code, out, errors = support.run { "run", "tell.lua", "--clock", "event", "--lateness",
      "0", cwd = folder, ... }
    assert.equal(0, code, errors)
    return rules.lines(out)
  end

  local function lines_of(folder)
    local seen, list = {}, {}
    for text in io.lines(folder .. "/closed.log") do
      if not seen[text] then seen[text], list[#list + 1] = true, text end
    end
    table.sort(list)
    return list
  end

  it("has and tells what it would have in one run", function()
    local folder, whole = support.folder(), support.folder()
    local file, written, process = folder .. "/server.log", 0, nil
    local function write(count)
      for n = written + 1, written + count do
        support.append(file, cdr.line(n, ({ "A", "B", "C" })[n % 3 + 1]))
      end
      written = written + count
    end
    local function start()
      process = support.spawn { "run", "keep.lua", file, "-w", "out.log", "--state", "state",
        "--clock", "event", "--lateness", "0", cwd = folder }
    end
    local function arrived()
      local text = support.read_file(folder .. "/out.log") or ""
      return text:find(('"timestamp":%d'):format(1601394690713 + written), 1, true)
    end
    support.write_file(folder .. "/keep.lua", KEPT)
    support.write_file(file, "")
    math.randomseed(12)
    for kill = 1, KILLS do
      local before = support.stat(folder .. "/state/state.db-wal")
      start()
      write(math.random(200))
      if kill % 3 > 0 then
        support.wait_for(function()
          local now = support.stat(folder .. "/state/state.db-wal")
          return now and arrived() and (not before or now.mtime > before.mtime)
        end, 5)
      end
      write(math.random(200))
      if math.random(2) == 1 then support.wait_for(arrived, 5) end
      process:kill "KILL"
      process:wait()
    end
    start()
    write(10)
    support.expect(arrived, function() return "the last line; " .. process:stderr() end, 20)
    assert.equal(0, process:stop())

    local expected = tell(whole, AT_THE_END, "--once", file)
    assert.is_true(#expected > 30)
    assert.same(expected, tell(folder, AT_ONCE, "--state", "state"))
    assert.is_true(#lines_of(whole) > 10)
    assert.same(lines_of(whole), lines_of(folder))
  end)

  it("begins anew, and says so, when its options are others", function()
    local folder = support.folder()
    local function go(options)
      support.write_file(folder .. "/rules.lua", ([[
        local cdr = require "cdr"
        local w = cdr.window { seconds = 60, name = "x", %s }
        cdr.on("*", function(event) w:add("a", 1) end)
        cdr.on("input.ended", function() print(w:count "a") end)
      ]]):format(options))
      support.append(folder .. "/server.log", cdr.line(1))
      local _, out, errors = support.run { "run", "--once", "rules.lua", "server.log", "--state",
        "state", cwd = folder }
      return out, errors:match "window[^\n]*"
    end
    assert.same({ "1\n" }, { go "" })
    assert.same({ "2\n" }, { go "keys = 7" })
    assert.same({ "1\n", 'window "x": its options have changed, it begins anew' },
      { go 'of = { "count", "sum" }' })
    assert.same({ "2\n" }, { go 'of = { "count", "sum" }' })
  end)
end)
