-- What scripts can do: `require "cdr"` in the real program, on small inputs.
local rules = require "tests.support.rules"
local support = require "tests.support"

local run, joined, left = rules.run, rules.joined, rules.left

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

  it("reads the events' time", function()
    local T = 1600000000000
    local result = run([[
      cdr.on("participantLeft", function() print(cdr.time.now(), cdr.time.wall() > 1.6e12) end)
      cdr.on("input.ended", function() print(cdr.time.now()) end)]],
      { joined("A", 9, T + 9), left("A", 1, T + 1), joined("A", 5, T + 5) })
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
