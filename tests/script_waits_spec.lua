-- What scripts may wait for, and what goes on meanwhile; and scripts that make the events.
local rules = require "tests.support.rules"
local support = require "tests.support"

local run, joined, left = rules.run, rules.joined, rules.left

describe("a script", function()
  after_each(support.clean)

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

    it("takes a session that is spelled with escapes for none", function()
      local escaped = '{"participantJoined":{"sessionId":"\\u0041","n":1}}'
      local without = '{"participantLeft":{"n":2}}'
      local result = run('cdr.on("participantJoined", function() cdr.sleep(0.1) end)',
        { escaped, without }, { "-w", "-" })
      assert.same({ escaped, without }, result.lines)
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
end)
