-- What was rejected is listed, shown, dropped and sent once more.
local cdr = require "tests.support.cdr"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local support = require "tests.support"

local BROKEN = 'local cdr = require "cdr"\ncdr.on("*", function() error "broken" end)\n'
local IDS = 'local cdr = require "cdr"\n'
  .. 'cdr.on("*", function(event) print(cdr.id(), cdr.place().line, event.event) end)\n'

describe("cdrlua rejects", function()
  local folder

  local function path(name) return folder .. "/" .. name end

  local function run(...)
    return support.run { cwd = folder, ... }
  end

  -- `cdrlua rejects` on the state folder S: its lines, its code, its errors.
  local function rejects(...)
    local words = { cwd = folder, "rejects", ... }
    table.move({ "--state", "S" }, 1, 2, #words + 1, words)
    local code, out, errors = support.run(words)
    return rules.lines(out), code, errors
  end

  local function record(n, text, time)
    return ('{"time":"%s","file":"a.log","offset":0,"line":%d,"id":"id%d",'
      .. '"reason":"r%d","text":%s}\n')
      :format(time or "2026-01-01T00:00:00.000Z", n, n, n % 2, text or '"x"')
  end

  local function put(...)
    support.mkdir(path "S")
    support.write_file(path "S/rejects.jsonl", table.concat { ... })
  end

  local function file() return support.read_file(path "S/rejects.jsonl") end

  before_each(function()
    folder = support.folder()
    support.write_file(path "broken.lua", BROKEN)
    support.write_file(path "ids.lua", IDS)
  end)

  after_each(support.clean)

  it("lists what a run rejected: number, time, script and place, reason", function()
    support.write_file(path "a.log", "junk\n" .. cdr.line(1) .. cdr.line(2))
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    local lines = rejects("list")
    assert.equal(3, #lines)
    assert.matches("^ *1  %d+%-%d+%-%d+T%d+:%d+:[%d.]+Z  a.log:1  neither a JSON object", lines[1])
    assert.matches("^ *3 .*broken at a.log:3  .*broken.lua:2: broken$", lines[3])
    assert.same(lines, (rejects()))
  end)

  it("are not said to be kept where they could not be written", function()
    support.write_file(path "a.log", "junk\n")
    local p = support.spawn { cwd = folder, "run", "filter", "a.log", "--state", "S", "--rejects",
      "/dev/full", "--grace", "0.1" }
    p:expect_said "No space left on device"
    p:stop()
    assert.matches("\ncdrlua: what was rejected is not all kept in /dev/full\n$", p:stderr())
  end)

  it("sums up by reason, and by script as JSON", function()
    put(record(1), record(2), record(3))
    assert.same({ "      2  r1", "      1  r0" }, (rejects("list", "--by", "reason")))
    assert.same({ '{"count":3,"file":"a.log"}' }, (rejects("list", "--json", "--by", "file")))
  end)

  it("gives one JSON object a line, the record as it is with its number", function()
    put(record(1), record(2))
    local lines = rejects("list", "--json", "2")
    assert.equal(1, #lines)
    assert.matches('^{"number":2,"key":"%x+","time":"2026', lines[1])
    assert.matches(record(2):sub(2, -2), lines[1], 1, true)
  end)

  it("shows the whole record, the text with a line for each field", function()
    put(record(1, [["{\"a\":1,\"b\":\"x,y\"}"]]))
    local _, out = run("rejects", "show", "id1", "S/rejects.jsonl")
    assert.matches("\n  id       id1\n", out, 1, true)
    assert.matches('\n  {\n    "a":1,\n    "b":"x,y"\n  }\n', out, 1, true)
    local none, code, errors = rejects("show", "7")
    assert.same({}, none)
    assert.equal(1, code)
    assert.matches("there is no such record", errors)
  end)

  it("chooses by number, range, id, reason, script, sink and time", function()
    put(record(1), record(2, nil, "2026-01-02T10:00:00.000Z"),
      '{"time":"2026-01-03T00:00:00.000Z","sink":"https://a/hook","id":"s3",'
        .. '"reason":"400","text":"x"}\n',
      '{"time":"2026-01-04T00:00:00.000Z","station":"st","file":"f","offset":0,"line":1,"id":"i",'
        .. '"reason":"x","text":"x"}\n')
    local cases = {
      { "2", numbers = "2" }, { "2-3", numbers = "23" }, { "3-", numbers = "34" },
      { "1", "4", numbers = "14" }, { "id2", numbers = "2" }, { "--id", "s3", numbers = "3" },
      { "--reason", "r", numbers = "12" }, { "--station", "st", numbers = "4" },
      { "--sink", "a/hook", numbers = "3" }, { "--since", "2026-01-02", numbers = "234" },
      { "--until", "2026-01-02", numbers = "12" }, { "--since", "1h", numbers = "" },
      { "1-3", "--until", "2026-01-02T10", "--reason", "r0", numbers = "2" },
    }
    for _, case in ipairs(cases) do
      local numbers = {}
      for i, line in ipairs((rejects("list", table.unpack(case)))) do
        numbers[i] = line:match "^ *(%d+)"
      end
      assert.equal(case.numbers, table.concat(numbers), table.concat(case, " "))
    end
  end)

  it("says what it does not understand, with code 2", function()
    local cases = {
      { "rejects", message = "which rejects" },
      { "rejects", "lits", "--state", "S", message = "lits: not list, show, replay or drop" },
      { "rejects", "list", "no.jsonl", message = "no.jsonl: No such file" },
      { "rejects", "list", "--state", "S", "--since", "soon", message = "--since soon: neither" },
      { "rejects", "list", "--state", "S", "--by", "x", message = "--by x: not reason" },
    }
    for _, case in ipairs(cases) do
      local code, _, errors = run(table.unpack(case))
      assert.equal(2, code)
      assert.matches(case.message, errors, 1, true)
    end
    assert.equal(0, (run("rejects", "list", "--state", "S")))
  end)

  it("drops by a mark behind the records, whose numbers stay", function()
    put(record(1), record(2), record(3))
    local before = file()
    local _, code = rejects("drop", "2")
    assert.equal(0, code)
    assert.equal(before, file():sub(1, #before))
    local lines = rejects()
    assert.equal(2, #lines)
    assert.matches("^ *3 ", lines[2])
    local _, refused, errors = rejects("drop")
    assert.equal(1, refused)
    assert.matches("drop: which of them", errors)
    rejects("drop", "--all")
    assert.same({}, (rejects()))
  end)

  it("brings a record back that is rejected again after it was dropped", function()
    put(record(1))
    rejects("drop", "--all")
    support.append(path "S/rejects.jsonl", record(1))
    assert.equal(1, #(rejects()))
  end)

  it("reads past torn lines, and adds its mark behind one", function()
    put(record(1):sub(1, 60), record(2), "\n\0junk\n", record(3), record(4):sub(1, 50))
    assert.equal(2, #(rejects()))
    rejects("drop", "--all")
    assert.same({}, (rejects()))
    support.append(path "S/rejects.jsonl", record(5))
    assert.equal(1, #(rejects()))
  end)

  it("runs scripts on what was rejected, with the ids and places of the first time", function()
    support.write_file(path "a.log", "junk\n" .. cdr.line(1) .. cdr.line(2))
    local _, wanted = run("run", "--once", "ids.lua", "a.log", "--rejects", "other.jsonl")
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    support.remove(path "a.log")
    local lines, code, errors = rejects("replay", "ids.lua", "--station", "broken")
    assert.equal(0, code, errors)
    assert.equal(wanted, table.concat(lines, "\n") .. "\n")
    assert.equal(1, #(rejects()))
    local _, again, why = rejects("replay", "broken.lua")
    assert.equal(1, again)
    assert.matches("record 1: no event: neither a JSON object", why)
    assert.equal(1, #(rejects()))
  end)

  it("keeps what fails once more, and says why", function()
    support.write_file(path "a.log", cdr.line(1) .. cdr.line(2))
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    local _, code, errors = rejects("replay", "broken.lua")
    assert.equal(1, code)
    assert.matches("record 2: broken: .*broken", errors)
    assert.matches("0 of 2 taken", errors)
    assert.equal(2, #(rejects()))
  end)

  it("waits for handlers that wait", function()
    support.write_file(path "slow.lua", 'local cdr = require "cdr"\n'
      .. 'cdr.on("*", function() cdr.sleep(0.05) print(cdr.id()) end)\n')
    support.write_file(path "a.log", cdr.line(1) .. cdr.line(2))
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    local lines, code = rejects("replay", "slow.lua")
    assert.equal(0, code)
    assert.equal(2, #lines)
    assert.same({}, (rejects()))
  end)

  it("sends the texts to a destination, byte for byte", function()
    support.write_file(path "a.log", "\255\0\254 junk\n\"\\\t\u{1F600}\u{2028}\n" .. cdr.line(1))
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    local lines, code, errors = rejects("replay", "--to", "-", "2-")
    assert.equal(0, code, errors)
    assert.same({ "\"\\\t\u{1F600}\u{2028}", cdr.line(1):sub(1, -2) }, lines)
    rejects("replay", "--to", "out.txt")
    assert.equal("\255\0\254 junk\n", support.read_file(path "out.txt"))
    assert.same({}, (rejects()))
  end)

  it("sends a line to a destination in the shape in which a run sends it", function()
    local r = receiver.start()
    support.write_file(path "a.log", cdr.line(1))
    run("run", "--once", "broken.lua", "a.log", "--state", "S")
    run("run", "--once", "filter", "a.log", "-w", r.url .. "#body=array")
    local _, code, errors = rejects("replay", "--to", r.url .. "#body=array")
    assert.equal(0, code, errors)
    local requests = r:expect(2)
    assert.equal(requests[1].body, requests[2].body)
    assert.equal(requests[1].headers["idempotency-key"], requests[2].headers["idempotency-key"])
    put(record(1))
    local _, none, why = rejects("replay", "--to", "nix://x")
    assert.equal(1, none)
    assert.equal("cdrlua: error: nix://x: there is no sink for nix://\n", why)
  end)

  it("reads standard input, of which nothing can be dropped", function()
    local input = record(1, [["{\"event\":\"a\"}"]]) .. record(2)
    local code, out, errors = support.run { cwd = folder, input = input,
      "rejects", "replay", "ids.lua", "1", "-" }
    assert.equal(0, code, errors)
    assert.equal("id1\t1\ta\n", out)
    code, out, errors = support.run { cwd = folder, input = input, "rejects", "drop", "1", "-" }
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("nothing can be dropped of standard input", errors)
  end)

  it("says when there is nothing of what was asked for", function()
    local _, none, why = rejects("list")
    assert.equal(0, none)
    assert.equal("cdrlua: S/rejects.jsonl: there is none: nothing was rejected there\n", why)
    put(record(1))
    for _, words in ipairs { { "list", "7" }, { "list", "--by", "file", "--reason", "nix" },
      { "replay", "ids.lua", "--since", "1h" } } do
      local lines, code, errors = rejects(table.unpack(words))
      assert.equal(0, code)
      assert.same({}, lines)
      assert.equal("cdrlua: S/rejects.jsonl: there is no such record\n", errors)
    end
  end)

  it("sends what a destination refused there once more, known again by its id", function()
    local r = receiver.start()
    r:plan("ok", "400", "ok")
    support.write_file(path "pass.lua", "")
    support.write_file(path "a.log", cdr.lines(1, 3))
    run("run", "--once", "pass.lua", "a.log", "-w", r.url .. "/hook", "--state", "S")
    assert.equal(1, #(rejects("list", "--sink", "/hook", "--reason", "400")))
    local _, code, errors = rejects("replay")
    assert.equal(0, code, errors)
    local requests = r:expect(4)
    assert.equal(requests[2].body, requests[4].body)
    assert.is_string(requests[2].headers["idempotency-key"])
    assert.equal(requests[2].headers["idempotency-key"], requests[4].headers["idempotency-key"])
    assert.same({}, (rejects()))
  end)

  it("keeps what is refused again, and what is not answered before a stop", function()
    local r = receiver.start()
    r:plan("400", "ok")
    r:always "hang"
    support.write_file(path "pass.lua", "")
    put(record(1, [["{\"event\":\"a\"}"]]), record(2), record(3))
    local p = support.spawn { cwd = folder, "rejects", "replay", "--state", "S", "--to",
      r.url .. "#batch=1" }
    r:expect(3)
    p:kill "TERM"
    assert.equal(1, p:wait())
    assert.matches("record 1: http://127.0.0.1:%d+: .*400", p:stderr())
    local lines = rejects()
    assert.equal(2, #lines)
    assert.matches("^ *1 ", lines[1])
    assert.matches("^ *3 ", lines[2])
  end)

  it("does not send a text of which only a part was kept", function()
    support.write_file(path "a.log", ("x"):rep(5000) .. "\n")
    run("run", "--once", "broken.lua", "a.log", "--state", "S", "--max-line", "1K")
    local _, code, errors = rejects("replay", "--to", "-")
    assert.equal(1, code)
    assert.matches("only a part of the text was kept", errors)
    assert.equal(1, #(rejects()))
  end)

  it("sends nothing by itself that no sink refused", function()
    put(record(1))
    local _, code, errors = rejects("replay")
    assert.equal(1, code)
    assert.matches("which scripts, or --to which destination", errors, 1, true)
  end)

  it("is used while a run writes to the file, and loses nothing", function()
    support.mkdir(path "cdr")
    local log = path "cdr/CDR.2020-09-29_17-50-01.log"
    support.write_file(log, "")
    local p = support.spawn { cwd = folder, "run", "broken.lua", "cdr", "--state", "S" }
    local n = support.soak and 2000 or 200
    for i = 1, n, 20 do
      for j = i, i + 19 do support.append(log, cdr.line(j)) end
      rejects("drop", "--all")
    end
    support.expect(function()
      local _, count = (file() or ""):gsub('"station":"broken"', "")
      return count == n
    end, "all rejects")
    rejects("drop", "--all")
    assert.same({}, (rejects()))
    local _, code, errors = rejects("drop", "--compact")
    assert.equal(1, code)
    assert.matches("in use by process " .. p.pid, errors)
    assert.equal(0, p:stop())
  end)

  it("is written anew without what is gone by who has the lock", function()
    put(record(1), record(2), "torn", "\n", record(3))
    rejects("drop", "2")
    local _, code = rejects("drop", "--compact")
    assert.equal(0, code)
    assert.equal(record(1) .. record(3), file())
    local _, other, errors = run("rejects", "drop", "--compact", "S/rejects.jsonl")
    assert.matches("only the file of a state folder", errors or other)
  end)

  it("is tidied when a run starts: what is gone or old goes", function()
    local now = os.date("!%Y-%m-%dT%H:%M:%S.000Z")
    local recent = os.date("!%Y-%m-%dT%H:%M:%S.000Z", os.time() - 39 * 86400)
    put(record(1), record(2, nil, recent), record(3, nil, now))
    support.write_file(path "a.log", "")
    local words = { "run", "--once", "ids.lua", "a.log", "--state", "S" }
    local _, _, errors = run(table.unpack(words))
    assert.matches("1 record was dropped: older than 40 days", errors)
    assert.equal(record(2, nil, recent) .. record(3, nil, now), file())
    run("run", "--once", "ids.lua", "a.log", "--state", "S", "--rejects-keep", "10")
    assert.equal(record(3, nil, now), file())
  end)
end)
