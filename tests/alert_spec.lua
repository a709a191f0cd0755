-- cdr.alert in the program: where alerts go, over restarts, between scripts, and within limits.
local rules = require "tests.support.rules"
local support = require "tests.support"

local T = 1600000000000

-- A line that fires (or with `resolve` resolves) the key `k`, so many seconds after T.
local function tick(seconds, key, what, name)
  return ('{"%s":{"sessionId":"s","k":"%s","what":"%s","timestamp":%d}}'):format(name or "tick",
    key, what or "fire", math.floor(T + seconds * 1000))
end

local FEED = [[
cdr.on("tick", function(event)
  if event.what == "resolve" then a:resolve(event) else a:fire(event) end
end)
]]

local function script(options, more)
  return ('local a = cdr.alert { name = "a", key = "k", %s }\n%s%s'):format(options, FEED,
    more or "")
end

-- Runs with places and state kept in `folder`, on these lines in all.
local function go_on(folder, text, lines, ...)
  support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. text)
  support.write_file(folder .. "/server.log", table.concat(lines, "\n") .. "\n")
  local code, out, err = support.run { "run", "--once", "rules.lua", "server.log", "--state",
    "state", cwd = folder, ... }
  assert.equal(0, code, err)
  return rules.lines(out), err
end

local function sql(folder, text)
  local code, out, err = support.run { program = "sqlite3", folder .. "/state/state.db", text }
  assert.equal(0, code, err)
  return rules.lines(out)
end

