-- Scripts and their host: what it tells them of, and what they cannot do to it.
local rules = require "tests.support.rules"
local support = require "tests.support"

local run, joined = rules.run, rules.joined

describe("a script", function()
  after_each(support.clean)

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
end)
