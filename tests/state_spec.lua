-- cdr.state: tables that survive, exact over kills, also while handlers wait.
local cdr = require "tests.support.cdr"
local rules = require "tests.support.rules"
local support = require "tests.support"

local function run(folder, text, input, ...)
  support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. text)
  support.write_file(folder .. "/input.jsonl", input or "")
  local code, out, errors = support.run { "run", "--once", "--state", "state", "rules.lua",
    "input.jsonl", "--rejects", "rejects.jsonl", cwd = folder, ... }
  return rules.lines(out), errors, code
end

-- Runs `text` as a handler of one event, and `after` in a second run.
local function twice(text, after)
  local folder = support.folder()
  local setup = 'local t = cdr.state "t"\ncdr.on("*", function(event)\n%s\nend)\n'
  local _, errors = run(folder, setup:format(text), cdr.line(1))
  assert.equal("", (errors:gsub("cdrlua: %d+ line[^\n]*\n", "")))
  local lines
  lines, errors = run(folder, setup:format(after), cdr.lines(1, 2))
  return lines, errors
end

describe("cdr.state", function()
  after_each(support.clean)

  it("keeps texts, numbers, booleans, null and tables of them as they were", function()
    local lines = twice([[
      t.text, t.integer, t.float, t.whole, t.yes, t.no = "Zoë\0\n", 2^53 | 0, 0.1, 8.0, true, false
      t.null, t.list = cdr.null, { 1, "two", { 3.0 } }
      t.nested = { a = { b = { c = cdr.array {} } } }
      t[7], t["7"], t[-9007199254740993] = "number", "text", 1
    ]], [[
      print(("%q %q %q %q %q %q"):format(t.text, t.integer, t.float, t.whole, t.yes, t.no))
      print(t.null == cdr.null, cdr.json.encode(t.list), cdr.json.encode(t.nested))
      print(t[7], t["7"], t[-9007199254740993], #t, t.absent)
    ]])
    assert.same({
      '"Zoë\\0\\', '" 9007199254740992 0x1.999999999999ap-4 0x1p+3 true false',
      'true\t[1,"two",[3.0]]\t{"a":{"b":{"c":[]}}}', "number\ttext\t1\t12\tnil",
    }, lines)
  end)

  it("keeps what was changed inside of a value, and forgets what was set to nil", function()
    local lines = twice([[ t.a, t.b, t.c = { n = 1 }, { n = 1 }, 3 t.c = nil t.a.n = 2 t.a.m = 5 ]],
      [[ print(t.a.n, t.a.m, t.b.n, t.c, #t) ]])
    assert.same({ "2\t5\t1\tnil\t2" }, lines)
    lines = twice([[ t.a = 1 t.b = 2 ]], [[
      for key, value in pairs(t) do print(key, value) t[key] = nil end
      print(#t, next({}), t.a) ]])
    table.sort(lines)
    assert.same({ "0\tnil\tnil", "a\t1", "b\t2" }, lines)
  end)

  it("is shared by the scripts of a run", function()
    local got = rules.run({
      [[ local t = cdr.state "t" cdr.on("*", function() t.n = (t.n or 0) + 1 end) ]],
      [[ local t = cdr.state "t" cdr.on("*", function() print(t.n) end) ]],
    }, { (cdr.line(1):gsub("\n", "")), (cdr.line(2):gsub("\n", "")) })
    assert.same({ "1", "2" }, got.lines)
  end)

  it("keeps what a failing handler did up to its failure", function()
    local folder = support.folder()
    run(folder, 'local t = cdr.state "t" cdr.on("*", function() t.a = 1 error "x" t.b = 2 end)',
      cdr.line(1))
    assert.same({ "1\tnil" }, run(folder,
      'local t = cdr.state "t" cdr.on("input.ended", function() print(t.a, t.b) end)'))
  end)

  it("keeps nothing with --once and no --state", function()
    local got = rules.run([[
      local t = cdr.state "t"
      print(#t)
      cdr.on("*", function() t.n = 1 end)
    ]], { (cdr.line(1):gsub("\n", "")) }, {})
    assert.same({ "0" }, got.lines)
  end)

  -- What is done, and the sentence behind "rules.lua:4: ".
  local mistakes = {
    { "t.f = print", 'state "t": f: a function cannot be kept' },
    { "t.f = { a = { b = coroutine.create(print) } }", 'f.a.b: a thread cannot be kept' },
    { "t.f = 0/0", "f: not a finite number" },
    { "t.f = { x = 1/0 }", "f.x: not a finite number" },
    { "t[true] = 1", "a key must be a text or an integer" },
    { "t[1.5] = 1", "a key must be a text or an integer" },
    { "t.f = { [1.5] = 1 }", "f: a key must be a text or an integer" },
    { "local a = {} a.a = a t.f = a", "nested deeper than 32, or in itself" },
    { "t.f = { a = { [3] = 1 } }", "f.a: has a hole, or keys that are no names" },
    { "t.f = { 1, x = 2 }", "f: has both texts and integers as keys" },
    { "t.f = { a = t }", "f.a: a state table cannot be kept in another" },
    { "t.f = cdr.state 'u'", "f: a state table cannot be kept in another" },
    { 't.f = ("x"):rep(2 << 20)', "f: is larger than 1 MiB" },
    { "setmetatable(t, nil)", "cannot change a protected metatable" },
    { "cdr.json.encode { a = t }", 'field "a": a table of cdr.state cannot be written' },
    { 't[("x"):rep(1025)] = 1', "is longer than 1024 bytes" },
    { 'cdr.state("u", { ttl = -1 })', "ttl must be seconds above 0" },
    { 'cdr.state("u", { ttl = 0/0 })', "ttl must be seconds above 0" },
    { 'cdr.state("u", { ttl = 1/0 })', "ttl must be seconds above 0" },
    { 'cdr.state("u", { tll = 5 })', 'state "u": no option "tll"' },
    { 'cdr.state("u", 5)', 'state "u": options must be a table, not a number' },
    { 'cdr.state("")', "a state table needs a name of 1 to 200 bytes" },
  }
  for _, mistake in ipairs(mistakes) do
    it("refuses " .. mistake[1], function()
      local got = rules.run('local t = cdr.state "t"\ncdr.on("*", function()\n' .. mistake[1]
        .. "\nend)", { (cdr.line(1):gsub("\n", "")) })
      assert.is_truthy(got.errors:find(mistake[2], 1, true), got.errors)
      assert.is_truthy(got.errors:find("rules.lua:4:", 1, true), got.errors)
    end)
  end

  it("does not go out as {} with an event", function()
    local got = rules.run([[
      local t = cdr.state "t"
      cdr.on("*", function(event) t.a = 1 event.t = t end)
    ]], { (cdr.line(1):gsub("\n", "")) }, { "-w", "-" })
    assert.is_nil(table.concat(got.lines):find('"t":{}', 1, true))
    assert.matches('field "t": a table of cdr.state cannot be written', got.errors, 1, true)
  end)

  it("counts what it cannot keep", function()
    local _, errors = run(support.folder(), [[
      local t = cdr.state "t"
      cdr.on("*", function() for i = 1, 8 do t[i] = {} t[i].f = print end end)
    ]], cdr.line(1))
    assert.matches(", 8 values of state not kept\n", errors, 1, true)
  end)

  -- What becomes of t.a behind the assignment, and the sentence.
  local hidden = {
    { "t.a = { list = {} } t.a.list[3] = 1",
      'field "list": has a hole, or keys that are no names' },
    { 't.a = { ("x"):rep(1 << 20) }', "its value is larger than 1 MiB" },
    { "t.a = {} t.a.t = t", 'field "t": a table of cdr.state cannot be written' },
    { "t.a = { deep = {} } t.a.deep.f = print", 'field "deep.f": a function cannot be written' },
    { "t.a = {} t.a.n = 0/0", 'field "n": not a finite number' },
  }
  for _, case in ipairs(hidden) do
    it("tells at the next commit that it cannot keep " .. case[1], function()
      local folder = support.folder()
      local _, errors = run(folder, 'local t = cdr.state "t" cdr.on("*", function() t.b = 1 '
        .. case[1] .. " end)", cdr.line(1))
      assert.is_truthy(errors:find("state t: key a is not kept: " .. case[2], 1, true), errors)
      local lines = run(folder, [[
        local t = cdr.state "t"
        cdr.on("input.ended", function() print(t.a, t.b) end)
      ]])
      assert.same({ "nil\t1" }, lines)
    end)
  end

  it("drops keys that were not touched for their ttl, on the events' clock", function()
    local folder = support.folder()
    local text = [[
      local t = cdr.state("t", { ttl = 10 })
      cdr.on("sessionCreated", function(event) t[event.sessionId] = event.timestamp end)
      cdr.on("input.ended", function()
        local names = {}
        for name in pairs(t) do names[#names + 1] = name end
        table.sort(names)
        print(table.concat(names, " "))
      end)
    ]]
    local function at(seconds, id)
      return ('{"sessionCreated":{"sessionId":"%s","timestamp":%d}}\n'):format(id,
        1600000000000 + seconds * 1000)
    end
    local function go(...)
      local input = ""
      for _, line in ipairs { ... } do input = input .. line end
      return run(folder, text, input)[1]
    end
    go(at(0, "a"), at(3, "b"))
    assert.equal("a b c", go(at(0, "a"), at(3, "b"), at(9, "c")))
    assert.equal("a b c d", go(at(0, "a"), at(3, "b"), at(9, "c"), at(20.5, "d")))
    assert.equal("d", go(at(0, "a"), at(3, "b"), at(9, "c"), at(20.5, "d")):match "d.*")
  end)

  it("drops them too where a script goes through all of them now and then", function()
    local folder, input = support.folder(), ""
    local function at(seconds, id)
      input = input .. ('{"sessionCreated":{"sessionId":"%s","timestamp":%d}}\n'):format(id,
        1600000000000 + seconds * 1000)
      return run(folder, [[
        local t = cdr.state("t", { ttl = 10 })
        cdr.on("sessionCreated", function(event)
          local sum = 0
          for _, value in pairs(t) do
            value.n = value.n + 1
            sum = sum + value.n
          end
          t[event.sessionId] = { n = 0 }
          print(#t, sum)
        end)
      ]], input)[1]
    end
    assert.equal("1\t0", at(0, "a"))
    assert.equal("2\t1", at(6, "b"))
    assert.equal("3\t3", at(12, "c"))
    assert.equal("3\t3", at(18, "d"))
  end)
end)

describe("a handler that has waited", function()
  after_each(support.clean)

  -- The number that is kept in the state "t", or nil.
  local function kept(folder)
    local _, value = support.run { program = "sqlite3", folder .. "/state/state.db",
      "SELECT value FROM state WHERE name = 't'" }
    return tonumber(value)
  end

  it("has what it sends written though no other line comes", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua",
      'local cdr = require "cdr" cdr.on("*", function() cdr.sleep(0.05) end)\n')
    support.write_file(folder .. "/server.log", cdr.line(1))
    support.spawn { "run", "rules.lua", "server.log", "-w", "out.log", "--state", "state",
      cwd = folder }
    support.expect(function()
      return support.read_file(folder .. "/out.log") == cdr.line(1)
    end, "the line")
  end)

  for _, clock in ipairs { "auto", "wall" } do
    it("is held up by no timers that wait, too, with --clock " .. clock, function()
      local folder = support.folder()
      support.write_file(folder .. "/rules.lua", [[
        local cdr = require "cdr"
        local t = cdr.state "t"
        cdr.on("*", function() t.n = (t.n or 0) + 1 end)
        cdr.every(0.5, function() cdr.sleep(0.8) end)]])
      support.write_file(folder .. "/server.log",
        ('{"sessionCreated":{"sessionId":"A","timestamp":%d000}}\n'):format(os.time() - 1))
      support.spawn { "run", "rules.lua", "server.log", "--state", "state", "--clock", clock,
        "--lateness", "0", cwd = folder }
      support.expect(function()
        return kept(folder) == 1
      end, "a commit", 20)
    end)
  end

  it("is held up by no stream of others that wait, too: then new lines pause", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      local t = cdr.state "t"
      cdr.on("*", function(event)
        t.n = (t.n or 0) + 1
        cdr.sleep(0.5)
      end)]])
    local p = support.spawn { "run", "rules.lua", "-", "--state", "state", cwd = folder,
      stdin = "pipe" }
    local n, written = 0, support.now()
    support.expect(function()
      if support.now() - written > 0.1 then
        n, written = n + 1, support.now()
        p:write(cdr.line(n, "s" .. n))
      end
      return kept(folder)
    end, "a commit", 20)
    assert.is_true(n > 8)
    p:close_stdin()
    assert.equal(0, p:wait())
    assert.matches(", %d pauses? for a? ?handlers? that waits?", p:stderr())
  end)

  it("is not held up by more lines than can be done in the time of a pause", function()
    if not support.soak then pending "takes two minutes: make soak" return end
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      local t = cdr.state "t"
      cdr.on("*", function(event)
        t.n = (t.n or 0) + 1
        cdr.sleep(0.02)
      end)]])
    local file <close> = assert(io.open(folder .. "/server.log", "w"))
    for n = 1, 80000 do file:write(cdr.line(n, "s" .. n % 4)) end
    file:close()
    local p = support.spawn { "run", "rules.lua", "server.log", "--state", "state", cwd = folder }
    support.expect(function()
      local n = kept(folder)
      return n and n < 80000
    end, "a commit before the end", 200)
    p:kill "KILL"
  end)
end)