describe("an alert of a script", function()
  after_each(support.clean)

  it("without sinks goes on the road, for -w and for later scripts, and into the log", function()
    local run = rules.run({
      script 'summary = "{key}: {event.what}"',
      [[ cdr.on("alert", function(event) print(event.status, event.alerts[1].fired) end) ]],
    }, { tick(1, "x"), tick(2, "x"), tick(3, "x", "resolve") }, { "-w", "out.log" })
    assert.same({ "firing\t1", "resolved\t2" }, run.lines)
    assert.is_truthy(run.errors:find("warn: rules: alert a firing: x: fire", 1, true), run.errors)
    assert.is_truthy(run.errors:find("cdrlua: rules: alert a resolved: x: fire", 1, true))
    local lines = rules.lines(support.read_file(run.folder .. "/out.log"))
    assert.equal(5, #lines)
    assert.equal('{"alert":{"id":"a/x/firing/1600000001000/0","status":"firing","name":"a",'
      .. '"severity":"warning","summary":"x: fire",'
      .. '"labels":{"k":"x","name":"a","severity":"warning"},"started":1600000001000,'
      .. '"timestamp":1600000001000,"repeats":0,"count":1,"alerts":[{"fired":1,"key":"x",'
      .. '"labels":{"k":"x","name":"a","severity":"warning"},"sessionId":"s",'
      .. '"started":1600000001000,"status":"firing","summary":"x: fire"}]}}', lines[2])
  end)

  it("is sent to each of its sinks, and to nothing else", function()
    local run = rules.run([[
      local seen = { send = function(_, notification) print(notification.id) end }
      local hook = cdr.sink("hook.log", { shape = "webhook" })
      local text = cdr.notify("text.log", { template = "{status} {name} {alerts.1.fired}" })
    ]] .. script "to = { hook, seen, text }", { tick(1, "x") }, { "-w", "out.log" })
    assert.same({ "a/x/firing/1600000001000/0" }, run.lines)
    assert.matches('^{"event":"alert","id":"a/x/firing/.*}\n$',
      support.read_file(run.folder .. "/hook.log"))
    assert.equal("firing a 1\n", support.read_file(run.folder .. "/text.log"))
    assert.is_nil(support.read_file(run.folder .. "/out.log"):find "alert")
    assert.equal("", run.errors)
  end)

  it("is timed by the events: what is due later than the last does not fire", function()
    local run = rules.run(script 'for_ = 10, summary = "{key}"',
      { tick(1, "x"), tick(5, "y"), '{"tock":{"timestamp":' .. T + 13000 .. "}}" }, { "-w", "-" })
    local told = {}
    for _, line in ipairs(run.lines) do told[#told + 1] = line:match '"alert":{"id":"([^"]+)"' end
    assert.same({ "a/x/firing/1600000011000/0" }, told)
  end)

  it("goes on after a restart, with its timers", function()
    local folder = support.folder()
    local text = script 'for_ = 60, repeat_every = 100, summary = "{key}"'
    local lines = { tick(1, "x"), tick(2, "y") }
    go_on(folder, text, lines, "-w", "-")
    assert.same({ "a/x|pending", "a/y|pending" },
      sql(folder, "SELECT key, value->>'status' FROM state WHERE name = 'cdr.alerts'"))
    lines[3], lines[4] = tick(10, "y", "resolve"), tick(100, "z")
    local out = go_on(folder, text, lines, "-w", "-")
    assert.matches('"id":"a/x/firing/1600000061000/0"', out[2])
    lines[5] = tick(170, "x", "resolve")
    out = go_on(folder, text, lines, "-w", "-")
    assert.matches('"id":"a/z/firing/1600000160000/0"', out[1])
    assert.matches('"id":"a/x/firing/1600000061000/1".*"repeats":1', out[2])
    assert.matches('"id":"a/x/resolved/1600000061000/2"', out[4])
    assert.same({
      "1|x|pending", "2|y|pending", "10|y|expired", "61|x|firing", "100|z|pending",
      "160|z|firing", "170|x|resolved",
    }, sql(folder, ([[SELECT ((value->>'at') - %d) / 1000, value->>'key', value->>'to'
      FROM state WHERE name = 'cdr.alerts.history' ORDER BY key]]):format(T)))
  end)

  it("takes up what is there when its options have changed", function()
    local folder = support.folder()
    local lines = { tick(1, "x"), tick(100, "y") }
    go_on(folder, script "", { lines[1] })
    local out = go_on(folder, script "resolve_after = 10", lines, "-w", "-")
    assert.matches('"id":"a/x/resolved/.*"ended":1600000011000', table.concat(out, "\n"))
    go_on(folder, script "", lines)
  end)

  it("goes on with its timers in another script too", function()
    local text = 'local cdr = require "cdr"\n' .. script([[resolve_after = 60, repeat_every = 24,
      group_by = "k", group_wait = 1, flap = { changes = 1, within = 50 } ]], [[
        cdr.timer("mine", function(value) print(value) end)
        cdr.on("mine", function(event) for i = 1, 9 do cdr.after(90, "mine", i) end end)
      ]])
    local lines = { tick(1, "x"), tick(2, "x", "resolve"), tick(3, "x"), tick(7, "y"),
      tick(15, "z") }
    local function second_run(name)
      local folder = support.folder()
      go_on(folder, text, lines)
      support.write_file(folder .. "/" .. name, text)
      support.append(folder .. "/server.log", tick(20, "-", "", "mine") .. "\n"
        .. tick(200, "-", "", "tock") .. "\n")
      local code, out, err = support.run { "run", "--once", name, "server.log", "--state", "state",
        "-w", "-", cwd = folder }
      assert.equal(0, code, err)
      return rules.lines(out)
    end
    local moved = second_run "moved.lua"
    assert.equal(20, #moved)
    assert.same(second_run "rules.lua", moved)
  end)

  it("that no script has any more goes, and is told of no more", function()
    local folder = support.folder()
    local both = 'local b = cdr.alert { name = "b", for_ = 90, repeat_every = 90 }\n'
      .. script('for_ = 90', 'cdr.on("tick", function(event) b:fire(event) end)')
    go_on(folder, both, { tick(1, "x"), tick(100, "y") })
    go_on(folder, script "for_ = 90", { tick(1, "x"), tick(100, "y"), tick(999, "z") })
    assert.same({ "a/x|firing", "a/y|firing", "a/z|pending" },
      sql(folder, "SELECT key, value->>'status' FROM state WHERE name = 'cdr.alerts'"))
    assert.same({ "b|pending", "b|firing", "b|resolved" }, sql(folder,
      [[SELECT value->>'name', value->>'to' FROM state WHERE name = 'cdr.alerts.history'
      AND value->>'name' = 'b' ORDER BY key]]))
  end)

  it("is told when what inhibited it has gone with a script's change", function()
    local folder = support.folder()
    local b = 'local b = cdr.alert { name = "b", key = "k", inhibits = "a" }\n'
    local feed = 'cdr.on("tick", function(event) b:fire(event) end)\n'
    local out = go_on(folder, b .. feed .. script "", { tick(1, "x") }, "-w", "-")
    assert.equal(2, #out)
    assert.matches('"id":"b/x/firing', out[2])
    out = go_on(folder, script "", { tick(1, "x"), tick(2, "y", "", "tock") }, "-w", "-")
    assert.equal(2, #out)
    assert.matches('"id":"a/x/firing/1600000001000/0"', out[1])
  end)

  it("is told when the silence was taken back while nothing ran", function()
    local folder = support.folder()
    go_on(folder, script "", { tick(1, "x") })
    local row = [[REPLACE INTO state VALUES ('cdr.silences', '1',
      '{"id":"1","match":{"k":"y"},"from":%d,"until":%d}', 0)]]
    sql(folder, row:format(T, T + 3600000))
    local lines = { tick(1, "x"), tick(2, "y"), tick(3, "z") }
    assert.equal(3, #go_on(folder, script "", lines, "-w", "-"))
    sql(folder, row:format(T, T + 30000))
    lines[4] = tick(60, "x")
    local out = go_on(folder, script "", lines, "-w", "-")
    assert.matches('"id":"a/y/firing/1600000002000/0".*"timestamp":1600000030000', out[1])
  end)

  it("is kept back by a silence until that ends", function()
    local folder = support.folder()
    local text = script 'summary = "{key}"'
    go_on(folder, text, { tick(1, "x") })
    sql(folder, ([[INSERT INTO state VALUES ('cdr.silences', '1',
      '{"id":"1","match":{"k":{"pattern":"n*"}},"from":%d,"until":%d}', 0)]]):format(T,
      T + 60000))
    local lines = { tick(1, "x"), tick(2, "node"), tick(3, "y") }
    local out = go_on(folder, text, lines, "-w", "-")
    assert.equal(3, #out)
    assert.matches('"id":"a/y/firing', out[3])
    assert.same({ "1" }, sql(folder, "SELECT value->>'silenced' FROM state "
      .. "WHERE name = 'cdr.alerts' AND key = 'a/node'"))
    lines[4] = tick(70, "x")
    out = go_on(folder, text, lines, "-w", "-")
    assert.matches('"id":"a/node/firing/1600000002000/0".*"timestamp":1600000060000', out[1])
  end)

  it("is kept back by a silence of a command, and told when that is taken back", function()
    local folder = support.folder()
    local file, out = folder .. "/server.log", folder .. "/alerts.log"
    local function fire(key)
      support.append(file, tick(os.time() - T // 1000, key) .. "\n")
    end
    local function told(key)
      return (support.read_file(out) or ""):find(('"id":"a/%s/firing'):format(key), 1, true)
    end
    local function command(...)
      local code, _, err = support.run { "silence", ... }
      assert.equal(0, code, err)
    end
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n'
      .. script 'to = cdr.sink "alerts.log"')
    fire "first"
    local p = support.spawn { "run", "rules.lua", file, "--state", "state", cwd = folder }
    support.expect(function() return told "first" end, function() return p:stderr() end)
    command("add", "key=x*", "--state", folder .. "/state")
    local n = 0
    support.expect(function() -- once it has noticed, the other of two is told alone
      n = n + 1
      fire("x" .. n)
      fire("other" .. n)
      support.expect(function() return told("other" .. n) end, "the other")
      return not told("x" .. n)
    end, "an x that is not told")
    command("expire", "1", "--state", folder .. "/state")
    support.expect(function() return told("x" .. n) end, function() return p:stderr() end)
    assert.equal(0, p:stop())
  end)

  it("may be inhibited by one of another script, whichever is loaded first", function()
    local other = [[
      local b = cdr.alert { name = "b", key = "k", inhibits = "a" }
      cdr.on("tock", function(event)
        if event.what == "resolve" then b:resolve(event) else b:fire(event) end
      end)
    ]]
    local lines = { tick(1, "x", "fire", "tock"), tick(2, "x"), tick(3, "y"),
      tick(4, "x", "resolve", "tock") }
    local mine = script 'summary = "{key}", repeat_every = 60'
    for _, scripts in ipairs { { mine, other }, { other, mine } } do
      local run = rules.run(scripts, lines, { "-w", "-" })
      local told = {}
      for _, line in ipairs(run.lines) do
        told[#told + 1] = line:match '"alert":{"id":"([ab]/./%a+)/'
      end
      assert.same({ "b/x/firing", "a/y/firing", "b/x/resolved", "a/x/firing" }, told, run.errors)
    end
  end)

  it("is made as the README makes it", function()
    local text = support.read_file("README.md"):match "\n## Alerts\n.-```lua\n(.-)```"
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", text)
    local code, _, err = support.run { "check", folder .. "/rules.lua" }
    assert.equal(0, code, err)
  end)

  it("tells of an alert that it names and that is not there", function()
    local run = rules.run(script 'inhibits = { "b", "a" }', { tick(1, "x"), tick(2, "x") })
    local _, n = run.errors:gsub('alert "a": inhibits: there is no alert "b"', "")
    assert.equal(1, n, run.errors)
  end)

  it("has a name that no other has, in any script", function()
    local run = rules.run({ script "", script "" }, {})
    assert.equal(2, run.code)
    assert.is_truthy(run.errors:find('rules2.lua:2: alert "a": there is one of that name', 1, true),
      run.errors)
  end)

  it("with a wrong option does not load", function()
    local run = rules.run(script '["repeat"] = 5', {})
    assert.equal(2, run.code)
    assert.is_truthy(run.errors:find(
      'rules.lua:2: alert "a": unknown option "repeat" (did you mean "repeat_every"?)', 1, true),
      run.errors)
  end)

  it("is not made in a handler", function()
    local run = rules.run('cdr.on("tick", function() cdr.alert { name = "a" } end)',
      { tick(1, "x") })
    assert.is_truthy(run.errors:find("rules.lua:2: cdr.alert is for while a script is loading", 1,
      true), run.errors)
  end)

  it("keeps what is to be told of a group, however long its texts are", function()
    local folder, lines = support.folder(), {}
    local long = ("\\u0001"):rep(600)
    for i = 1, 200 do lines[i] = tick(i / 100, i .. long) end
    lines[#lines + 1] = tick(30, "x", "", "tock")
    for i = 1, 200 do lines[#lines + 1] = tick(30 + i / 100, i .. long, "resolve") end
    local text = script 'group_by = {}, labels = { "k", "sessionId" }, summary = "{key}{key}{key}"'
    local _, errors = go_on(folder, text, lines)
    assert.is_nil(errors:find("not kept", 1, true), errors:sub(-200))
    lines[#lines + 1] = tick(60, "x", "", "tock")
    local out = go_on(folder, text, lines, "-w", "-")
    assert.matches('"status":"resolved".*"count":200,', out[1])
  end)

  it("has a history of the last 10,000 changes", function()
    local folder, lines = support.folder(), {}
    for n = 1, 5003 do
      lines[2 * n - 1], lines[2 * n] = tick(n, "x"), tick(n + 0.5, "x", "resolve")
    end
    go_on(folder, script "to = { { send = function() end } }", lines)
    assert.same({ "10000|7|10006|firing|resolved" }, sql(folder, [[
      SELECT count(*), min(key), max(key), (SELECT value->>'to' FROM state
        WHERE name = 'cdr.alerts.history' AND key = 7), (SELECT value->>'to' FROM state
        WHERE name = 'cdr.alerts.history' AND key = 10006)
      FROM state WHERE name = 'cdr.alerts.history']]))
  end)

  it("keeps 10,000 keys, tells that there are more, and counts them", function()
    local folder, lines = support.folder(), {}
    for n = 1, 10050 do lines[n] = tick(1, "key" .. n) end
    local _, err = go_on(folder, script "to = { { send = function() end } }", lines)
    assert.same({ "10000" }, sql(folder, "SELECT count(*) FROM state WHERE name = 'cdr.alerts'"))
    local _, told = err:gsub('alert "a": has 10000 keys, more are not watched', "")
    assert.equal(1, told)
    assert.is_truthy(err:find('alert "a": 50 fires of keys beyond its 10000', 1, true), err)
  end)
end)
