-- Events become rows of an SQLite database: typed, once each, whatever happens to the database.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local KILLS = support.soak and 50 or 5

local folder, db

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  db = path "calls.db"
end)

after_each(support.clean)

local function query(sql, file)
  local code, out, err = support.run { program = "sqlite3", file or db, ".timeout 5000", sql }
  assert.equal(0, code, err)
  return (out:gsub("\n$", ""))
end

-- The program on these lines, to their end: its exit code and what it said.
local function load(lines, dest, script)
  local code, _, err = support.run {
    "run", "--once", "--rejects", path "rejects.jsonl", script or "filter", "-",
    "-w", dest or "sqlite:" .. db, input = lines,
  }
  return code, err
end

local function total()
  local names = query("SELECT group_concat('SELECT count(*) n FROM \"' || name || '\"', "
    .. "' UNION ALL ') FROM sqlite_master WHERE type = 'table'")
  return tonumber(query("SELECT sum(n) FROM (" .. names .. ")"))
end

-- Whether there are so many rows by now.
local function has(n)
  local ok, found = pcall(total)
  return ok and found and found >= n
end

local function rejects() return support.read_file(path "rejects.jsonl") or "" end

describe("sqlite:PATH", function()
  it("has a table for each event, with its keys as columns", function()
    assert.equal(0, load(cdr.lines(0, 15)))
    assert.equal("ses_A|1601394690719|con_EIeO06zgMz|6|Zoë", query(
      "SELECT sessionId, timestamp, participantId, duration, clientData FROM participantLeft "
      .. "ORDER BY timestamp LIMIT 1"))
    assert.equal("4.6|real|0|integer|1", query(
      "SELECT duration, typeof(duration), size, typeof(size), hasAudio "
      .. "FROM recordingStatusChanged LIMIT 1"))
    assert.equal("ses_1|32", query(
      "SELECT id, length(cdr_id) FROM recordingStatusChanged LIMIT 1"))
    assert.equal(16, total())
  end)

  it("keeps fields without a column as JSON, whatever their order", function()
    assert.equal(0, load('{"sessionCreated":{"big":-9007199254740993,"timestamp":'
      .. '9223372036854775807,"zero":0.0,"sessionId":"a\'b\\"c","list":[],"none":null}}\n'))
    assert.equal('9223372036854775807|a\'b"c|'
      .. '{"big":-9007199254740993,"zero":0.0,"list":[],"none":null}',
      query "SELECT timestamp, sessionId, more FROM sessionCreated")
  end)

  it("reads texts and numbers however they are spelled", function()
    assert.equal(0, load('{ "sessionId" : "\\u00e9\\ud83d\\ude00\\/\\n\\"" , "timestamp" : 1e3 ,'
      .. ' "event" : "sessionDestroyed" , "reason":"", "a\\"b":{"x":"}","y" : [ "]", {} ]},'
      .. ' "duration":-7 }\n'))
    assert.equal('é😀/\n"|1000|integer|-7|1|{"a\\"b":{"x":"}","y" : [ "]", {} ]}}', query(
      "SELECT sessionId, timestamp, typeof(timestamp), duration, reason = '', more "
      .. "FROM sessionDestroyed"))
  end)

  it("has NULL where a field is missing or null, 0 and 1 for false and true", function()
    assert.equal(0, load('{"webrtcConnectionCreated":{"videoFramerate":null,'
      .. '"audioEnabled":false,"videoEnabled":true}}\n'))
    assert.equal("1|1|0|1|1", query("SELECT videoFramerate IS NULL, sessionId IS NULL, "
      .. "audioEnabled, videoEnabled, more IS NULL FROM webrtcConnectionCreated"))
  end)

  it("has in a text column what PostgreSQL has there: of true the word", function()
    assert.equal(0, load('{"participantLeft":{"reason":true,"location":false,"ip":1.5,'
      .. '"clientData":{"a":1},"serverData":"007"}}\n'))
    assert.equal('true|false|1.5|{"a":1}|007', query(
      "SELECT reason, location, ip, clientData, serverData FROM participantLeft"))
  end)

  it("gives other events a table of their own, or the table other", function()
    assert.equal(0, load('{"autoscaling":{"timestamp":1,"system":{"a":[1]}}}\n'
      .. '{"weird name\\"; DROP TABLE x":{"sessionId":"s"}}\n{"sqlite_master":{"a":1}}\n'))
    assert.equal('autoscaling|1|{"system":{"a":[1]}}',
      query "SELECT event, timestamp, more FROM autoscaling")
    assert.equal('sqlite_master||{"a":1}\nweird name"; DROP TABLE x|s|',
      query "SELECT event, sessionId, more FROM other ORDER BY event")
  end)

  it("has a row once, however often the line comes", function()
    support.write_file(path "in.log", cdr.lines(1, 1000))
    for _ = 1, 2 do
      assert.equal(0, (support.run { "run", "--once", "filter", path "in.log",
        "-w", "sqlite://" .. db }))
    end
    assert.equal(1000, total())
  end)

  it("takes what scripts send, enriched and made by them", function()
    support.write_file(path "rules.lua", ([[
      local cdr = require "cdr"
      local sink = cdr.sink "sqlite:%s"
      sink:send { event = "started", sessionId = "x" }
      sink:send { event = "started", sessionId = "y" }
      cdr.on("sessionCreated", function(event)
        event.country = "Spain"
        sink:send(event)
        sink:send { event = "alert", text = "one" }
        sink:send { event = "alert", text = "two" }
      end)]]):format(db))
    assert.equal(0, (support.run { "run", "--once", path "rules.lua", "-", input = cdr.line(8) }))
    assert.equal('{"country":"Spain"}', query "SELECT more FROM sessionCreated")
    assert.equal('{"text":"one"}\n{"text":"two"}', query "SELECT more FROM alert ORDER BY rowid")
    assert.equal("x\ny", query "SELECT sessionId FROM started ORDER BY rowid")
  end)

  it("refuses what can be no row, and goes on with the rest", function()
    query("CREATE TABLE users (name TEXT); CREATE TABLE sessionDestroyed (cdr_id TEXT UNIQUE, "
      .. "more, duration CHECK (duration < 10), sessionId, uniqueSessionId, timestamp, startTime, "
      .. "reason)")
    assert.equal(0, load(cdr.lines(1, 7) .. '{"users":{"a":1}}\n'
      .. '{"sessionCreated":{"sessionId":"a\\u0000b"}}\n' .. cdr.lines(8, 15)
      .. '{"sessionCreated":{"sessionId":"a\\\\u0000b"}}\n'))
    assert.equal("a\\u0000b", query "SELECT sessionId FROM sessionCreated WHERE timestamp IS NULL")
    assert.equal(15, total())
    local text = rejects()
    assert.matches("table users has no columns cdr_id and more: it is not cdrlua's", text, 1, true)
    assert.matches("CHECK constraint failed", text, 1, true)
    assert.matches("a text with \\\\u0000 cannot be a row", text, 1, true)
    assert.equal(3, select(2, text:gsub("\n", "")))
  end)

  it("gets columns that an older table lacks", function()
    query "CREATE TABLE sessionCreated (cdr_id TEXT UNIQUE, sessionId TEXT, more TEXT)"
    assert.equal(0, load(cdr.line(8)))
    assert.equal("1601394690721", query "SELECT timestamp FROM sessionCreated")
  end)

  it("can be read while it is written, and waits for others who write", function()
    query "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)"
    local other = support.spawn { program = "sqlite3", stdin = "pipe", stdout = "pipe", db }
    other:write "BEGIN IMMEDIATE; SELECT 'locked';\n"
    assert.equal("locked\n", other:read())
    local run = support.spawn { "run", "--once", "filter", "-", "-w", "sqlite:" .. db,
      stdin = "pipe" }
    run:write(cdr.lines(1, 100))
    run:close_stdin()
    support.expect(function() return run:stderr():find "database is locked" end, "a warning")
    other:write "COMMIT;\n"
    other:close_stdin()
    assert.equal(0, run:wait(), run:stderr())
    query "DROP TABLE mine"
    assert.equal(100, total())
  end)
end)

