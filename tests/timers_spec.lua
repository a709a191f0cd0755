-- Timers on the events' clock: cdr.every, cdr.at, cdr.timer, cdr.after, and what moves the clock.
local rules = require "tests.support.rules"
local support = require "tests.support"

local T0 = 1601394600000 -- 2020-09-29 15:50:00 UTC

local function event(seconds, session, name)
  return ('{"%s":{"sessionId":"%s","timestamp":%d}}'):format(name or "sessionCreated",
    session or "ses_A", T0 + math.floor(seconds * 1000 + 0.5))
end

local function events(...)
  local lines = {}
  for _, seconds in ipairs { ... } do lines[#lines + 1] = event(seconds) end
  return lines
end

local PRELUDE = ([[
local T0 = %d
local function say(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = tostring(words[i]) end
  print(table.concat(words, " "))
end
local function at(ms) return ((ms - T0) / 1000) // 0.001 / 1000 end
]]):format(T0)

-- Without lateness, unless the options say otherwise.
local function run(script, input, options)
  return rules.run(PRELUDE .. script, input, options or { "--lateness", "0" })
end

local function said(script, input, options)
  local got = run(script, input, options)
  assert.equal(0, got.code, got.errors)
  return got.lines
end

describe("the clock of the events", function()
  after_each(support.clean)

  it("runs what is due before the line that moves it past, a lateness behind", function()
    local script = [[
      cdr.every(60, function(due) say("every", at(due)) end)
      cdr.on("*", function(event) say("event", at(event.timestamp)) end)
    ]]
    assert.same({ "event 6.0", "event 64.0", "every 60.0", "event 65.0", "event 66.0" },
      said(script, events(6, 64, 65, 66), {}))
    assert.same({ "event 0.0", "every 60.0", "event 61.0" }, said(script, events(0, 61)))
  end)

  it("runs at the end of --once what is due at the last line's time and no more", function()
    assert.same({ "60.0", "120.0" }, said("cdr.every(60, function(due) say(at(due)) end)",
      events(1, 120)))
    assert.same({ "60.0" }, said("cdr.every(60, function(due) say(at(due)) end)",
      events(1, 119.999)))
  end)

  it("is the greatest timestamp in a handler and the due time in a timer", function()
    local got = rules.run({ PRELUDE .. [[
      cdr.on("sessionCreated", function(event)
        say(at(cdr.time.now()))
        if event.timestamp == T0 + 10000 then
          cdr.after(2, function(due)
            say("timer", at(due), at(cdr.time.now()))
            cdr.emit { event = "made" }
          end)
        end
      end)
    ]], PRELUDE .. 'cdr.on("made", function() say("emitted", at(cdr.time.now())) end)',
    }, events(10, 9, 30))
    assert.same({ "10.0", "10.0", "timer 12.0 12.0", "emitted 12.0", "30.0" }, got.lines)
  end)

  it("counts lines that come behind it, and is not moved by a timestamp far ahead", function()
    local got = run([[
      cdr.every(3600, function(due) say(at(due)) end)
      cdr.on("input.ended", function() say(at(cdr.time.now())) end)
    ]], {
      event(6), event(20), event(14), event(15), '{"a":{"timestamp":4102444800000}}', "no event",
    }, {})
    assert.same({ "20.0" }, got.lines)
    assert.matches(", 1 line late, 1 timestamp in the future, 1 rejected", got.errors, 1, true)
  end)

  it("is not moved by a timestamp in seconds, also by the first", function()
    local got = run([[
      cdr.every(3600, function(due) say(at(due)) end)
      cdr.on("input.ended", function() say(at(cdr.time.now())) end)
    ]], {
      '{"a":{"timestamp":1700000000}}', '{"a":{"timestamp":999999999999}}', event(6),
      '{"a":{"timestamp":1700000000}}', event(20),
    }, {})
    assert.same({ "20.0" }, got.lines)
    assert.matches(", 3 timestamps before 2001\n", got.errors, 1, true)
  end)

  it("begins in September 2001", function()
    local got = rules.run('cdr.on("input.ended", function() print(cdr.time.now()) end)',
      { '{"a":{"timestamp":1000000000000}}', '{"a":{"timestamp":1}}' })
    assert.same({ "1000000000000" }, got.lines)
  end)

  it("takes the line of the series whose clock is lowest, with --once", function()
    local folder = support.folder()
    support.write_file(folder .. "/a.log", event(0, "a") .. "\n" .. event(10, "a") .. "\n"
      .. event(20, "a") .. "\n")
    support.write_file(folder .. "/b.log", event(5, "b") .. "\n" .. event(6, "b") .. "\n"
      .. event(25, "b") .. "\n")
    support.write_file(folder .. "/rules.lua", PRELUDE .. [[
      local cdr = require "cdr"
      cdr.every(12, function(due) say("every", at(due)) end)
      cdr.on("*", function(event) say(event.sessionId, at(event.timestamp)) end)
    ]])
    local _, out = support.run { "run", "--once", "--lateness", "0", "rules.lua", "a.log", "b.log",
      cwd = folder }
    assert.same({ "a 0.0", "b 5.0", "a 10.0", "b 6.0", "b 25.0", "every 12.0", "a 20.0",
      "every 24.0" }, rules.lines(out))
  end)

  it("goes on in silence by the machine's clock, less twice the lateness", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      cdr.on("*", function(event) cdr.after(0.2, "soon", event.timestamp) end)
      cdr.timer("soon", function(from, due) print(due - from, cdr.time.wall() - due) end)
    ]])
    support.mkdir(folder .. "/cdr")
    local p = support.spawn { "run", "--lateness", "0.1", "--state", "state", "rules.lua", "cdr",
      cwd = folder }
    support.expect(function() return p:stderr():find "following" end)
    local now = ('{"sessionCreated":{"sessionId":"s","timestamp":%d}}\n'):format(
      tonumber((select(2, support.run { program = "date", "+%s%3N" }))))
    support.append(folder .. "/cdr/CDR.2020-09-29_00-00-00.log", now)
    local words = support.expect(function() return p:stdout():match "(%d+%s+%d+)\n" end)
    local after, behind = words:match "(%d+)%s+(%d+)"
    assert.equal("200", after)
    assert.is_true(tonumber(behind) >= 199, behind)
    assert.equal(0, p:stop())
  end)

  it("stands still with --clock event, and is the machine's with --clock wall", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", [[
      local cdr = require "cdr"
      cdr.every(0.05, function(due) print(cdr.time.now() - due, cdr.time.wall() - due) end)
    ]])
    support.write_file(folder .. "/a.log", event(0) .. "\n")
    local p = support.spawn { "run", "--clock", "event", "--from", "start", "rules.lua", "a.log",
      cwd = folder }
    local q = support.spawn { "run", "--clock", "wall", "--from", "start", "--name", "q",
      "rules.lua", "a.log", cwd = folder }
    support.expect(function() return select(2, q:stdout():gsub("\n", "")) > 3 end)
    for now, wall in q:stdout():gmatch "(%d+)\t(%-?%d+)\n" do
      assert.equal("0", now)
      assert.is_true(tonumber(wall) < 5000)
    end
    assert.equal("", p:stdout())
    assert.equal(0, p:stop())
    assert.equal(0, q:stop())
  end)
