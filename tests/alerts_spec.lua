-- The built-in `alerts`, where its golden cases do not reach: what may be set, where it tells,
-- restarts and kills, and its limits.
local alerts = require "tests.support.alerts"
local live = require "tests.support.live"
local rules = require "tests.support.rules"
local support = require "tests.support"

local T = 1601366400000 -- 2020-09-29 08:00:00 UTC

-- A CDR line `seconds` after T (or `from`), with more fields as JSON.
local function line(name, seconds, session, more, from)
  return ('{"%s":{"sessionId":"%s","timestamp":%d%s}}'):format(name, session,
    (from or T) + seconds * 1000, more and "," .. more or "")
end

local function left(seconds, who, user, from)
  return line("participantLeft", seconds, "ses_a",
    ('"reason":"networkDisconnect","participantId":"%s","clientData":"%s"'):format(who,
      user or ""), from)
end

local function joined(seconds, who, user)
  return line("participantJoined", seconds, "ses_a",
    ('"participantId":"%s","clientData":"%s"'):format(who, user or ""))
end

-- Runs alerts once on lines, or a path.
local function once(input, ...)
  local folder = support.folder()
  if type(input) == "table" then
    support.write_file(folder .. "/in.log", table.concat(input, "\n") .. "\n")
    input = "in.log"
  end
  local code, out, errors = support.run { "run", "--once", "alerts", input, cwd = folder, ... }
  return { code = code, lines = rules.lines(out), errors = errors, folder = folder }
end

local CROWD = { joined(1, "con_1"), joined(2, "con_2") }