describe("a database that", function()
  it("cannot be is told at the start, in one sentence", function()
    support.write_file(path "text.db", ("no database "):rep(100))
    local code, err = load(cdr.line(1), "sqlite:" .. path "text.db")
    assert.equal(2, code)
    assert.matches("sqlite:" .. path "text.db" .. ": file is not a database", err, 1, true)
    code, err = load(cdr.line(1), "sqlite:/proc/no/calls.db")
    assert.equal(2, code)
    assert.matches("/proc/no: No such file or directory", err, 1, true)
  end)

  it("has no path, or is asked for another shape, is not taken", function()
    for dest, why in pairs {
      ["sqlite:"] = "sqlite:: there is no path",
      ["sqlite:x.db#shape=cdr"] = 'sqlite:x.db: takes the shape "webhook" only',
      ["sqlite:x.db#barch=1"] = 'sqlite:x.db: no option "barch"',
    } do
      local _, err = load("", dest)
      assert.matches(why, err, 1, true)
    end
    assert.is_nil(support.stat "x.db")
  end)

  it("is taken away while events come is made anew", function()
    local run = support.spawn { "run", "--state", path "state", "filter", "-",
      "-w", "sqlite:" .. db, stdin = "pipe" }
    run:write(cdr.lines(1, 8))
    support.expect(function() return has(8) end, "the first rows")
    support.remove(db)
    run:write(cdr.lines(9, 16))
    support.expect(function() return has(8) end, "the next rows")
    assert.equal("1", query "SELECT count(*) FROM sessionCreated WHERE timestamp = 1601394690729")
    run:close_stdin()
    assert.equal(0, run:wait(), run:stderr())
  end)

  it("is a file with a colon in its name is no database", function()
    assert.equal(0, load(cdr.line(1), path "sqlite:x"))
    assert.equal(cdr.line(1), support.read_file(path "sqlite:x"))
  end)

  it("finds no room on the disk is told of once, and goes on when there is room", function()
    local run = support.spawn { "run", "--once", "filter", "-", "-w", "sqlite:" .. db,
      stdin = "pipe", fsize = 400000 }
    run:write(cdr.lines(1, 2000))
    run:close_stdin()
    support.expect(function() return run:stderr():find "bytes wait" end, "a warning")
    assert.is_true(run:is_alive())
    assert.equal(1, select(2, run:stderr():gsub("bytes wait", "")))
  end)
end)

describe("kill -9 while events become rows", function()
  it("costs and doubles none", function()
    local lines = 40000
    support.write_file(path "in.log", cdr.lines(1, lines))
    for kill = 1, KILLS do
      local run = support.spawn { "run", "--state", path "state", "filter", path "in.log",
        "-w", "sqlite:" .. db }
      local goal = lines * kill // (KILLS + 2)
      support.expect(function() return has(goal) end,
        function() return goal .. " rows; " .. run:stderr() end, 20)
      run:kill "KILL"
      run:wait()
    end
    local code, _, err = support.run { "run", "--once", "--state", path "state", "filter",
      path "in.log", "-w", "sqlite:" .. db }
    assert.equal(0, code, err)
    assert.equal(lines, total())
    assert.equal(tostring(lines // 8), query(
      "SELECT count(DISTINCT timestamp) FROM filterEventDispatched"))
  end)
end)