end)

describe("timers", function()
  after_each(support.clean)

  it("run in the order of their due times, then of scripts, then of their making", function()
    local got = rules.run({
      PRELUDE .. [[ cdr.every(10, function(due) say("first a", at(due)) end)
        cdr.every(20, function(due) say("first b", at(due)) end) ]],
      PRELUDE .. [[ cdr.every(5, function(due) say("second", at(due)) end) ]],
    }, events(1, 21), { "--lateness", "0" })
    assert.same({ "second 5.0", "first a 10.0", "second 10.0", "second 15.0", "first a 20.0",
      "first b 20.0", "second 20.0" }, got.lines)
  end)

  it("emit, send and wait as handlers do", function()
    local got = rules.run({ PRELUDE .. [[
      cdr.every(60, function(due)
        cdr.sleep(0.01)
        cdr.emit { event = "tick", due = due }
      end) ]], 'cdr.on("tick", function(event) event.seen = true end)',
    }, events(6, 70), { "-w", "-" })
    assert.same({ event(6), event(70), ('{"tick":{"due":%d,"seen":true}}'):format(T0 + 60000) },
      got.lines)
  end)

  it("hold the road while they wait, after cdr.ordered()", function()
    assert.same({ "event 5.0", "begin 10.0", "end 10.0", "event 15.0", "begin 20.0", "end 20.0",
      "begin 30.0", "end 30.0", "event 31.0" }, said([[
      cdr.ordered()
      cdr.every(10, function(due)
        say("begin", at(due))
        cdr.sleep(0.05)
        say("end", at(due))
      end)
      cdr.on("*", function(event) say("event", at(event.timestamp)) end)
    ]], events(5, 15, 31)))
  end)

  it("have a place of their own to fail", function()
    local got = run([[
      cdr.every(60, function(due) if at(due) == 60.0 then error "no" end say(at(due)) end)
    ]], events(1, 120))
    assert.same({ "120.0" }, got.lines)
    assert.matches("rules.lua:9: no", got.errors, 1, true)
  end)

  it("can be cancelled, by their handle or by the id of a named one", function()
    assert.same({ "named b", "true false" }, said([[
      local every = cdr.every(10, function() say "every" end)
      cdr.timer("t", function(value) say("named", value) end)
      cdr.on("*", function(event)
        if event.timestamp > T0 then return end
        every:cancel()
        local a = cdr.after(5, "t", "a")
        cdr.after(6, "t", "b")
        cdr.after(7, "t", "c"):cancel()
        cdr.after(8, function() say "nameless" end):cancel()
        local yes = cdr.cancel(a.id)
        local no = a:cancel()
        cdr.on("input.ended", function() say(yes, no) end)
      end)
    ]], events(0, 60)))
  end)

  it("that are made while loading are not cancelled in the place of others", function()
    assert.same({ "each 10.0 20", "each 20.0 40" }, said([[
      local n = 0
      for _ = 1, 20 do cdr.every(10, function() n = n + 1 end) end
      cdr.every(10, function(due) say("each", at(due), n) end)
      cdr.timer("t", function() say "named" end)
      cdr.on("*", function(event)
        if event.timestamp > T0 then return end
        local handles = {}
        for i = 1, 2000 do
          handles[i] = cdr.after(30 + i, "t")
          if i % 100 == 0 then handles[i // 100]:cancel() end
        end
      end)
    ]], events(0, 20)))
  end)

  it("of a periodic kind can cancel themselves while they run", function()
    assert.same({ "10.0", "20.0" }, said([[
      local handle
      handle = cdr.every(10, function(due)
        say(at(due))
        if at(due) == 20.0 then handle:cancel() end
      end)
    ]], events(0, 60)))
  end)

  it("have the same ids in each run, and every run of a timer one of its own", function()
    local script = [[
      cdr.every(10, function() say(cdr.id()) end)
      cdr.every(10, function() say(cdr.id()) end)
      cdr.timer("t", function() say(cdr.id()) end)
      cdr.on("*", function(event)
        if event.timestamp > T0 then return end
        cdr.after(1, "t")
        cdr.after(1, "t")
      end)
    ]]
    local one, two = said(script, events(0, 60)), said(script, events(0, 60))
    assert.same(one, two)
    local seen = {}
    for _, id in ipairs(one) do
      assert.is_nil(seen[id])
      seen[id] = true
    end
    assert.equal(2 * 6 + 2, #one)
  end)

  it("have the ids of a run without a restart after one, too", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. PRELUDE .. [[
      cdr.timer("t", function() say(cdr.id()) end)
      cdr.on("*", function()
        cdr.after(1, "t")
        cdr.after(1, function() say(cdr.id()) end)
      end)
    ]])
    local function run_once(state, ...)
      support.append(folder .. "/a.log", table.concat(events(...), "\n") .. "\n")
      local _, out = support.run { "run", "--once", "--lateness", "0", "--state", state,
        "rules.lua", "a.log", cwd = folder }
      return out
    end
    local first, rest = rules.lines(run_once("state", 0, 2)), rules.lines(run_once("state", 4, 6))
    local all = rules.lines(run_once "another") -- one without a name has died meanwhile
    assert.equal(6, #all)
    assert.same({ all[1], all[2] }, first)
    assert.same({ all[3], all[5], all[6] }, rest)
  end)

  it("have the ids of the events that made them, whichever of them was first", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. PRELUDE .. [[
      local opt = cdr.options { ses_A = 0, ses_B = 0 }
      local made = 0
      cdr.timer("t", function(id) say(id, cdr.id()) end)
      cdr.on("sessionCreated", function(event)
        cdr.sleep(opt[event.sessionId])
        cdr.after(1, "t", event.sessionId)
        made = made + 1
        if made == 2 then say "made" end
      end)
    ]])
    local function ids(late)
      local p = support.spawn { "run", "--once", "--lateness", "0", "--set", late .. "=0.2",
        "rules.lua", "-", cwd = folder, stdin = "pipe" }
      p:write(event(0, "ses_A") .. "\n" .. event(0, "ses_B") .. "\n")
      support.expect(function() return p:stdout() == "made\n" end, p.stderr_path)
      p:write(event(9, "ses_C", "other") .. "\n")
      p:close_stdin()
      assert.equal(0, p:wait())
      local lines = rules.lines(p:stdout())
      table.sort(lines)
      return lines
    end
    local one = ids "ses_A"
    assert.equal(3, #one)
    assert.same(one, ids "ses_B")
  end)

  it("with a name survive a restart, with their values", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. PRELUDE .. [[
      cdr.timer("t", function(value, due) say(value.who, value.n, at(due)) end)
      cdr.on("sessionCreated", function(event)
        cdr.after(30, "t", { who = event.sessionId, n = 1.5 })
        cdr.after(3, function() say "nameless" end)
      end)
    ]])
    support.write_file(folder .. "/a.log", event(0) .. "\n")
    local words = { "run", "--once", "--state", "state", "rules.lua", "a.log", cwd = folder }
    local _, out = support.run(words)
    assert.equal("", out)
    support.append(folder .. "/a.log",
      event(20, "s", "other") .. "\n" .. event(36, "s", "other") .. "\n")
    _, out = support.run(words)
    assert.equal("ses_A 1.5 30.0\n", out)
    support.append(folder .. "/a.log", event(90, "s", "other") .. "\n")
    _, out = support.run(words)
    assert.equal("", out)
  end)

  it("that are made before the clock has begun run when they are due", function()
    local folder = support.folder()
    support.write_file(folder .. "/a.log", event(0, "a") .. "\n" .. event(1, "a") .. "\n")
    support.write_file(folder .. "/b.log", event(0, "b") .. "\n" .. event(60, "b") .. "\n")
    support.write_file(folder .. "/rules.lua", PRELUDE .. [[
      local cdr = require "cdr"
      cdr.timer("t", function(value, due) say("named", value, at(due)) end)
      cdr.every(40, function(due) say("every", at(due)) end)
      cdr.on("*", function(event)
        if event.timestamp > T0 then return end
        cdr.after(30, "t", event.sessionId)
        cdr.after(30, function(due) say("nameless", event.sessionId, at(due)) end)
      end)
    ]])
    local code, out, errors = support.run { "run", "--once", "rules.lua", "a.log", "b.log",
      cwd = folder }
    assert.equal(0, code)
    assert.equal("", errors)
    assert.same({ "every 0.0", "named a 30.0", "named b 30.0", "nameless a 30.0",
      "nameless b 30.0", "every 40.0" }, rules.lines(out))
  end)

  it("do not overrun a slow receiver: the line waits until all that is due has run", function()
    local got = run([[
      cdr.every(1, function(due) say(at(due), ("x"):rep(300)) end)
      cdr.on("*", function(event) say("event", at(event.timestamp)) end)
    ]], events(0, 40000))
    assert.equal(40002, #got.lines)
    assert.equal("event 0.0", got.lines[1])
    assert.equal("event 40000.0", got.lines[#got.lines])
    for i = 1, 40000 do assert.equal(i .. ".0", got.lines[i + 1]:match "^%S+") end
  end)

  it("wait with the road while a sink is down, in little memory", function()
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", 'local cdr = require "cdr"\n' .. PRELUDE .. [[
      local sink = cdr.sink("tcp://127.0.0.1:1")
      cdr.every(1, function(due) sink:write(("x"):rep(1000)) end)
    ]])
    support.write_file(folder .. "/a.log", event(0) .. "\n" .. event(3000000) .. "\n")
    local p = support.spawn { "run", "--grace", "0", "--clock", "event", "rules.lua", "a.log",
      cwd = folder }
    support.expect(function() return p:stderr():find "wait; trying again" end)
    assert.is_true(p:status "RssAnon" < 12 * 1024 or os.getenv "CDRLUA_ASAN_OPTIONS" ~= nil)
    assert.equal(0, p:stop())
  end)

  it("run by sources' events too", function()
    local got = rules.run(PRELUDE .. [[
      local n = 0
      cdr.source(function()
        n = n + 1
        if n <= 3 then return { event = "made", timestamp = T0 + n * 60000 } end
      end)
      cdr.on("made", function(event) say("event", at(event.timestamp)) end)
      cdr.every(60, function(due) say("every", at(due)) end)
    ]], nil)
    assert.same({ "event 60.0", "every 60.0", "event 120.0", "every 120.0", "event 180.0",
      "every 180.0" }, got.lines)
  end)

  for script, sentence in pairs {
    ["cdr.on('*', function() cdr.every(1, print) end)"] = "cdr.every is for while a script is load",
    ["cdr.on('*', function() cdr.at('2:30', print) end)"] = "cdr.at is for while a script is load",
    ["cdr.on('*', function() cdr.after(5, 'x') end)"] = 'no timer is named "x"',
    ["cdr.on('*', function() cdr.after(-1, print) end)"] = "seconds, from 0.001 to a year",
    ["cdr.timer('t', print) cdr.on('*', function() cdr.after(1, 't', print) end)"] =
      "a function cannot be kept",
  } do
    it("refuse in a handler: " .. sentence, function()
      local got = rules.run(script, events(0))
      assert.equal(1, #got.rejects)
      assert.matches(sentence, got.rejects[1]:gsub('\\"', '"'), 1, true)
    end)
  end

  for script, sentence in pairs {
    ["cdr.every(0, print)"] = "rules.lua:2: cdr.every: seconds, from 0.001 to a year",
    ["cdr.every(60)"] = "rules.lua:2: cdr.every: a function is needed",
    ["cdr.at('25:00', print)"] = 'rules.lua:2: cdr.at: "25:00": a line of cron has five fields',
    ["cdr.at('* * * *', print)"] = 'rules.lua:2: cdr.at: "* * * *": a line of cron has five fields',
    ["cdr.at('0 24 * * *', print)"] = 'rules.lua:2: cdr.at: "24" is no hour',
    ["cdr.at('0 8-6 * * *', print)"] = 'rules.lua:2: cdr.at: "8-6" is no hour',
    ["cdr.at('0 0 * * moo', print)"] = 'rules.lua:2: cdr.at: "moo" is no weekday',
    ["cdr.at('*/0 * * * *', print)"] = 'rules.lua:2: cdr.at: "*/0" is no minute',
    ["cdr.at('0 0 31 2,4 *', print)"] = 'rules.lua:2: cdr.at: "0 0 31 2,4 *" never comes',
    ["cdr.after(1, print)"] = "rules.lua:2: cdr.after is for handlers and timers",
    ["cdr.timer('t', print) cdr.timer('t', print)"] = 'rules.lua:2: cdr.timer: "t" is named alre',
  } do
    it("refuse while loading: " .. sentence, function()
      local got = rules.run(script, events(0))
      assert.equal(2, got.code)
      assert.matches(sentence, got.errors, 1, true)
    end)
  end

  for option, sentence in pairs {
    ["--clock=sun"] = "--clock sun: not auto, event or wall",
    ["--lateness=-1"] = "--lateness -1: not a number from 0 on",
    ["--lateness=90000"] = "--lateness 90000: over a day (86400)",
  } do
    it("refuse " .. option, function()
      local code, _, errors = support.run { "run", option, "print", "-" }
      assert.equal(2, code)
      assert.matches(sentence, errors, 1, true)
    end)
  end
end)

describe("cdr.at", function()
  after_each(support.clean)

  -- The local times at which `when` comes, from..to in seconds since T0.
  local function times(when, from, to, zone)
    local folder = support.folder()
    support.write_file(folder .. "/rules.lua", ([[
      require "cdr".at(%q, function(due) print(os.date("%%m-%%d %%H:%%M", due // 1000)) end)
    ]]):format(when))
    support.write_file(folder .. "/a.log", event(from) .. "\n" .. event(to) .. "\n")
    local _, out = support.run { "run", "--once", "--lateness", "0", "rules.lua", "a.log",
      cwd = folder, env = { TZ = zone or "UTC" } }
    return rules.lines(out)
  end
  local DAY = 86400

  it("takes a time of the day", function()
    assert.same({ "09-30 02:30", "10-01 02:30" }, times("02:30", 0, 2 * DAY))
    assert.same({ "09-30 02:30", "10-01 02:30" }, times("2:30", 0, 2 * DAY, "America/New_York"))
  end)

  it("takes hourly, and lines of cron", function()
    assert.same({ "09-29 16:00", "09-29 17:00" }, times("hourly", 0, 2 * 3600))
    assert.same({ "09-29 15:55", "09-29 16:00", "09-29 16:05" }, times("*/5 * * * *", 0, 900))
    assert.same({ "10-01 08:00", "10-01 08:30", "10-01 18:00", "10-01 18:30" },
      times("0,30 8,18 * * thu", 0, 5 * DAY))
    assert.same({ "10-01 00:00", "11-01 00:00" }, times("0 0 1 * *", 0, 40 * DAY))
    assert.same({ "01-01 00:00" }, times("0 0 1 jan *", 0, 200 * DAY))
    assert.same({ "10-01 00:00", "10-05 00:00" }, times("0 0 1 10 mon", 0, 9 * DAY))
    assert.same({ "10-03 12:00", "10-04 12:00" }, times("0 12 * * sat,7", 0, 6 * DAY))
  end)

  it("comes once a day also where summer time begins and ends", function()
    -- in Berlin 2020-10-25 has 02:30 twice, 2021-03-28 not at all
    assert.same({ "10-24 02:30", "10-25 02:30", "10-26 02:30" },
      times("02:30", 24 * DAY, 27 * DAY, "Europe/Berlin"))
    local spring = times("02:30", 178 * DAY, 181 * DAY, "Europe/Berlin")
    assert.equal(3, #spring)
    assert.same({ "03-27 02:30", "03-29 02:30" }, { spring[1], spring[3] })
    assert.equal("03-28", spring[2]:sub(1, 5))
  end)
end)
