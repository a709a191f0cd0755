-- Silences are added, listed and ended beside a run, which takes notice; alerts are listed.
local native = require "native_state"
local rules = require "tests.support.rules"
local support = require "tests.support"

-- Prints the silences that it knows, when it starts and whenever it is told; counts the lines.
local LISTEN = [[
local cdr = require "cdr"
local host = require "cdr.host"
local count = cdr.state "count"
local function show(why)
  local ids = {}
  for _, row in ipairs(host.kept "cdr.silences") do
    ids[#ids + 1] = row[1] .. (row[2]["until"] > cdr.time.wall() and "" or " expired")
  end
  table.sort(ids)
  print(why .. ": " .. table.concat(ids, ", "))
end
show "start"
cdr.on("silences.changed", function() show "changed" end)
cdr.on("sessionCreated", function() count.n = (count.n or 0) + 1 end)
]]
local LINE = '{"sessionCreated":{"sessionId":"A","timestamp":1}}\n'
local DAY_MS = 86400000

describe("silences", function()
  local folder, db

  local function path(name) return folder .. "/" .. name end

  -- `cdrlua silence` (or alerts) on the state folder S: its lines, its code, its errors.
  local function ask(command, ...)
    local code, out, errors = support.run { cwd = folder, command, "--state", "S", ... }
    return rules.lines(out), code, errors
  end

  local function silence(...) return ask("silence", ...) end

  local function start(options)
    local words = { "run", "rules.lua", "cdr", "--state", "S", "--sweep", "3600", cwd = folder }
    table.move(options or {}, 1, #(options or {}), #words + 1, words)
    local p = support.spawn(words)
    support.expect(function() return p:stderr():find("following", 1, true) end, "the start")
    return p
  end

  -- A run that was there and ended.
  local function run_once()
    local code, _, errors = support.run { "run", "--once", "rules.lua", "cdr", "--state", "S",
      cwd = folder }
    assert.equal(0, code, errors)
  end

  local function sql(text) return native.sql(db, text) end

  local function put(name, key, value)
    sql(("INSERT INTO state VALUES ('%s', %s, '%s', 0)"):format(name, key, value))
  end

  -- Waits until as many lines are counted in the state that is kept.
  local function expect_count(n)
    support.expect(function()
      return sql "SELECT value FROM state WHERE name = 'count'" == n .. "\n"
    end, "the commit")
  end

  local function kept() return sql "SELECT value FROM state WHERE name = 'cdr.silences'" end

  before_each(function()
    folder = support.folder()
    db = path "S/state.db"
    support.mkdir(path "cdr")
    support.write_file(path "rules.lua", LISTEN)
    support.write_file(path "cdr/CDR.2020-09-29_17-50-01.log", LINE)
  end)

  after_each(support.clean)

  it("are added with an id, listed, and ended", function()
    run_once()
    local ids, code, errors = silence("add", "name=network*", "sessionId=ses_A", "--for", "2h",
      "--comment", 'a "new" router', "--by", "ann")
    assert.equal(0, code, errors)
    assert.same({ "1" }, ids)
    assert.matches("silent until %d+.*cdrlua silence expire 1 %-%-state S\n", errors)
    assert.same({ "2" }, (silence("add", "severity=info", "--from", "2100-01-01",
      "--until", "2100-01-02 08:00", "--by", "bob")))
    local lines = silence()
    assert.equal(2, #lines)
    assert.matches('^1  active   %d[%d-]+ %d[%d:]+  %d[%d-]+ %d[%d:]+  '
      .. 'name=network%* sessionId=ses_A  ann  a "new" router$', lines[1])
    assert.matches("^2  pending  2100%-01%-01 00:00:00  2100%-01%-02 08:00:00  severity=info +bob$",
      lines[2])
    assert.equal(0, select(2, silence("expire", "1", "2")))
    assert.same({}, (silence "list"))
    lines = silence("list", "--all")
    assert.matches("^1  expired", lines[1])
    assert.matches("^2  expired", lines[2])
  end)

  it("are rows that a script reads: match, times, who and why", function()
    run_once()
    silence("add", "name=a?c", "key=Zoë", "--until", "2100-01-01T00:00Z", "--by", "x",
      "--comment", "y")
    local from, created = kept():match '"from":(%d+).*"created":(%d+)'
    assert.equal(from, created)
    assert.is_true(math.abs(from - os.time() * 1000) < 60000)
    assert.equal(('{"id":"1","match":{"name":{"pattern":"a?c"},"key":"Zoë"},"from":%s,'
      .. '"until":4102444800000,"comment":"y","by":"x","created":%s}\n')
      :format(from, created), kept())
    local lines = silence("list", "--json")
    assert.equal('{"status":"active",' .. kept():sub(2, -2), lines[1])
  end)

  it("begin and end in local time, or in UTC with a Z", function()
    run_once()
    for i, case in ipairs {
      { "2100-07-01 08:00", "06:00:00" }, { "2100-07-01T08:00:30", "06:00:30" },
      { "2100-07-01T08:00Z", "08:00:00" }, { "2100-07-02", "22:00:00" },
    } do
      support.run { "silence", "add", "a=b", "--until", case[1], "--state", "S", cwd = folder,
        env = { TZ = "EST-2" } }
      assert.matches("2100%-07%-01 " .. case[2] .. "  a=b", (silence())[i])
    end
  end)

  it("last as long as they are told, an hour else", function()
    run_once()
    local cases = { { 3600 }, { 5400, "90m" }, { 5400, "1h30m" }, { 7 * 86400, "1w" } }
    for i, case in ipairs(cases) do
      silence("add", "a=" .. i, case[2] and "--for", case[2])
      local from, till = kept():match('"a":"' .. i .. '"}.-"from":(%d+),"until":(%d+)')
      assert.equal(case[1] * 1000, till - from)
    end
  end)

  it("are noticed by a running host within a second, as is their end", function()
    local p = start()
    silence("add", "name=x")
    support.expect(function() return p:stdout() == "start: \nchanged: 1\n" end, "the news", 1)
    silence("expire", "1")
    support.expect(function() return p:stdout():find "changed: 1 expired\n$" end, "the news", 1)
    assert.equal(0, p:stop())
    p = start()
    assert.equal(0, p:stop())
    assert.equal("start: 1 expired\n", p:stdout())
  end)

  it("are noticed without a state table, and where only standard input is read", function()
    local text = LISTEN:gsub('local count[^\n]+', "local count = {}")
    support.write_file(path "rules.lua", text)
    local p = start()
    silence("add", "name=x")
    support.expect(function() return p:stdout():find "changed: 1\n$" end, "the news", 1)
    p:stop()
    p = support.spawn { "run", "rules.lua", "-", "--state", "S", cwd = folder, stdin = "pipe" }
    p:write(LINE)
    support.expect(function() return p:stdout():find "start: 1\n" end, "the start")
    silence("add", "name=y")
    support.expect(function() return p:stdout():find "changed: 1, 2\n$" end, "the news", 1)
  end)

  it("wake a host that follows only when a command has written", function()
    local p = start()
    support.append(path "cdr/CDR.2020-09-29_17-50-01.log", LINE)
    expect_count(2)
    silence "list"
    ask("alerts", "history")
    silence("expire", "7")
    silence("add", "name=x")
    support.expect(function() return p:stdout() == "start: \nchanged: 1\n" end,
      function() return p:stdout() end)
    p:expect_sleep(1.5)
    assert.equal("start: \nchanged: 1\n", p:stdout())
  end)

  it("leave the host its counts, and the host leaves them alone", function()
    local p = start()
    for i = 1, 8 do
      support.append(path "cdr/CDR.2020-09-29_17-50-01.log", LINE)
      silence("add", "name=" .. i)
    end
    p:kill "KILL"
    p:wait()
    run_once()
    expect_count(9)
    assert.equal(8, #(silence()))
  end)

  it("cannot be written by a script", function()
    support.write_file(path "rules.lua", 'require "cdr".state "cdr.silences"')
    local code, _, errors = support.run { "check", "rules.lua", cwd = folder }
    assert.equal(2, code)
    assert.matches("cdr.silences", errors, 1, true)
  end)

  it("are none where a run keeps no state", function()
    local code, out = support.run { "run", "--once", "rules.lua", "cdr", cwd = folder }
    assert.equal(0, code)
    assert.equal("start: \n", out)
  end)

  it("wait for whoever holds the database, and the host keeps its state afterwards", function()
    local p = start()
    expect_count(1)
    local other = support.spawn { program = "sqlite3", stdin = "pipe", stdout = "pipe", db }
    other:write "BEGIN IMMEDIATE; SELECT 'held';\n"
    assert.equal("held\n", other:read())
    support.append(path "cdr/CDR.2020-09-29_17-50-01.log", LINE)
    support.expect(function() return p:stderr():find "database is locked" end, "the complaint")
    local command = support.spawn { "silence", "add", "name=x", "--state", "S", cwd = folder }
    support.append(path "cdr/CDR.2020-09-29_17-50-01.log", LINE)
    local calm = p:status "voluntary_ctxt_switches"
    support.expect(function()
      return p:status "voluntary_ctxt_switches" >= calm + 3
    end, "two tries")
    other:write "COMMIT;\n"
    other:close_stdin()
    assert.equal(0, command:wait())
    expect_count(3)
    support.expect(function() return p:stdout():find "changed: 1\n$" end, "the news")
    local _, times = p:stderr():gsub("database is locked", "")
    assert.equal(1, times)
  end)

  it("do not hold up lines, however long the database is held", function()
    local log = path "cdr/CDR.2020-09-29_17-50-01.log"
    local p = start { "-w", path "out.jsonl" }
    expect_count(1)
    local other = support.spawn { program = "sqlite3", stdin = "pipe", stdout = "pipe", db }
    other:write "BEGIN IMMEDIATE; SELECT 'held';\n"
    assert.equal("held\n", other:read())
    support.append(log, LINE)
    support.expect(function() return p:stderr():find "database is locked" end, "the complaint")
    -- each of them is a reason to try again
    local since = support.now()
    for n = 3, 22 do
      support.append(log, LINE)
      support.expect(function() return support.read_file(path "out.jsonl") == LINE:rep(n) end, n)
    end
    assert.is_true(support.now() - since < 2)
    other:kill "KILL"
    expect_count(22)
  end)

  it("get ids of their own from commands that run at once", function()
    run_once()
    local commands, ids = {}, {}
    for i = 1, 12 do
      commands[i] = support.spawn { "silence", "add", "n=" .. i, "--state", "S", cwd = folder }
    end
    for i, p in ipairs(commands) do
      assert.equal(0, p:wait(), p:stderr())
      ids[i] = tonumber(p:stdout())
    end
    table.sort(ids)
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, ids)
    local lines = silence()
    assert.equal(12, #lines)
    assert.matches("^12 ", lines[12])
  end)

  it("are forgotten 40 days after their end", function()
    run_once()
    local now = os.time() * 1000
    for id, days in pairs { [1] = 41, [2] = 39 } do
      put("cdr.silences", ("'%d'"):format(id), ('{"id":"%d","match":{"a":"b"},"from":0,"until":%d}')
        :format(id, now - days * DAY_MS))
    end
    assert.equal(2, #(silence("list", "--all")))
    assert.same({ "3" }, (silence("add", "a=b")))
    local lines = silence("list", "--all")
    assert.equal(2, #lines)
    assert.matches("^2  expired", lines[1])
  end)

  it("are left out with a warning when they cannot be read", function()
    run_once()
    put("cdr.silences", "'1'", "{")
    put("cdr.silences", "'2'", '{"id":"2","from":1,"until":4102444800000,"match":{}}')
    put("cdr.silences", "'3'", '{"id":"3","from":1,"until":4102444800000,"match":{"a":"b\\n"}}')
    local lines, code, errors = silence()
    assert.equal(0, code)
    assert.equal(1, #lines)
    assert.matches("a=b%?$", lines[1])
    assert.matches("cdr.silences 1: not JSON at byte 1", errors, 1, true)
    assert.matches("cdr.silences 2: no silence", errors, 1, true)
    assert.same({ "4" }, (silence("add", "a=b")))
  end)

  it("end all at once, and those of an unknown id not at all", function()
    run_once()
    for i = 1, 3 do silence("add", "a=" .. i) end
    local _, code, errors = silence("expire", "2", "x")
    assert.equal(1, code)
    assert.equal('cdrlua: error: silence expire: no silence "x" (see: cdrlua silence list)\n',
      errors)
    assert.equal(3, #(silence()))
    silence("expire", "2")
    assert.equal(2, #(silence()))
    local before = kept():match '"a":"2".-\n'
    silence("expire", "--all")
    assert.same({}, (silence()))
    assert.equal(before, kept():match '"a":"2".-\n')
  end)

  local refused = {
    { "add", message = "which alerts? (LABEL=VALUE" },
    { "add", "name", message = "name: not LABEL=VALUE" },
    { "add", "=x", message = "=x: not LABEL=VALUE" },
    { "add", "name=", message = "name=: not LABEL=VALUE" },
    { "add", "name!=x", message = "name!=x: not LABEL=VALUE" },
    { "add", "name=~net.*", message = "no regular expressions" },
    { "add", "a=b", "a=c", message = "a: there twice" },
    { "add", "a=\xff", message = "not LABEL=VALUE" },
    { "add", "a=b", "--until", "2020-01-01 08:00",
      message = "end at 2020-01-01 08:00:00, which is past" },
    { "add", "a=b", "--until", "2100-02-30", message = "--until 2100-02-30: not a time" },
    { "add", "a=b", "--from", "2100-01-02", "--until", "2100-01-01", message = "before it begins" },
    { "add", "a=b", "--for", "soon", message = "--for soon: not a length of time" },
    { "add", "a=b", "--for", "0m", message = "--for 0m: not a length of time" },
    { "add", "a=b", "--for", "1h", "--until", "2100-01-01", message = "either --for or --until" },
    { "expire", message = "which of them? (ids, or --all)" },
    { "lits", message = "lits: not add, list or expire" },
    { "list", "what", message = "what: no script" },
  }

  it("say what they do not understand, with code 2", function()
    run_once()
    for _, case in ipairs(refused) do
      local out, code, errors = silence(table.unpack(case))
      assert.equal(2, code, case.message)
      assert.same({}, out)
      assert.matches("^cdrlua: error: silence[^\n]+\n$", errors)
      assert.matches(case.message, errors, 1, true)
    end
    assert.equal("", kept())
  end)

  it("are of the run that a script's name, --name or --state names", function()
    local function run(...) return support.run { cwd = folder, ... } end
    local code, _, errors = run("silence", "list")
    assert.equal(2, code)
    assert.matches("of which run?", errors, 1, true)
    for _, words in ipairs { { "no-such-run.lua" }, { "--name", "no-such-run" } } do
      code, _, errors = run("silence", "add", "a=b", table.unpack(words))
      assert.equal(2, code)
      assert.matches("no-such-run/state.db: not there: no run has kept its state", errors, 1, true)
    end
    -- a value may look like a file
    errors = select(3, run("silence", "add", "file=x/rules.lua"))
    assert.matches("of which run?", errors, 1, true)
  end)

  it("need a whole database, and leave a damaged one as it is", function()
    run_once()
    support.write_file(db, "garbage, garbage and garbage")
    for _, words in ipairs { { "silence" }, { "silence", "add", "a=b" }, { "alerts" } } do
      local _, code, errors = ask(table.unpack(words))
      assert.equal(2, code)
      assert.matches("S/state.db: file is not a database", errors, 1, true)
    end
    assert.equal("garbage, garbage and garbage", support.read_file(db))
    support.write_file(db, "")
    local _, code, errors = silence()
    assert.equal(2, code)
    assert.matches("S/state.db: empty: no run has kept its state there yet", errors, 1, true)
    sql "PRAGMA user_version = 99"
    _, code, errors = silence()
    assert.equal(2, code)
    assert.matches("written by a newer cdrlua", errors, 1, true)
  end)

  it("are listed from a folder that cannot be written to, and not added", function()
    run_once()
    silence("add", "name=x")
    support.run { program = "cp", support.program, path "cdrlua" }
    local function as_another(...)
      local user = { "setpriv", "--reuid=65534", "--clear-groups" }
      if support.run { program = "sh", "-c", '[ "$(id -u)" = 0 ]' } ~= 0 then user = { "env" } end
      table.move({ "./cdrlua", ... }, 1, 1 + select("#", ...), #user + 1, user)
      user.program, user.cwd = table.remove(user, 1), folder
      return support.run(user)
    end
    support.run { program = "chmod", "-R", "a+rX,a-w", folder }
    local code, out, errors = as_another("silence", "list", "--state", "S")
    assert.equal(0, code, errors)
    assert.matches("^1  active .* name=x", out)
    code, out, errors = as_another("silence", "add", "a=b", "--state", "S")
    support.run { program = "chmod", "-R", "u+w", folder }
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("attempt to write a readonly database", errors)
  end)
end)

describe("cdrlua alerts", function()
  local folder, db

  local function alerts(...)
    local code, out, errors = support.run { cwd = folder, "alerts", ... }
    assert.equal(0, code, errors)
    return rules.lines(out)
  end

  local function put(name, key, value)
    native.sql(db, ("INSERT INTO state VALUES ('%s', %s, '%s', 0)"):format(name, key, value))
  end

  local function change(n, at, name, to, severity)
    put("cdr.alerts.history", n, ('{"at":%d,"name":"%s","key":"ses_%d","severity":"%s",'
      .. '"from":"pending","to":"%s","summary":"s%d"}')
      :format(at, name, n, severity or "info", to, n))
  end

  local function numbers(...)
    local found = {}
    for i, line in ipairs(alerts("history", "--state", "S", ...)) do
      found[i] = line:match "s(%d+)$"
    end
    return table.concat(found, " ")
  end

  before_each(function()
    folder = support.folder()
    db = folder .. "/S/state.db"
    support.write_file(folder .. "/a.log", LINE)
    support.run { "run", "--once", "filter", "a.log", "--state", "S", cwd = folder }
  end)

  after_each(support.clean)

  it("lists those that are pending or firing, what fires last", function()
    assert.same({}, alerts("--state", "S"))
    put("cdr.alerts", "'storm/A'", '{"name":"storm","key":"A","severity":"critical",'
      .. '"status":"firing","started":1000,"since":1601394690713,"summary":"3 of 20\\nleft",'
      .. '"silenced":"4"}')
    put("cdr.alerts", "'short/B'", '{"name":"short","key":"B","severity":"info",'
      .. '"status":"pending","since":1601394691713,"summary":"x"}')
    assert.same({
      "pending  2020-09-29 15:51:31  info      short  B  x",
      "firing   2020-09-29 15:51:30  critical  storm  A  3 of 20?left (silenced by 4)",
    }, alerts("list", "--state", "S"))
    assert.equal(1, #alerts("--state", "S", "--severity", "crit*"))
    assert.equal(1, #alerts("--state", "S", "--alert", "short"))
    assert.same({}, alerts("--state", "S", "--since", "1h"))
    assert.matches('^{"name":"short".*}$', alerts("--state", "S", "--json")[1])
  end)

  it("lists what was, in the order in which it happened", function()
    local now = os.time() * 1000
    for n = 1, 12 do
      change(n, now - (13 - n) * 3600000, n % 2 == 0 and "network" or "node",
        n % 3 == 0 and "resolved" or "firing", n == 5 and "critical")
    end
    assert.equal("1 2 3 4 5 6 7 8 9 10 11 12", numbers())
    assert.equal("11 12", numbers("-n", "2"))
    assert.equal("10 12", numbers("--alert", "net*", "--count", "2"))
    assert.equal("5", numbers("--severity", "critical"))
    assert.equal("11 12", numbers("--since", "2h30m"))
    assert.equal("1 2", numbers("--until", "10h30m"))
    assert.equal("", numbers("--until", "2020-01-01 08:00"))
    assert.matches("^%d+%-%d+%-%d+ %d+:%d+:%d+  resolved  info +network  ses_12  s12$",
      alerts("history", "--state", "S", "-n", "1")[1])
  end)

  it("has colours on a terminal only", function()
    put("cdr.alerts", "'storm/A'", '{"name":"storm","key":"A","status":"firing","since":1}')
    local spawn = "import pty; pty.spawn(['%s', 'alerts', '--state', 'S'])"
    local _, out = support.run { program = "python3", "-c", spawn:format(support.program),
      cwd = folder }
    assert.matches("^\27%[31mfiring\27%[0m  1970", out)
    assert.matches("^firing  1970", alerts("--state", "S")[1])
  end)

  it("says what it does not understand, with code 2", function()
    for words, message in pairs {
      ["list"] = "of which run?", ["what --state S"] = "what: not list or history",
      ["history --state S --since soon"] = "--since soon: neither a time",
      ["history --state S -n 0"] = "--count 0: not a number from 1 on",
    } do
      local given = { "alerts", cwd = folder }
      for word in words:gmatch "%S+" do given[#given + 1] = word end
      local code, _, errors = support.run(given)
      assert.equal(2, code)
      assert.matches(message, errors, 1, true)
    end
  end)
end)