describe("alerts", function()
  after_each(support.clean)

  local mistakes = {
    { "storm_share=300", "--set storm_share=300: must be from 1 to 100" },
    { "storm_share=x", "--set storm_share=x: must be a number" },
    { "storm_count=2.5", "--set storm_count=2.5: must be a whole number" },
    { "crowd_people=0", "--set crowd_people=0: must be from 1 to 1000000" },
    { "long_session_hours=nan", "--set long_session_hours=nan: must be a number" },
    { "storm=perhaps", "--set storm=perhaps: must be true or false" },
    { "storms=off", "--set storms=off: no script of this run has that option" },
    { "only=strom", '--set only=strom: no such rule (did you mean "storm"?)' },
    { "no_events_hours=8-25",
      '--set no_events_hours="8-25" no_events_days="mon-fri": "8-25" is no hour' },
    { "reconnects_user=ip", "--set reconnects_user=ip: must begin with clientData or serverData" },
    { "repeat_minutes=-1", "--set repeat_minutes=-1: must be 0 (never) or more" },
    { "shape=slack", "--set shape=slack: says nothing without to" },
    { "to=pigeon://x", "--set to: pigeon://x: there is no sink for pigeon://" },
  }
  for _, mistake in ipairs(mistakes) do
    it("refuses --set " .. mistake[1], function()
      local run = once({}, "--set", mistake[1])
      assert.equal(2, run.code)
      assert.equal("cdrlua: error: " .. mistake[2],
        run.errors:match("^[^\n]*"):sub(1, #mistake[2] + 15))
      assert.is_nil(run.errors:find "\n.")
    end)
  end

  it("has rules that are switched off one by one, and tells when none is left", function()
    local set = { "--set", "crowd_people=1" }
    assert.equal(1, #once(CROWD, table.unpack(set)).lines)
    assert.same({}, once(CROWD, "--set", "crowd=off", table.unpack(set)).lines)
    assert.same({}, once(CROWD, "--set", "only=ghost,storm", table.unpack(set)).lines)
    assert.matches("every rule is switched off",
      once(CROWD, "--set", "only=crowd", "--set", "crowd=off").errors)
  end)

  it("tells in lines, to a destination, or on the road", function()
    local only = { "--set", "only=crowd", "--set", "crowd_people=1" }
    local run = once(CROWD, table.unpack(only))
    local said = "ses_a has 2 participants, more than 1"
    assert.same({ "2020-09-29 08:00:02  firing    warning   crowd             " .. said },
      run.lines)
    run = once(CROWD, "--set", "to=told.jsonl", table.unpack(only))
    assert.same({}, run.lines)
    local told = rules.lines(support.read_file(run.folder .. "/told.jsonl"))
    assert.equal(1, #told)
    assert.is_truthy(told[1]:find('"id":"crowd/ses_a/firing/1601366402000/0"', 1, true), told[1])
    assert.is_truthy(told[1]:find(said, 1, true))
    run = once(CROWD, "-w", "-", table.unpack(only))
    assert.same({ CROWD[1], CROWD[2] }, { run.lines[1], run.lines[2] })
    assert.is_truthy(run.lines[3]:find('^{"alert":{"id":"crowd/ses_a/firing'), run.lines[3])
  end)

  it("tells once more of what is still so, where that is wanted", function()
    local lines = { CROWD[1], CROWD[2], line("sessionCreated", 150, "ses_b") }
    local run = once(lines, "--set", "only=crowd", "--set", "crowd_people=1", "--set",
      "repeat_minutes=1")
    assert.equal(3, #run.lines)
    assert.matches("^2020%-09%-29 08:01:02  firing .* %(for 1 min%)$", run.lines[2])
  end)

  it("ends what is not so with another number either", function()
    local folder = support.folder()
    local function run(people, ...)
      support.write_file(folder .. "/in.log", table.concat({ ... }, "\n") .. "\n")
      local code, out, errors = support.run { "run", "--once", "alerts", "in.log", "--state",
        "state", "--set", "only=crowd", "--set", "crowd_people=" .. people, cwd = folder }
      assert.equal(0, code, errors)
      return out
    end
    local one, two, three = joined(0, "a"), joined(1, "b"), joined(2, "c")
    assert.matches("firing .* 3 participants", run(2, one, two, three))
    assert.matches("resolved", run(50, one, two, three, left(100, "a")))
  end)

  it("shows texts of strangers without what moves the cursor", function()
    local lines = {}
    for i = 1, 3 do
      lines[#lines + 1] = joined(i, "con_" .. i, "\\u001b[2JAda")
      lines[#lines + 1] = left(i + 0.5, "con_" .. i, "\\u001b[2JAda")
    end
    local run = once(lines, "--set", "only=reconnects", "--set", "reconnects_count=3")
    assert.equal(1, #run.lines)
    assert.matches("%?%[2JAda joined ses_a 3 times", run.lines[1])
  end)

  it("shows whole characters of a user's long name", function()
    local lines = {}
    for i = 1, 3 do
      lines[#lines + 1] = joined(i, "con_" .. i, "x" .. ("é"):rep(60))
      lines[#lines + 1] = left(i + 0.5, "con_" .. i, "x" .. ("é"):rep(60))
    end
    local run = once(lines, "--set", "only=reconnects", "--set", "reconnects_count=3")
    assert.matches(" x" .. ("é"):rep(39) .. " joined ses_a 3 times", run.lines[1])
  end)

  it("knows a user by a path into his data", function()
    local lines = {}
    for i = 1, 3 do
      local who = ('{\\"user\\":{\\"id\\":7},\\"try\\":%d}'):format(i)
      lines[#lines + 1] = joined(i, "con_" .. i, who)
      lines[#lines + 1] = left(i + 0.5, "con_" .. i, who)
    end
    local set = { "--set", "only=reconnects", "--set", "reconnects_count=3" }
    assert.same({}, once(lines, table.unpack(set)).lines)
    table.move({ "--set", "reconnects_user=clientData.user.id" }, 1, 2, 5, set)
    assert.matches("7 joined ses_a 3 times", once(lines, table.unpack(set)).lines[1])
  end)

  it("counts on after an event of the far future, which the clock does not believe", function()
    local future = 4102444800000
    local lines = { line("other", 0, "ses_b"), line("sessionCreated", 0, "ses_a", nil, future),
      left(0, "con_0", nil, future) }
    for i = 1, 10 do lines[#lines + 1] = left(i, "con_" .. i) end
    local run = once(lines)
    assert.equal(1, #run.lines)
    assert.matches("08:00:09 .* storm .* cut off 10 of 10", run.lines[1])
    assert.is_nil(run.errors:find("rejected", 1, true), run.errors)
  end)

  it("takes events that lack what they should have", function()
    local odd = { '{"participantLeft":{}}', '{"participantJoined":{"sessionId":7}}',
      '{"sessionDestroyed":{"sessionId":null,"timestamp":"x"}}', '{"nodeCrashed":{}}',
      '{"recordingStatusChanged":{"id":3,"status":"failed"}}', '{"anything":{"sessionId":[1]}}',
      '{"recordingStatusChanged":{"id":"r","status":"stopped","timestamp":-1.5}}',
      '{"participantJoined":{"sessionId":"s","participantId":"p","timestamp":{}}}',
      '{"webrtcConnectionCreated":{"sessionId":[],"participantId":"p"}}',
      '{"webrtcConnectionDestroyed":{"connection":"OUTBOUND","reason":{}}}',
      '{"participantLeft":{"sessionId":"s","participantId":"p","reason":null}}' }
    local run = once(odd, "--rejects", "rejects.jsonl")
    assert.equal(0, run.code, run.errors)
    assert.is_nil(run.errors:find "failure", run.errors)
    assert.matches("node unknown crashed", run.lines[1])
  end)
end)

-- A folder of a simulated day with trouble, and its files in order.
local function simulated(folder)
  local code, _, errors = support.run { "run", "simulate", "-w", folder .. "/all/", "--set",
    "sessions=300", "--set", "trouble=12", "--set", "seed=5", "--set", "profile=2.32" }
  assert.equal(0, code, errors)
  local files = support.list(folder .. "/all")
  table.sort(files)
  return files
end

describe("alerts over a restart", function()
  after_each(support.clean)

  it("says what one run says", function()
    local folder = support.folder()
    local files = simulated(folder)
    local set = { "--set", "long_session_hours=1", "--set", "unused_count=1" }
    local straight = once(folder .. "/all", table.unpack(set)).lines
    local kinds, said = {}, {}
    for _, text in ipairs(straight) do kinds[text:match "firing +%l+ +(%S+)" or ""] = true end
    assert.is_true(kinds.server_crashed and kinds.long_session and kinds.unused
      and kinds.recording_failed, table.concat(straight, "\n"))
    table.move({ "--state", folder .. "/state" }, 1, 2, #set + 1, set)
    support.mkdir(folder .. "/part")
    for _, file in ipairs(files) do
      support.write_file(folder .. "/part/" .. file, support.read_file(folder .. "/all/" .. file))
      local lines = once(folder .. "/part", table.unpack(set)).lines
      table.move(lines, 1, #lines, #said + 1, said)
    end
    assert.is_true(#files > 4)
    assert.same(straight, said)
  end)

  it("goes on counting in the middle of a storm that kill -9 falls into", function()
    local folder, now = support.folder(), os.time() * 1000
    local log, out = folder .. "/CDR.log", folder .. "/out"
    local function run()
      return support.spawn { "run", "alerts", log, "--state", folder .. "/state", "--set",
        "only=storm", "--set", "storm_count=6", stdout = out }
    end
    local function kept(what)
      local _, text = support.run { program = "sqlite3", folder .. "/state/state.db", what }
      return text
    end
    local HITS = "SELECT value->>'hits' FROM state WHERE name = 'alerts.storm' AND key = 'window'"
    support.write_file(log, left(-60, "a", nil, now) .. "\n" .. left(-59, "b", nil, now) .. "\n")
    local p = run()
    support.expect(function() return kept(HITS) == "2\n" end, "a commit", 30)
    p:kill "KILL"
    p:wait()
    p = run()
    support.append(log, left(-58, "c", nil, now) .. "\n" .. left(-57, "d", nil, now) .. "\n"
      .. left(-56, "e", nil, now) .. "\n")
    support.expect(function() return kept(HITS) == "5\n" end, "the next", 30)
    assert.equal("", support.read_file(out))
    p:kill "KILL"
    p:wait()
    support.append(log, left(-55, "f", nil, now) .. "\n")
    p = run()
    support.expect(function() return support.read_file(out) ~= "" end, "the alert", 30)
    p:kill "KILL" -- perhaps before that was kept: then it is told once more
    p:wait()
    p = run()
    support.append(log, left(-54, "g", nil, now) .. "\n")
    support.expect(function() return kept(HITS) == "7\n" end, "the last", 30)
    p:stop()
    local said = {}
    for _, text in ipairs(rules.lines(support.read_file(out))) do said[text] = true end
    local text = next(said)
    assert.matches("firing +critical +storm +the network cut off 6 of 6 who left", text)
    assert.is_nil(next(said, text))
  end)
end)

-- All rules, so easily that a day of few sessions gives alerts of most.
local EASY = {
  "storm_count=1", "storm_share=1", "session_storm_count=1", "session_storm_share=1",
  "media_server_seconds=30", "recording_failed_seconds=60", "recording_late_minutes=1",
  "long_session_hours=0.1", "crowd_people=3", "no_media_seconds=1", "short_calls_count=1",
  "short_calls_share=1", "short_calls_seconds=900", "no_events_minutes=10",
  "no_events_hours=0-23", "no_events_days=*", "unused_count=1", "unused_minutes=5",
  "ghost_minutes=1", "reconnects_count=2", "repeat_minutes=20",
}

describe("alerts of a replay", function()
  local names = {} -- of those that were raised with any seed

  after_each(support.clean)

  for seed = 1, support.soak and 30 or 3 do
    it("are those of the live run, over three restarts: seed " .. seed, function()
      local folder, words = support.folder(), { "alerts" }
      for _, word in ipairs(EASY) do table.move({ "--set", word }, 1, 2, #words + 1, words) end
      local function with(to) return table.move(words, 1, #words, 3, { "--set", "to=" .. to }) end
      local day = live.day { folder = folder, seed = seed, words = with "out.jsonl" }
      local code, _, errors = live.replay(day, with "replay.jsonl")
      assert.equal(0, code, errors)
      local expected = alerts.once(support.read_file(folder .. "/replay.jsonl"))
      local function lines() return alerts.once(support.read_file(folder .. "/out.jsonl") or "") end
      support.wait_for(function() return #lines() == #expected end, 5)
      day.process:kill "KILL"
      day.process:wait()
      assert.same(expected, lines())
      for _, text in ipairs(expected) do names[text:match '"name":"([%a_]+)"'] = true end
    end)
  end

  it("were of most rules", function()
    for _, name in ipairs { "storm", "reconnects", "long_session", "crowd", "short_calls",
      "no_events", "ghost" } do
      assert.is_true(names[name], name)
    end
  end)
end)

describe("alerts within limits", function()
  after_each(support.clean)

  it("watches so many sessions and no more, and says so", function()
    local folder, lines = support.folder(), {}
    for i = 1, 15000 do lines[i] = line("sessionCreated", i / 10, "ses_" .. i) end
    support.write_file(folder .. "/in.log", table.concat(lines, "\n") .. "\n")
    local p = support.spawn { "run", "alerts", "in.log", "--clock", "event", "-w", "out.log",
      cwd = folder, "--state", "state" }
    support.expect(function()
      return (support.read_file(folder .. "/out.log") or ""):find('"ses_15000"', 1, true)
    end, "the last", 30)
    local kib = p:status "RssAnon"
    p:stop()
    assert.is_true(kib < 64 * 1024 or os.getenv "CDRLUA_ASAN_OPTIONS" ~= nil, kib)
    local _, warnings = p:stderr():gsub("10000 sessions are open, more are not watched", "")
    assert.equal(1, warnings)
  end)

  it("counts so many users of a session and no more", function()
    local folder, lines = support.folder(), { line("sessionCreated", 0, "ses_a") }
    for i = 1, 600 do lines[#lines + 1] = joined(i / 10, "con_" .. i, "user " .. i) end
    support.write_file(folder .. "/in.log", table.concat(lines, "\n") .. "\n")
    local code, _, errors = support.run { "run", "--once", "alerts", "in.log", "--state", "state",
      cwd = folder }
    assert.equal(0, code, errors)
    local _, known = support.run { program = "sqlite3", folder .. "/state/state.db",
      "SELECT value->>'known', (SELECT count(*) FROM json_each(state.value, '$.users')) FROM state "
      .. "WHERE name = 'alerts.sessions'" }
    assert.equal("200|200\n", known)
  end)

  it("keeps a session whose users say much of themselves", function()
    local folder, lines = support.folder(), { line("sessionCreated", 0, "ses_a") }
    for i = 1, 200 do lines[#lines + 1] = joined(i / 10, "con_" .. i, i .. ("x"):rep(10000)) end
    support.write_file(folder .. "/in.log", table.concat(lines, "\n") .. "\n")
    local code, _, errors = support.run { "run", "--once", "alerts", "in.log", "--state", "state",
      cwd = folder, "--set", "crowd=off" }
    assert.equal(0, code)
    assert.equal("", errors)
  end)

  it("forgets a recording that never ends, and one that is waited for not", function()
    local folder = support.folder()
    local function recording(seconds, status, id)
      return line("recordingStatusChanged", seconds, "ses_a",
        ('"id":"%s","startTime":%d,"status":"%s"'):format(id, T, status))
    end
    local lines = { recording(1, "started", "never"), recording(1, "started", "stops"),
      recording(2, "stopped", "stops") }
    local function go_on()
      support.write_file(folder .. "/in.log", table.concat(lines, "\n") .. "\n")
      local code, out, errors = support.run { "run", "--once", "alerts", "in.log", "--state",
        "state", "--set", "only=recording_late", "--set", "recording_late_minutes=10080",
        cwd = folder }
      assert.equal(0, code, errors)
      local _, kept = support.run { program = "sqlite3", folder .. "/state/state.db",
        "SELECT value->>'recording' FROM state WHERE name = 'alerts.recordings' ORDER BY 1" }
      return rules.lines(kept), #rules.lines(out)
    end
    assert.same({ "never", "stops" }, go_on())
    lines[#lines + 1] = line("sessionCreated", 6.9 * 86400, "ses_b")
    assert.same({ "never", "stops" }, go_on())
    lines[#lines + 1] = line("sessionCreated", 9.5 * 86400, "ses_c")
    local kept, told = go_on()
    assert.same({}, kept)
    assert.equal(2, told) -- and that it was no more, a day later
  end)
end)
