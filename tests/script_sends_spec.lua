-- What scripts send: to which files, in which shape, with their keys in which order.
local rules = require "tests.support.rules"
local support = require "tests.support"

local run, lines = rules.run, rules.lines
local joined = rules.joined

describe("a script", function()
  after_each(support.clean)

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
end)
