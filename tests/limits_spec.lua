-- What a handler does that never ends, takes all memory or crashes: it hurts one event.
local rules = require "tests.support.rules"
local support = require "tests.support"

local function created(session) return ('{"sessionCreated":{"sessionId":"%s"}}'):format(session) end

local LINES = { created "A", created "bad", created "C" }

-- A pattern that C code would search for longer than the world lasts.
local NEVER = '(("a"):rep(40) .. "b"):find(("a?"):rep(40) .. ("a"):rep(40) .. "$")'

local RULES = [[
  cdr.on("sessionCreated", function(event)
    if event.sessionId ~= "bad" then return end
    %s
  end)]]

-- Runs the text as the handler of the second of three lines.
local function run(text, ...)
  return rules.run(RULES:format(text), LINES, { "-w", "-", "--max-time", "0.3", ... })
end

after_each(support.clean)

describe("a handler that runs too long", function()
  local LOOPS = {
    ["in a loop"] = "while true do end",
    ["and catches what is raised"] = "while true do pcall(function() while true do end end) end",
    ["in a coroutine of its own"] = [[
      local co = coroutine.create(function() while true do end end)
      while true do coroutine.resume(co) end]],
    ["in a coroutine that is wrapped and asked again"] = [[
      local more = coroutine.wrap(function()
        while true do pcall(function() for _ = 1, 1e4 do end coroutine.yield(1) end) end
      end)
      while true do more() end]],
    ["in coroutines of coroutines"] = [[
      local function nest() while true do pcall(coroutine.wrap(nest)) end end
      nest()]],
    ["in what closes a variable of its coroutine"] = [[
      local co = coroutine.create(function()
        local _ <close> = setmetatable({}, { __close = function() while true do end end })
        coroutine.yield()
      end)
      coroutine.resume(co)
      coroutine.close(co)]],
    ["below a function of Lua's own"] = [[
      while true do ("x"):rep(100):gsub(".", function() end) end]],
    ["in what closes a variable"] = [[
      local _ <close> = setmetatable({}, { __close = function() while true do end end })]],
  }
  for name, text in pairs(LOOPS) do
    it(name .. " hurts one event", function()
      local result = run(text)
      assert.same(LINES, result.lines)
      assert.equal(1, #result.rejects)
      assert.matches("rules%.lua:%d+: ran longer than 0%.3 s %(%-%-max%-time%)", result.rejects[1])
      assert.equal(0, result.code)
    end)
  end

  it("in what closes a variable after a failure is ended, too", function()
    local result = run [[
      local _ <close> = setmetatable({}, { __close = function()
        while true do pcall(function() while true do end end) end
      end })
      error "failed"]]
    assert.same(LINES, result.lines)
    assert.equal(1, #result.rejects)
    assert.matches("failed", result.rejects[1], 1, true)
    assert.equal(0, result.code)
  end)

  it("leaves its coroutine fit for the next", function()
    local result = rules.run(RULES:format "while true do end" .. [[

      cdr.on("*", function(event) for i = 1, 1e5 do event.n = i end print(event.n) end)]],
      LINES, { "--max-time", "0.3" })
    assert.same({ "100000", "100000", "100000" }, result.lines)
  end)

  it("hurts one event each time", function()
    local lines, rejects = {}, {}
    for n = 1, 3 do lines[n] = created("bad" .. n) end
    local result = rules.run([[
      local seen = cdr.state "seen"
      cdr.on("sessionCreated", function() seen.n = (seen.n or 0) + 1 while true do end end)
      cdr.on("input.ended", function() print(seen.n) end)]], lines, { "--max-time", "0.3" })
    for n, reject in ipairs(result.rejects) do rejects[n] = reject:match "ran longer.*bad(%d)" end
    assert.same({ "1", "2", "3" }, rejects)
    assert.same({ "3" }, result.lines)
  end)

  it("is one, whatever it waited before", function()
    local result = run "cdr.sleep(0.5) cdr.sleep(0.5)"
    assert.same({}, result.rejects)
    result = run "cdr.sleep(0.1) while true do end"
    assert.equal(1, #result.rejects)
  end)

  it("is none where it tells of the end, or has all the time", function()
    local result = rules.run([[
      cdr.on("input.ended", function()
        local from = os.clock()
        while os.clock() - from < 0.7 do end
        print "report"
      end)]], LINES, { "--max-time", "0.3" })
    assert.same({ "report" }, result.lines)
    local long = "local from = os.clock() while os.clock() - from < 0.7 do end"
    assert.same({}, run(long, "--max-time", "0").rejects)
  end)

  it("in a timer is told, and the next one runs", function()
    local result = rules.run([[
      local n = 0
      cdr.every(1, function() n = n + 1 if n == 1 then while true do end end print(n) end)]],
      { '{"sessionCreated":{"sessionId":"A","timestamp":1601394690000}}',
        '{"sessionDestroyed":{"sessionId":"A","timestamp":1601394693000}}' },
      { "--max-time", "0.3", "--clock", "event" })
    assert.matches("ran longer than 0.3 s", result.errors, 1, true)
    assert.equal("2", result.lines[1])
  end)
end)

describe("scripts that take too much memory", function()
  local TAKERS = {
    ["in many pieces"] = "local t = {} while true do t[#t + 1] = {} end",
    ["in large pieces"] = 'local t = {} while true do t[#t + 1] = ("x"):rep(1e6) .. #t end',
    ["in what outlives the event"] = "hoard = {} while true do hoard[#hoard + 1] = {} end",
    ["at once"] = 'local s = ("x"):rep(1e9) return s',
  }
  for name, text in pairs(TAKERS) do
    it(name .. " hurt one event", function()
      local result = run(text, "--max-time", "0", "--max-memory", "64M")
      assert.same(LINES, result.lines)
      assert.equal(1, #result.rejects)
      assert.matches("more .*memory%)?\"", result.rejects[1])
      assert.equal(0, result.code)
    end)
  end

  it("get no more within one call, either", function()
    local result = run([[
      local t, text = {}, ("x"):rep(1e6)
      for i = 1, 1000 do t[i] = text end
      print(pcall(table.concat, t))
      print(io.open "/proc/self/status":read "a":match "VmHWM:%s*(%d+)")]],
      "--max-time", "0", "--max-memory", "64M")
    assert.equal("false\tnot enough memory", result.lines[2])
    local kib = tonumber(result.lines[3])
    assert.is_true(kib < 128 * 1024 or os.getenv "CDRLUA_ASAN_OPTIONS" ~= nil, kib)
    assert.same({}, result.rejects)
  end)

  it("may make as much garbage as they like", function()
    local result = run('for i = 1, 300 do local s = ("x"):rep(1e6) .. i end',
      "--max-time", "0", "--max-memory", "64M")
    assert.same({}, result.rejects)
  end)

  it("are given a limit that leaves room for the program", function()
    for _, size in ipairs { "1M", "-1", "64X", "" } do
      local result = run("", "--max-memory", size)
      assert.equal(2, result.code)
      assert.matches("--max-memory " .. size .. ": not a size from 64M on, nor 0", result.errors, 1,
        true)
    end
  end)
end)

describe("what cannot be ended from inside", function()
  local folder, words

  before_each(function()
    folder = support.folder()
    words = { "run", "-w", "out", "--state", "S", "rules.lua", "cdr.log", cwd = folder }
    support.write_file(folder .. "/cdr.log", table.concat(LINES, "\n") .. "\n")
  end)

  local function write_rules(text)
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. RULES:format(text))
  end

  local function spawn(...)
    return support.spawn(table.move({ ... }, 1, select("#", ...), #words + 1, words))
  end

  -- All but the bad line went through, and that one is among the rejects.
  local function expect_rejected(reason)
    support.expect(function()
      return support.read_file(folder .. "/out") == LINES[1] .. "\n" .. LINES[3] .. "\n"
    end, "the other lines", 20)
    local rejects = rules.lines(support.read_file(folder .. "/S/rejects.jsonl"))
    assert.equal(1, #rejects)
    assert.matches('"station":"rules","file":"cdr.log"', rejects[1], 1, true)
    assert.matches(reason, rejects[1], 1, true)
  end

  it("is passed over by the same process, started anew from the last commit", function()
    write_rules("return " .. NEVER)
    local p = spawn("--max-time", "0.2")
    expect_rejected "the handler never came back"
    assert.matches("started anew from the last commit", p:stderr(), 1, true)
    support.append(folder .. "/cdr.log", created "D" .. "\n")
    support.expect(function() return support.read_file(folder .. "/out"):find '"D"' end)
    assert.equal(0, p:stop())
  end)

  it("is passed over after a crash, too", function()
    write_rules 'local f <close> = io.open("here", "w") while true do end'
    local p = spawn("--max-time", "60")
    support.expect(function() return support.stat(folder .. "/here") end, "the handler")
    p:kill "ABRT"
    expect_rejected "the program was ended by SIGABRT"
    assert.equal(0, p:stop())
    -- and by a run that begins from the start, with the same state
    support.remove(folder .. "/out")
    p = spawn("--from", "start")
    support.expect(function() return support.read_file(folder .. "/out") end)
    assert.is_nil(support.read_file(folder .. "/out"):find '"bad"')
    p:stop()
  end)

  it("ends the run where it happens again and again", function()
    local bad = {}
    for i = 1, 9 do bad[i] = LINES[2] end
    support.write_file(folder .. "/cdr.log", table.concat(bad, "\n") .. "\n")
    write_rules("return " .. NEVER)
    local p = spawn("--max-time", "0.1")
    assert.equal(1, p:wait())
    assert.matches("error: rules: the handler never came back: the run ends", p:stderr(), 1, true)
    -- and the next one knows these six lines
    write_rules ""
    p = spawn()
    support.expect(function()
      return support.read_file(folder .. "/out") == table.concat(bad, "\n", 1, 3) .. "\n"
    end, function() return p:stderr() .. tostring(support.read_file(folder .. "/out")) end, 20)
    local kept = {}
    for line in support.read_file(folder .. "/S/rejects.jsonl"):gmatch '"line":(%d+)' do
      kept[tonumber(line)] = true
    end
    assert.same({ true, true, true, true, true, true }, kept)
    assert.equal(0, p:stop())
  end)

  it("ends the run that was asked to stop meanwhile", function()
    write_rules('io.open("here", "w"):close() return ' .. NEVER)
    local p = spawn("--max-time", "0.5")
    support.expect(function() return support.stat(folder .. "/here") end, "the handler")
    p:kill "TERM"
    assert.equal(1, p:wait())
    assert.matches("the handler never came back: the run ends", p:stderr(), 1, true)
    -- and the next one knows the line
    p = spawn()
    expect_rejected "the handler never came back"
    assert.equal(0, p:stop())
  end)

  it("ends the run that has ended but for a finalizer", function()
    write_rules "setmetatable({}, { __gc = function() while true do end end })"
    table.insert(words, 2, "--once")
    local p = spawn("--max-time", "0.1")
    assert.equal(1, p:wait())
    assert.matches("error: a finalizer (__gc) never came back: the run ends", p:stderr(), 1, true)
    assert.equal(table.concat(LINES, "\n") .. "\n", support.read_file(folder .. "/out"))
  end)

  it("is found where the host decodes", function()
    local many = {}
    for i = 1, 3000 do many[i] = ('{"sessionDestroyed":{"sessionId":"%d","a":[{}]}}'):format(i) end
    support.write_file(folder .. "/cdr.log", LINES[2] .. "\n" .. table.concat(many, "\n") .. "\n")
    write_rules "setmetatable({}, { __gc = function() while true do end end })"
    support.append(folder .. "/rules.lua", '\ncdr.on("*", function() end)\n')
    local p = spawn("--max-time", "0.1")
    assert.equal(1, p:wait())
    assert.matches("a finalizer (__gc) never came back: started anew", p:stderr(), 1, true)
  end)

  it("ends the run where nothing could be read again", function()
    write_rules("return " .. NEVER)
    words[7] = "-"
    words.stdin = folder .. "/cdr.log"
    local p = spawn("--max-time", "0.1")
    assert.equal(1, p:wait())
    assert.matches("the handler never came back: the run ends", p:stderr(), 1, true)
  end)
end)
