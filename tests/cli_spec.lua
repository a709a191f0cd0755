-- The command line: what it prints, what it refuses, and with which exit code.
local support = require "tests.support"

local function cdrlua(...) return support.run { ... } end

describe("the command line", function()
  after_each(support.clean)

  it("explains itself, and every command", function()
    local code, out = cdrlua "--help"
    assert.equal(0, code)
    local commands = { "run", "check", "scripts", "rejects", "alerts", "silence", "help" }
    for _, command in ipairs(commands) do
      assert.matches("cdrlua " .. command, out)
      local one, text = cdrlua(command, "--help")
      local two, same = cdrlua("help", command)
      assert.equal(0, one)
      assert.equal(0, two)
      assert.equal(text, same)
      assert.matches("usage: cdrlua " .. command, text)
    end
  end)

  it("tells its version", function()
    local code, out = cdrlua "--version"
    assert.equal(0, code)
    assert.matches("^cdrlua %d+%.%d+%.%d+\n$", out)
  end)

  it("without a word prints its usage and fails", function()
    local code, out, err = cdrlua()
    assert.equal(2, code)
    assert.equal("", out)
    assert.matches("usage:", err)
  end)

  -- Words, and what the one line of the answer must say.
  local refused = {
    { { "rnu" }, 'unknown command "rnu" %(did you mean "run"%?%)' },
    { { "frobnicate" }, 'unknown command "frobnicate"' },
    { { "run" }, "run: which script%?" },
    { { "run", "--onec", "print" }, 'unknown option "%-%-onec" %(did you mean "%-%-once"%?%)' },
    { { "run", "-x", "print" }, 'unknown option "%-x"' },
    { { "run", "print", "--state" }, 'option "%-%-state" needs a value' },
    { { "run", "--once=1", "print" }, 'option "%-%-once=1" takes no value' },
    { { "run", "--from", "middle", "print" }, "%-%-from middle: not start, end or checkpoint" },
    { { "run", "--max-line", "12x", "print" }, "%-%-max%-line 12x: not a size" },
    { { "run", "--sweep", "never", "print" }, "%-%-sweep never: not a number" },
    { { "run", "--log-level", "loud", "print" }, "%-%-log%-level loud: not debug" },
    { { "run", "--set", "novalue", "print" }, "%-%-set novalue: not KEY=VALUE" },
    { { "run", "prnt" }, 'no built%-in script "prnt" %(did you mean "print"%?' },
    { { "run", "no/such.lua" }, "no/such.lua: No such file or directory" },
    { { "run", "print", "/no/such/file" }, "/no/such/file: No such file or directory" },
    { { "run", "--once", "print", "/no/such/*.log" }, "/no/such" },
    { { "run", "print", "-w", "gopher://x", "-" }, "gopher://" },
    { { "check", "no.lua" }, "no.lua: No such file or directory" },
    { { "scripts", "nope" }, 'no built%-in script "nope"' },
  }

  for _, case in ipairs(refused) do
    it("refuses `" .. table.concat(case[1], " ") .. "` in one line, exit code 2", function()
      local code, out, err = support.run(case[1])
      assert.equal(2, code)
      assert.equal("", out)
      assert.matches("^cdrlua: error: [^\n]+\n$", err)
      assert.matches(case[2], err)
    end)
  end

  it("checks a script: what it subscribes to, and where", function()
    local code, out = cdrlua("check", "examples/short-calls.lua")
    assert.equal(0, code)
    assert.matches("^short%-calls:\n", out)
    assert.matches("\n  participantLeft +examples/short%-calls.lua:%d+\n", out)
  end)

  it("checks without opening a sink", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'require "cdr".sink "made.jsonl"')
    local code = support.run { "check", "rules.lua", cwd = folder }
    assert.equal(0, code)
    assert.is_nil(support.stat(folder .. "/made.jsonl"))
  end)

  it("lists the built-in scripts, and prints the source of one", function()
    local code, out = cdrlua "scripts"
    assert.equal(0, code)
    for _, name in ipairs { "filter", "print" } do
      assert.matches("\n?" .. name .. " +%u[^\n]+\n", out)
      local _, source = cdrlua("scripts", name)
      assert.equal(support.read_file("scripts/" .. name .. ".lua"), source)
    end
  end)

  it("runs from any folder, with nothing beside it", function()
    local folder = support.folder()
    support.write_file(folder .. "/line.jsonl", '{"sessionCreated":{"sessionId":"A"}}\n')
    local code, out = support.run { "run", "--once", "print", "line.jsonl", cwd = folder }
    assert.equal(0, code)
    assert.matches("sessionCreated", out)
  end)

  it("follows the folder that OPENVIDU_CDR_PATH names when none is given", function()
    local folder = support.folder()
    support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log",
      '{"sessionCreated":{"sessionId":"A"}}\n')
    local code, out = support.run { "run", "--once", "filter",
      env = { OPENVIDU_CDR_PATH = folder } }
    assert.equal(0, code)
    assert.equal('{"sessionCreated":{"sessionId":"A"}}\n', out)
  end)

  it("reads standard input", function()
    local code, out, errors = support.run { "run", "filter", "-",
      input = '{"sessionCreated":{"sessionId":"A"}}\n{"sessionCreated":{"sessionId":"B"}}' }
    assert.equal(0, code)
    assert.matches("^cdrlua: following standard input\n", errors)
    assert.equal('{"sessionCreated":{"sessionId":"A"}}\n{"sessionCreated":{"sessionId":"B"}}\n',
      out)
  end)

  it("says what it follows, and stops with exit code 0 on SIGTERM and SIGINT", function()
    for _, signal in ipairs { "TERM", "INT" } do
      local folder = support.folder()
      local p = support.spawn { "run", "print", folder, "--state", folder .. "/state" }
      support.expect(function() return p:stderr():find("following " .. folder, 1, true) end)
      p:kill(signal)
      assert.equal(0, p:wait())
    end
  end)

  it("stops at once at the second signal", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      cdr.on("*", function() print "asleep" cdr.sleep(1000) end)]])
    support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log", '{"sessionCreated":{}}\n')
    local p = support.spawn { "run", folder .. "/rules.lua", folder, "--state", folder .. "/state" }
    support.expect(function() return p:stdout() == "asleep\n" end)
    p:kill "TERM"
    assert.is_true(p:is_alive())
    support.wait_for(function() return not p:is_alive() end, 0.2)
    p:kill "TERM"
    local code, signal = p:wait()
    assert.is_true(code == 143 or signal ~= nil)
  end)

  it("gives up after --grace, and reads again what was in hand", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      cdr.on("*", function() print "asleep" cdr.sleep(1000) end)]])
    support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log", '{"sessionCreated":{}}\n')
    local words = { "run", folder .. "/rules.lua", folder, "--state", folder .. "/state",
      "--grace", "0.1" }
    for _ = 1, 2 do
      local p = support.spawn(words)
      support.expect(function() return p:stdout() == "asleep\n" end)
      p:kill "TERM"
      assert.equal(0, p:wait())
      assert.matches("1 line was still in hand after 0.1 s, as handlers wait: read again",
        p:stderr(), 1, true)
    end
  end)

  it("refuses to run twice on one state folder", function()
    local folder = support.folder()
    local words = { "run", "print", folder, "--state", folder .. "/state" }
    local first = support.spawn(words)
    support.expect(function() return first:stderr():find "following" end)
    local code, _, err = support.run(words)
    assert.equal(2, code)
    assert.matches(tostring(first.pid), err)
  end)

  it("refuses to write to what it reads", function()
    local folder = support.folder()
    support.write_file(folder .. "/CDR.2020-09-29_17-50-01.log", '{"sessionCreated":{}}\n')
    for _, words in ipairs {
      { "-w", folder .. "/CDR.x.log" }, { "--rejects", folder .. "/CDR.2020-09-29_17-50-01.log" },
    } do
      local code, _, err = support.run { "run", "--once", "print", folder, words[1], words[2] }
      assert.equal(2, code)
      assert.matches("is both read and written to", err)
    end
  end)

  it("forgets nothing of --from end", function()
    local folder = support.folder()
    support.mkdir(folder .. "/cdr")
    support.write_file(folder .. "/cdr/CDR.2020-09-29_17-50-01.log", '{"sessionCreated":{}}\n')
    for _, from in ipairs { "end", "checkpoint" } do
      local p = support.spawn { "run", "filter", folder .. "/cdr", "--from", from, "--state",
        folder .. "/state" }
      support.expect(function() return p:stderr():find "following" end)
      p:kill "TERM"
      assert.equal(0, p:wait())
      assert.equal("", p:stdout())
    end
  end)

  it("tells who closed a standard descriptor", function()
    local code, _, err = support.run { program = "sh", "-c",
      'echo "{}" | exec "$0" run filter - -w - >&-', support.program }
    assert.equal(2, code)
    assert.matches("standard output: closed", err)
  end)

  it("stops at the second signal while a script never ends", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      require "cdr".on("*", function() io.stderr:write "busy" while true do end end)]])
    support.write_file(folder .. "/in", '{"sessionCreated":{}}\n')
    local p = support.spawn { "run", "--once", folder .. "/rules.lua", folder .. "/in" }
    support.expect(function() return p:stderr():find "busy" end)
    p:kill "TERM"
    support.wait_for(function() return not p:is_alive() end, 0.1)
    p:kill "TERM"
    support.expect(function() return not p:is_alive() end)
  end)

  it("keeps a line whose reject cannot be written in hand", function()
    local folder = support.folder()
    support.write_file(folder .. "/in.log", "junk\n")
    support.mkdir(folder .. "/blocked")
    local words = { "run", "print", folder .. "/in.log", "--state", folder .. "/state", "--grace",
      "0.1", "--rejects", folder .. "/file/rejects" }
    support.write_file(folder .. "/file", "in the way")
    local p = support.spawn(words)
    support.expect(function() return p:stderr():find "trying again" end)
    p:kill "TERM"
    assert.equal(0, p:wait())
    assert.matches("read again at the next start", p:stderr())
    support.remove(folder .. "/file")
    p = support.spawn(words)
    support.expect(function()
      return (support.read_file(folder .. "/file/rejects") or ""):find "junk"
    end)
  end)

  it("keeps its state by the names of the scripts, or by --name", function()
    local folder = support.folder()
    local log = folder .. "/CDR.2020-09-29_17-50-01.log"
    support.write_file(log, '{"sessionCreated":{"sessionId":"A"}}\n')
    local _, _, err = support.run { "run", "--state", folder .. "/s", "--once", "filter", log }
    assert.equal("", err)
    assert.is_truthy(support.stat(folder .. "/s/state.db"))
    local _, out = support.run { "run", "--state", folder .. "/s", "--once", "filter", log }
    assert.equal("", out)
    _, out = support.run { "run", "--state", folder .. "/s", "--once", "--from", "start", "filter",
      log }
    assert.equal('{"sessionCreated":{"sessionId":"A"}}\n', out)
  end)

  it("ends --once with exit code 1 when an input could not be read to its end", function()
    local folder, lines = support.folder(), {}
    for n = 1, 5000 do lines[n] = ('{"sessionCreated":{"n":%d,"x":"%x"}}\n'):format(n, n * n) end
    local log = folder .. "/CDR.2020-09-29_17-50-01.log"
    support.write_file(log, table.concat(lines))
    local gz = support.gzip(log)
    local function code_and_errors(input, script)
      local code, _, err = support.run { "run", "--once", "-s", script or "filter", input,
        "--rejects", folder .. "/rejects" }
      return code, err
    end
    assert.equal(0, (code_and_errors(gz)))
    local whole = support.read_file(gz)
    support.write_file(gz, whole:sub(1, #whole // 2))
    local code, err = code_and_errors(gz)
    assert.equal(1, code)
    assert.matches("the end of this .gz is missing", err)
    assert.matches("1 fault of an input", err)
    support.write_file(gz, whole:sub(1, -9) .. ("x"):rep(4) .. whole:sub(-4))
    code, err = code_and_errors(folder .. "/CDR.*.gz")
    assert.equal(1, code)
    assert.matches("not a sound .gz", err)
    local script = folder .. "/rules.lua"
    support.write_file(script, 'require "cdr".exit_code(7)\n')
    assert.equal(7, (code_and_errors(gz, script)))
  end)

  it("ends quietly when nobody reads its output any more", function()
    local folder = support.folder()
    local lines = {}
    for n = 1, 20000 do lines[n] = ('{"sessionCreated":{"sessionId":"%d"}}'):format(n) end
    support.write_file(folder .. "/input", table.concat(lines, "\n") .. "\n")
    local code, out, err = support.run { program = "sh", "-c",
      '"$0" run --once filter "$1" | head -n 1', support.program, folder .. "/input" }
    assert.equal(0, code)
    assert.equal(lines[1] .. "\n", out)
    assert.equal("", err)
  end)

  it("logs in JSON when asked to", function()
    local _, _, err = support.run { "run", "--log-format", "json", "print", "-", input = "x\n",
      "--rejects", support.folder() .. "/rejects" }
    for line in err:gmatch "[^\n]+" do
      assert.matches('^{"time":"%d+%-%d+%-%d+T[%d:.]+Z","level":"%l+","message":".+"}$', line)
    end
    assert.matches('"level":"warn"', err)
  end)
end)
