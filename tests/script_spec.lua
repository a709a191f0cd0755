-- What scripts can do: `require "cdr"` in the real program, on small inputs.
local rules = require "tests.support.rules"

local run, lines = rules.run, rules.lines
local support = require "tests.support"

local JOINED = '{"participantJoined":{"sessionId":"%s","timestamp":%d,"n":%d}}'
local LEFT = '{"participantLeft":{"sessionId":"%s","timestamp":%d,"n":%d}}'

local function joined(session, n) return JOINED:format(session, 1000 + n, n) end
local function left(session, n) return LEFT:format(session, 1000 + n, n) end

describe("a script", function()
  after_each(support.clean)

  describe("with handlers", function()
    it("is given the events it asks for, as tables", function()
      local result = run([[
        cdr.on("participantJoined", function(event)
          print(event.event, event.sessionId, event.n, math.type(event.timestamp))
        end)]], { joined("A", 1), left("A", 2), joined("B", 3) })
      assert.same({ "participantJoined\tA\t1\tinteger", "participantJoined\tB\t3\tinteger" },
        result.lines)
    end)

    it("runs them in the order of registration, the named among those for all", function()
      local result = run([[
        cdr.on("*", function() print "1" end)
        cdr.on("participantJoined", function() print "2" end)
        cdr.on({ "participantLeft", "participantJoined" }, function() print "3" end)
        cdr.on("*", function() print "4" end)]], { joined("A", 1) })
      assert.same({ "1", "2", "3", "4" }, result.lines)
    end)

    it("takes an event off the road by false, and by nothing else", function()
      local result = run([[
        cdr.on("*", function(event)
          if event.n == 1 then return false end
          if event.n == 2 then return nil end
          if event.n == 3 then return 0 end
        end)]], { joined("A", 1), joined("A", 2), joined("A", 3) }, { "-w", "-" })
      assert.same({ joined("A", 2), joined("A", 3) }, result.lines)
    end)

    it("calls no further handler after false", function()
      local result = run([[
        cdr.on("*", function(event) return false end)
        cdr.on("*", function(event) print "not reached" end)]], { joined("A", 1) })
      assert.same({}, result.lines)
    end)

    it("takes a handler off again", function()
      local result = run([[
        local handle
        handle = cdr.on("*", function(event) print(event.n) handle:off() end)
        local other = cdr.on("*", function(event) print "other" end)
        cdr.off(other)]], { joined("A", 1), joined("A", 2) })
      assert.same({ "1" }, result.lines)
    end)

    it("may add handlers while it runs", function()
      local result = run([[
        cdr.on("participantJoined", function(event)
          cdr.on("participantLeft", function(other) print(event.n, other.n) end)
        end)]], { joined("A", 1), left("A", 2), left("A", 3) })
      assert.same({ "1\t2", "1\t3" }, result.lines)
    end)

    it("is told of a slip in an event's name, with file and line", function()
      local result = run([[cdr.on("sessionDestoyed", print)]], {})
      assert.equal(2, result.code)
      assert.matches('rules.lua:2: unknown event "sessionDestoyed" %(did you mean '
        .. '"sessionDestroyed"%?%)', result.errors)
    end)

    it("may have events of its own", function()
      local result = run([[
        cdr.on("sessionStarted", function(event) print(event.of) end)
        cdr.on("participantJoined", function(event)
          cdr.emit { event = "sessionSummary", of = event.n }
        end)
        cdr.on("sessionSummary", function() error "behind: never called" end)]],
        { joined("A", 1), '{"sessionStarted":{"of":9}}' }, { "-w", "-" })
      assert.same({ joined("A", 1), '{"sessionSummary":{"of":1}}', "9",
        '{"sessionStarted":{"of":9}}' }, result.lines)
    end)
  end)

  describe("that emits", function()
    it("puts the event behind the one in hand, also when that is removed", function()
      local result = run([[
        cdr.on("*", function(event)
          cdr.emit { event = "first", of = event.n }
          cdr.emit { event = "second", of = event.n }
          return event.n ~= 1
        end)]], { joined("A", 1), joined("A", 2) }, { "-w", "-" })
      assert.same({ '{"first":{"of":1}}', '{"second":{"of":1}}', joined("A", 2),
        '{"first":{"of":2}}', '{"second":{"of":2}}' }, result.lines)
    end)

    it("reaches later stations, not its own", function()
      local result = run({
        [[cdr.on("*", function(event) cdr.emit { event = "made", of = event.n } end)]],
        [[cdr.on("made", function(event) print(event.of) end)]],
      }, { joined("A", 1) })
      assert.same({ "1" }, result.lines)
    end)

    it("gives each event an id of its own, the same at every run", function()
      local script = [[
        cdr.on("participantJoined", function()
          print(cdr.id())
          cdr.emit { event = "made" }
        end)]]
      local second = [[cdr.on("made", function() print(cdr.id()) end)]]
      local one = run({ script, second }, { joined("A", 1), joined("A", 1) })
      local two = run({ script, second }, { joined("A", 1), joined("A", 1) })
      assert.equal(4, #one.lines)
      assert.same(one.lines, two.lines)
      assert.equal(one.lines[1] .. "-1", one.lines[2])
      assert.are_not.equal(one.lines[1], one.lines[3])
    end)

    it("cannot make an event without a name, or with the host's", function()
      local result = run([[
        cdr.on("*", function() cdr.emit {} end)
        cdr.on("*", function() cdr.emit { event = "input.ended" } end)]], { joined("A", 1) })
      assert.equal(2, #result.rejects)
      assert.matches('needs its name in the field', result.rejects[1])
      assert.matches("names with a dot are the host's", result.rejects[2])
    end)
  end)

  describe("that asks about the event in hand", function()
    it("gets its text and its place", function()
      local result = run([[
        cdr.on("participantLeft", function()
          local place = cdr.place()
          print(cdr.raw(), place.file:match "[^/]+$", place.line, place.offset)
        end)]], { joined("A", 1), left("A", 2) })
      assert.same({ left("A", 2) .. "\tinput.jsonl\t2\t" .. #joined("A", 1) + 1 }, result.lines)
    end)

    it("gets the same id from a copy of another name", function()
      local folder = support.folder()
      support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log", joined("A", 1) .. "\n")
      support.write_file(folder .. "/rules.lua",
        'local cdr = require "cdr" cdr.on("*", function() print(cdr.id()) end)')
      local _, first = support.run { "run", "--once", folder .. "/rules.lua",
        folder .. "/CDR.2020-09-29_17-50-01.log" }
      support.rename(folder .. "/CDR.2020-09-29_17-50-01.log", folder .. "/other.log")
      support.gzip(folder .. "/other.log")
      local _, second = support.run { "run", "--once", folder .. "/rules.lua",
        folder .. "/other.log.gz" }
      assert.matches("^%x+\n$", first)
      assert.equal(first, second)
    end)
  end)

  describe("that fails", function()
    it("hurts one event in one station; the event goes on, its line is kept", function()
      local result = run({
        [[cdr.on("*", function(event) if event.n == 1 then error "broken" end end)]],
        [[cdr.on("*", function(event) print(event.n) end)]],
      }, { joined("A", 1), joined("A", 2) }, { "-w", "-" })
      assert.same({ "1", joined("A", 1), "2", joined("A", 2) }, result.lines)
      assert.equal(1, #result.rejects)
      assert.matches('"station":"rules"', result.rejects[1])
      assert.matches('"reason":"[^"]*rules.lua:2: broken"', result.rejects[1])
      assert.matches('"line":1', result.rejects[1])
      assert.equal(0, result.code)
    end)

    it("stops the event when it said fail_closed", function()
      local result = run([[
        cdr.fail_closed()
        cdr.on("*", function(event) if event.n == 1 then error "broken" end end)]],
        { joined("A", 1), joined("A", 2) }, { "-w", "-" })
      assert.same({ joined("A", 2) }, result.lines)
    end)

    it("may not yield by itself, nor end the process", function()
      local result = run([[
        cdr.on("participantJoined", function() coroutine.yield() end)
        cdr.on("participantLeft", function() os.exit(9) end)]],
        { joined("A", 1), left("A", 2) }, { "-w", "-" })
      assert.same({ joined("A", 1), left("A", 2) }, result.lines)
      assert.matches("may not yield by itself", result.rejects[1])
      assert.matches("os.exit is not for scripts", result.rejects[2])
      assert.equal(0, result.code)
    end)

    it("keeps its coroutine fit for the next event", function()
      local result = run([[
        cdr.on("*", function(event)
          local function deep(n) if n == 0 then error {} end deep(n - 1) end
          if event.n % 2 == 1 then deep(150) end
          print(event.n)
        end)]], { joined("A", 1), joined("A", 2), joined("A", 3), joined("A", 4) })
      assert.same({ "2", "4" }, result.lines)
      assert.equal(2, #result.rejects)
    end)

    it("does not load when its text is wrong: one line, exit code 2", function()
      local result = run("x = = 1", {})
      assert.equal(2, result.code)
      assert.matches("^cdrlua: error: [^\n]*rules.lua:2: unexpected symbol near '='\n$",
        result.errors)
    end)
  end)

  describe("that is hostile to its host", function()
    it("raises what cannot be told, or gives an event that cannot be looked at", function()
      local result = run([[
        cdr.on("*", function(event)
          error(setmetatable({}, { __tostring = function() error "boom" end }))
        end)]], { joined("A", 1) }, { "-w", "-" })
      assert.equal(0, result.code)
      assert.same({ joined("A", 1) }, result.lines)
      assert.matches("raised a table value", result.rejects[1])
      result = run([[
        local given
        cdr.source(function()
          if given then return end
          given = setmetatable({ event = "a" }, { __index = function(_, key) error(key) end })
          return given
        end)
        cdr.on("*", function() cdr.sleep(0.01) end)]], nil, { "-w", "-" })
      assert.equal(0, result.code, result.errors)
      assert.same({ '{"a":{}}' }, result.lines)
    end)

    it("sends from finalizers, also while the program ends", function()
      local input = {}
      for n = 1, 3000 do
        input[n] = ('{"participantJoined" : {"n":%d,"a":{"b":"\\u0041"}}}'):format(n)
      end
      local result = run([[
        local side = cdr.sink "side"
        local mt = { __gc = function(o) side:send { event = "closed", n = o.n } end }
        last = setmetatable({ n = 0 }, mt)
        cdr.on("*", function(event)
          for _ = 1, 20 do setmetatable({ n = event.n }, mt) end
          event.n = event.n + 1
        end)]], input, { "-w", "-" })
      assert.equal(0, result.code, result.errors)
      assert.equal(3000, #result.lines)
      for _, line in ipairs(result.lines) do assert.matches("^{.*}$", line) end
    end)

    it("emits while it is asked as a source", function()
      local result = run([[cdr.source(function() cdr.emit { event = "lost" } end)]], nil)
      assert.equal(1, result.code)
      assert.matches("a source gives its events", result.errors)
    end)

    it("gives lists that answer differently, and numbers out of range", function()
      local result = run([[
        print(pcall(cdr.on, setmetatable({}, { __len = function() return 1 end,
          __index = function() return "x" end }), print))
        print(pcall(require("cdr.host").use_set, 99999999))]], {})
      assert.equal(0, result.code)
      assert.matches("^false\t", result.lines[1])
      assert.matches("^false\t", result.lines[2])
    end)

    it("adds and takes off handlers for ever", function()
      local result = run([[
        cdr.on("*", function() for _ = 1, 50 do cdr.on("zzz", print):off() end end)
        cdr.on("input.ended", function()
          for line in io.lines "/proc/self/status" do
            if line:find "RssAnon" then print((line:match "%d+")) end
          end
        end)]], (function()
          local input = {}
          for n = 1, 5000 do input[n] = joined("A", n) end
          return input
        end)())
      if not os.getenv "CDRLUA_SLOWNESS" then
        assert.is_true(tonumber(result.lines[1]) < 8192, result.lines[1])
      end
    end)
  end)

  describe("that waits", function()
    it("keeps the order of a session that a handler renames", function()
      local result = run({ [[
        local n = 0
        cdr.source(function()
          n = n + 1
          if n <= 3 then return { event = "made", sessionId = "S", n = n } end
        end)
        cdr.on("made", function(event)
          event.sessionId = "T"
          if event.n == 1 then cdr.sleep(0.05) end
        end)]] }, nil, { "-w", "-" })
      assert.same({ '{"made":{"n":1,"sessionId":"T"}}', '{"made":{"n":2,"sessionId":"T"}}',
        '{"made":{"n":3,"sessionId":"T"}}' }, result.lines)
    end)

    it("does not let large lines that wait fill the memory", function()
      local input = {}
      for n = 1, 300 do
        input[n] = ('{"participantJoined":{"sessionId":"S%d","data":"%s"}}'):format(n,
          ("x"):rep(500000))
      end
      local result = run([[
        cdr.on("*", function() cdr.sleep(0.01) end)
        cdr.on("input.ended", function()
          for line in io.lines "/proc/self/status" do
            if line:find "VmHWM" then print((line:match "%d+")) end
          end
        end)]], input)
      if not os.getenv "CDRLUA_SLOWNESS" then
        assert.is_true(tonumber(result.lines[1]) < 100 * 1024, result.lines[1])
      end
    end)

    it("lets lines of other sessions pass, and keeps its own session in order", function()
      local result = run([[
        cdr.on("participantJoined", function(event) if event.n == 1 then cdr.sleep(0.1) end end)]],
        { joined("A", 1), joined("B", 2), left("A", 3), left("B", 4), joined("A", 5) },
        { "-w", "-" })
      assert.same({ joined("B", 2), left("B", 4), joined("A", 1), left("A", 3), joined("A", 5) },
        result.lines)
    end)

    it("lets events without a session queue among themselves", function()
      local result = run([[
        cdr.on("nodeCrashed", function(event) if event.n == 1 then cdr.sleep(0.1) end end)]],
        { '{"nodeCrashed":{"n":1}}', '{"nodeCrashed":{"n":2}}', joined("A", 3) }, { "-w", "-" })
      assert.same({ joined("A", 3), '{"nodeCrashed":{"n":1}}', '{"nodeCrashed":{"n":2}}' },
        result.lines)
    end)

    it("holds the whole road after cdr.ordered()", function()
      local result = run([[
        cdr.ordered()
        cdr.on("*", function(event) if event.n == 1 then cdr.sleep(0.1) end end)]],
        { joined("A", 1), joined("B", 2), left("A", 3) }, { "-w", "-" })
      assert.same({ joined("A", 1), joined("B", 2), left("A", 3) }, result.lines)
    end)

    it("goes on with what it had, through pcall and several waits", function()
      local result = run([[
        cdr.on("*", function(event)
          local ok = pcall(function()
            for i = 1, 3 do cdr.sleep(0.01) end
            error "x"
          end)
          print(event.n, ok, cdr.raw())
        end)]], { joined("A", 1), joined("A", 2) })
      assert.same({ "1\tfalse\t" .. joined("A", 1), "2\tfalse\t" .. joined("A", 2) }, result.lines)
    end)

    it("waits in thousands at once without losing one", function()
      local input = {}
      for n = 1, 3000 do input[n] = joined("S" .. n, n) end
      local result = run([[cdr.on("*", function(event) cdr.sleep(0.05) end)]], input,
        { "-w", "-" })
      assert.equal(3000, #result.lines)
      table.sort(result.lines)
      table.sort(input)
      assert.same(input, result.lines)
    end)

    it("is told clearly where it cannot", function()
      local result = run([[
        cdr.on("participantJoined", function()
          coroutine.wrap(function() cdr.sleep(1) end)()
        end)
        cdr.on("participantLeft", function()
          table.sort({ 1, 2, 3 }, function() cdr.sleep(1) end)
        end)]], { joined("A", 1), left("A", 2) })
      assert.matches("cannot wait here: in a coroutine of the script's own", result.rejects[1])
      assert.matches("cannot wait here: inside a C function", result.rejects[2])
      result = run("cdr.sleep(1)", {})
      assert.equal(2, result.code)
      assert.matches("rules.lua:2: cannot wait here: the script is still loading", result.errors)
    end)
  end)

  describe("on a road of several", function()
    it("has globals of its own", function()
      local result = run({
        [[secret = "mine"  cdr.on("*", function() print(secret, load("return secret")()) end)]],
        [[cdr.on("*", function() print(secret, _G.secret, load("return secret")()) end)]],
      }, { joined("A", 1) })
      assert.same({ "mine\tmine", "nil\tnil\tnil" }, result.lines)
    end)

    it("sees what the one before it did to the event", function()
      local result = run({
        [[cdr.on("*", function(event) event.colour = "red" end)]],
        [[cdr.on("*", function(event) return event.colour ~= "red" end)]],
      }, { joined("A", 1) }, { "-w", "-" })
      assert.same({}, result.lines)
    end)

    it("requires modules from its own folder", function()
      local folder = support.folder()
      for _, name in ipairs { "a", "b" } do
        support.mkdir(folder .. "/" .. name)
        support.write_file(folder .. "/" .. name .. "/util.lua", ("return %q"):format(name))
        support.write_file(folder .. "/" .. name .. "/" .. name .. ".lua",
          'local util = require "util" print(util, require "util" == util)')
      end
      local _, out = support.run { "run", "-s", folder .. "/a/a.lua", "-s", folder .. "/b/b.lua",
        "--once", "-", cwd = folder }
      assert.equal("a\ttrue\nb\ttrue\n", out)
    end)

    it("does not require from the folder where the program was started", function()
      local folder = support.folder()
      support.mkdir(folder .. "/rules")
      support.write_file(folder .. "/evil.lua", "print 'loaded'")
      support.write_file(folder .. "/rules/rules.lua", 'require "evil"')
      local code, out, err = support.run { "check", "rules/rules.lua", cwd = folder }
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches("module 'evil' not found", err)
    end)
  end)

  describe("with options", function()
    local SCRIPT = [[
      local opt = cdr.options { seconds = 10, hook = "none", loud = false, names = {} }
      print(opt.seconds, math.type(opt.seconds), opt.hook, opt.loud, table.concat(opt.names, "+"))]]

    it("has their defaults", function()
      assert.same({ "10\tinteger\tnone\tfalse\t" }, run(SCRIPT, {}).lines)
    end)

    it("has what --set says, by the type of the default", function()
      local result = run(SCRIPT, {}, { "--set", "seconds=2.5", "--set", "hook=a=b", "--set",
        "loud=yes", "--set", "rules.names=x, y" })
      assert.same({ "2.5\tfloat\ta=b\ttrue\tx+y" }, result.lines)
    end)

    it("refuses a value of another type, and an option that nobody has", function()
      local result = run(SCRIPT, {}, { "--set", "seconds=soon" })
      assert.equal(2, result.code)
      assert.matches("%-%-set seconds=soon: must be a number", result.errors)
      result = run(SCRIPT, {}, { "--set", "secnods=1" })
      assert.equal(2, result.code)
      assert.matches("%-%-set secnods=1: no script of this run has that option", result.errors)
      result = run(SCRIPT, {}, { "--set", "other.seconds=1" })
      assert.equal(2, result.code)
    end)

    it("tells what it was started with", function()
      local result = run([[print(cdr.args.once, #cdr.args.inputs, cdr.args.script)]], {})
      assert.same({ "true\t1\trules" }, result.lines)
    end)
  end)

  describe("that sends", function()
    it("writes to files, made with their folders, in the shape asked for", function()
      local result = run([[
        local same = cdr.sink "out/deep/same.jsonl"
        local hook = cdr.sink("hook.jsonl", { shape = "webhook" })
        local cdrs = cdr.sink("cdr.jsonl", { shape = "cdr" })
        cdr.on("*", function(event) same:send(event) hook:send(event) cdrs:send(event) end)]],
        { joined("A", 1), '{"sessionId":"B","event":"sessionCreated"}' })
      local function file(name) return lines(support.read_file(result.folder .. "/" .. name)) end
      assert.same({ joined("A", 1), '{"sessionId":"B","event":"sessionCreated"}' },
        file "out/deep/same.jsonl")
      assert.same({ '{"sessionId":"A","timestamp":1001,"n":1,"event":"participantJoined"}',
        '{"sessionId":"B","event":"sessionCreated"}' }, file "hook.jsonl")
      assert.same({ joined("A", 1), '{"sessionCreated":{"sessionId":"B"}}' }, file "cdr.jsonl")
    end)

    it("keeps the order of sending, print among it", function()
      local result = run([[
        local out = cdr.sink "-"
        cdr.on("*", function(event) print "before" out:send(event) out:write "after" end)]],
        { joined("A", 1) })
      assert.same({ "before", joined("A", 1), "after" }, result.lines)
    end)

    it("is refused a destination that does not exist, while loading and later", function()
      local result = run([[cdr.sink "gopher://x"]], {})
      assert.equal(2, result.code)
      assert.matches("rules.lua:2: gopher://x: ", result.errors)
      result = run([[cdr.on("*", function() print(cdr.sink "/proc/no/such/file") end)]],
        { joined("A", 1) })
      assert.matches("^nil\t/proc/no", result.lines[1])
    end)

    it("is told which field cannot be written", function()
      local result = run([[
        local out = cdr.sink "-"
        cdr.on("*", function(event) event.bad = print out:send(event) end)]], { joined("A", 1) })
      assert.equal(1, #result.rejects)
      assert.matches("bad", result.rejects[1])
    end)
  end)

  describe("that says the order of keys", function()
    local ORDER = [[
      local cdr = require "cdr"
      cdr.key_order("made", { "sessionId", "timestamp", "reason" })
      local function made()
        return { event = "made", z = { b = 1, a = 2 }, reason = "r", a = 1, sessionId = "s" }
      end]]
    local CDR = '{"made":{"sessionId":"s","reason":"r","a":1,"z":{"a":2,"b":1}}}'

    it("has it in what it emits, gives as a source, sends and encodes", function()
      local result = run({ ORDER .. [[
        cdr.on("participantJoined", function()
          cdr.emit(made())
          cdr.sink("-"):send(made())
          print(cdr.json.encode_cdr(made()))
          print(cdr.json.encode_webhook(made()))
          return false
        end)]] }, { joined("A", 1) }, { "-w", "-" })
      assert.same({ CDR, CDR, '{"sessionId":"s","reason":"r","a":1,"z":{"a":2,"b":1},'
        .. '"event":"made"}', CDR }, result.lines)
      result = run(ORDER .. [[
        local given
        cdr.source(function() if not given then given = made() return given end end)]],
        nil, { "-w", "-" })
      assert.same({ CDR }, result.lines)
    end)

    it("leaves lines in their own order, and puts `event` where the list has it", function()
      local result = run([[
        cdr.key_order("participantJoined", { "timestamp", "event", "n" })
        cdr.on("*", function(event)
          local copy = {}
          for key, value in pairs(event) do copy[key] = value end
          print(cdr.json.encode_cdr(copy))
          print(cdr.json.encode_webhook(copy))
          event.new = true
        end)]], { joined("A", 1) }, { "-w", "-" })
      assert.same({
        '{"participantJoined":{"timestamp":1001,"n":1,"sessionId":"A"}}',
        '{"timestamp":1001,"event":"participantJoined","n":1,"sessionId":"A"}',
        '{"participantJoined":{"sessionId":"A","timestamp":1001,"n":1,"new":true}}',
      }, result.lines)
    end)

    it("keeps it however many keys and orders are seen", function()
      local result = run(ORDER .. [[
        for i = 1, 3000 do cdr.json.decode(('{"k%d":{"x%d":1}}'):format(i, i)) end
        print(cdr.json.encode_cdr(made()))
        cdr.key_order("made", { "z", "a" })
        print(cdr.json.encode_cdr(made()))]], {})
      assert.same({ CDR, '{"made":{"z":{"a":2,"b":1},"a":1,"reason":"r","sessionId":"s"}}' },
        result.lines)
    end)

    it("is told what is wrong with a list", function()
      local result = run([[
        local many = {}
        local wrong = { { 1 }, { "a" }, { "made" }, { "made", {} }, { "made", { 1 } },
          { "made", { "a", "a" } }, { "made", many }, { "made", { ("x"):rep(65) } },
          { "participantJoind", { "a" } }, { "input.ended", { "a" } }, { "*", { "a" } } }
        for i = 1, 65 do many[i] = "k" .. i end
        for _, arguments in ipairs(wrong) do
          print((select(2, pcall(cdr.key_order, table.unpack(arguments)))))
        end
        for i = 1, 64 do cdr.key_order("made" .. i, { "b" }) end
        print((select(2, pcall(cdr.key_order, "made65", { "b" }))))
        cdr.key_order("made64", { "b", "a" })
        print(cdr.json.encode_cdr { event = "made64", a = 1, b = 2 })]], {})
      local reasons = { "table expected", "table expected, got no value", "table expected",
        "a list of keys", "made: key 1 of the list is no name", 'made: the key "a" is there twice',
        "made: more than 64 keys", "has more than 64 bytes", 'did you mean "participantJoined"',
        "names with a dot are the host's", "one event's name, not all",
        "made65: there are orders for 64 names" }
      for i, reason in ipairs(reasons) do
        assert.is_truthy(result.lines[i]:find(reason, 1, true), result.lines[i])
      end
      assert.equal('{"made64":{"b":2,"a":1}}', result.lines[13])
    end)
  end)

  describe("that is a source", function()
    it("makes the events, and no file is read", function()
      local result = run({
        [[local n = 0
          cdr.source(function()
            n = n + 1
            if n <= 3 then return { event = "made", n = n } end
          end)]],
        [[cdr.on("made", function(event) event.seen = true end)]],
      }, nil, { "-w", "-" })
      assert.same({ '{"made":{"n":1,"seen":true}}', '{"made":{"n":2,"seen":true}}',
        '{"made":{"n":3,"seen":true}}' }, result.lines)
      assert.equal(0, result.code)
    end)

    it("may wait between events", function()
      local result = run([[
        local n = 0
        cdr.source(function() cdr.sleep(0.01) n = n + 1
          if n <= 3 then return { event = "made", n = n } end end)
        cdr.on("input.ended", function(event) print(event.why) end)]], nil, { "-w", "-" })
      assert.same({ '{"made":{"n":1}}', '{"made":{"n":2}}', '{"made":{"n":3}}', "end" },
        result.lines)
    end)
  end)

  describe("that watches the host", function()
    it("is told of files, rejected lines and the end", function()
      local result = run([[
        for _, name in ipairs { "file.opened", "file.ended", "line.rejected", "input.ended" } do
          cdr.on(name, function(e) print(e.event, e.line or e.why or e.offset) end)
        end
        cdr.on("*", function() print "event" end)]], { joined("A", 1), "nonsense" })
      assert.same({ "file.opened\t0", "event", "line.rejected\t2",
        "file.ended\t" .. #joined("A", 1) + 10, "input.ended\tend" }, result.lines)
    end)

    it("is not fooled by a line that names a host event", function()
      local result = run([[cdr.on("input.ended", function(e) print(e.why) end)]],
        { '{"input.ended":{"why":"fooled"}}', '{"why":"fooled","event":"input.ended"}' },
        { "-w", "-" })
      assert.same({ '{"input.ended":{"why":"fooled"}}', '{"why":"fooled","event":"input.ended"}',
        "end" }, result.lines)
    end)

    it("emits events that travel on, each with an id of its own", function()
      local result = run({
        [[for _, name in ipairs { "file.opened", "input.ended" } do
            cdr.on(name, function() cdr.emit { event = "made", at = name } end)
          end]],
        [[cdr.on("made", function(event) print(cdr.id()) return event.at ~= "file.opened" end)]],
      }, {}, { "-w", "-" })
      assert.equal(3, #result.lines)
      assert.are_not.equal(result.lines[1], result.lines[2])
      assert.equal('{"made":{"at":"input.ended"}}', result.lines[3])
    end)

    it("sets the exit code of the run", function()
      assert.equal(7, run([[cdr.on("input.ended", function() cdr.exit_code(7) end)]], {}).code)
    end)

    it("may fail on a rejected line without an endless circle", function()
      local result = run([[cdr.on("line.rejected", function() error "again" end)]], { "nonsense" })
      assert.equal(1, #result.rejects)
      assert.equal(0, result.code)
    end)
  end)

  it("reads the events' time", function()
    local T = 1600000000000
    local result = run([[
      cdr.on("participantLeft", function() print(cdr.time.now(), cdr.time.wall() > 1.6e12) end)
      cdr.on("input.ended", function() print(cdr.time.now()) end)]],
      { JOINED:format("A", T + 9, 9), LEFT:format("A", T + 1, 1), JOINED:format("A", T + 5, 5) })
    assert.same({ "1600000000009\ttrue", "1600000000009" }, result.lines)
  end)

  it("has JSON that keeps integers, null and arrays", function()
    local result = run([[
      local text = '{"b":12345678901234567,"a":[1,null,8.0],"c":[],"d":{}}'
      local value = cdr.json.decode(text)
      print(cdr.json.encode(value) == text, value.a[2] == cdr.null, math.type(value.b))
      print(cdr.json.encode(cdr.array {}), cdr.json.encode { cdr.null }, cdr.json.encode {})
      print(cdr.json.decode "{")
      print(cdr.json.encode_cdr { event = "made", n = 1 })]], {})
    assert.same({ "true\ttrue\tinteger", "[]\t[null]\t{}" }, { result.lines[1], result.lines[2] })
    assert.matches("^nil\t.+", result.lines[3])
    assert.equal('{"made":{"n":1}}', result.lines[4])
  end)

  it("logs with its name", function()
    local result = run([[cdr.log.warn("%d calls", 3) cdr.log.info "as it is %d"]], {})
    assert.matches("warn: rules: 3 calls\n", result.errors)
    assert.matches("rules: as it is %%d\n", result.errors)
  end)
end)
