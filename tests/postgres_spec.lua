-- Events become rows of a PostgreSQL database: typed, once each, whatever happens to the server.
local Server = require "tests.support.postgres"
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local KILLS = support.soak and 50 or 3
local PASSWORD = "s3cret/%"

local server, folder

local function path(name) return folder .. "/" .. name end

local function words(more)
  local all = { "filter", "-w", more.dest or server.url, "--rejects", path "rejects.jsonl",
    env = { PGPASSWORD = PASSWORD } }
  for key, value in pairs(more) do
    if type(key) == "string" then all[key] = value end
  end
  table.move(more, 1, #more, #all + 1, all)
  table.insert(all, 1, "run")
  return all
end

local function load(lines, more)
  local given = words(more or {})
  given[#given + 1], given[#given + 2], given.input = "--once", "-", lines
  local code, _, err = support.run(given)
  return code, err
end

local function total()
  local names = server:query([[SELECT string_agg(format('SELECT count(*) n FROM %I', tablename),
    ' UNION ALL ') FROM pg_tables WHERE schemaname = 'public']])
  if names == "" then return 0 end
  return tonumber(server:query("SELECT sum(n) FROM (" .. names .. ") AS t"))
end

setup(function()
  server = Server.new(PASSWORD)
  server:start()
end)

teardown(function()
  if server then server:stop() end
  support.clean()
end)

before_each(function()
  folder = support.folder()
  server:empty()
end)

describe("postgres://", function()
  it("has a table for each event, with its keys as columns, and each row once", function()
    support.write_file(path "in.log", cdr.lines(1, 3000))
    for _ = 1, 2 do
      local code, _, err = support.run(words { "--once", path "in.log" })
      assert.equal(0, code, err)
    end
    assert.equal(3000, total())
    assert.equal("ses_A|1601394690719|con_EIeO06zgMz|6|Zoë|32", server:query(
      [[SELECT "sessionId", timestamp, "participantId", duration, "clientData", length(cdr_id)
        FROM "participantLeft" ORDER BY timestamp LIMIT 1]]))
    assert.equal("4.6|double precision|0|bigint|t|ses_1", server:query(
      [[SELECT duration, pg_typeof(duration), size, pg_typeof(size), "hasAudio", id
        FROM "recordingStatusChanged" ORDER BY timestamp LIMIT 1]]))
  end)

  it("keeps fields without a column as jsonb, and other events", function()
    local code, err = load('{"sessionCreated":{"big":9007199254740993,"timestamp":'
      .. '9223372036854775807,"zero":0.0,"sessionId":"a\'b\\"c","list":[],"none":null}}\n'
      .. '{"webrtcConnectionCreated":{"videoFramerate":null,"audioEnabled":false}}\n'
      .. '{"autoscaling":{"timestamp":1,"system":{"a":[1]}}}\n'
      .. '{"weird name\\"; DROP TABLE x":{"sessionId":"s"}}\n'
      .. '{"signalSent":{"to":["x","y"],"from":null}}\n{"nodeCrashed":{"sessionIds":null}}\n')
    assert.equal(0, code, err)
    assert.equal('9223372036854775807|a\'b"c|'
      .. '{"big": 9007199254740993, "list": [], "none": null, "zero": 0.0}',
      server:query [[SELECT timestamp, "sessionId", more FROM "sessionCreated"]])
    assert.equal("t|t|f|t", server:query [[SELECT "videoFramerate" IS NULL, "sessionId" IS NULL,
      "audioEnabled", more IS NULL FROM "webrtcConnectionCreated"]])
    assert.equal('autoscaling|1|{"system": {"a": [1]}}',
      server:query "SELECT event, timestamp, more FROM autoscaling")
    assert.equal('weird name"; DROP TABLE x|s|', server:query
      [[SELECT event, "sessionId", more FROM other]])
    assert.equal("y|t", server:query
      [[SELECT "to"->>1, "from" IS NULL FROM "signalSent"]])
    assert.equal("t", server:query [[SELECT "sessionIds" IS NULL FROM "nodeCrashed"]])
  end)

  it("reads texts and numbers however they are spelled", function()
    local code, err = load('{ "sessionId" : "\\u00e9\\ud83d\\ude00\\/\\n\\"" , "timestamp" : 1000 ,'
      .. ' "event" : "sessionDestroyed" , "reason":"", "a\\"b":{"x":"}","y" : [ "]", {} ]},'
      .. ' "duration":-7 }\n')
    assert.equal(0, code, err)
    assert.equal('é😀/\n"|1000|-7|t|{"a\\"b": {"x": "}", "y": ["]", {}]}}', server:query(
      [[SELECT "sessionId", timestamp, duration, reason = '', more FROM "sessionDestroyed"]]))
  end)

  it("has a row once where the same event comes again after many new ones", function()
    support.write_file(path "in.log", cdr.lines(1, 12000))
    support.write_file(path "rules.lua", ([[
      local cdr = require "cdr"
      local sink = cdr.sink "%s"
      sink:send { event = "sessionCreated" }
      cdr.on("*", function(event)
        if event.timestamp > 1601394700000 then sink:send(event) end
      end)]]):format(server.url))
    local code, _, err = support.run { "run", "--once", "--rejects", path "rejects.jsonl",
      path "rules.lua", path "in.log", "-w", server.url, env = { PGPASSWORD = PASSWORD } }
    assert.equal(0, code, err)
    assert.equal(12001, total())
    assert.is_nil(support.read_file(path "rejects.jsonl"))
    assert.equal("1", server:query [[SELECT count(*) FROM "sessionCreated" WHERE cdr_id IS NULL]])
  end)

  it("refuses what can be no row, and goes on with the rest", function()
    server:query "CREATE TABLE users (name text); CREATE INDEX named ON users (name)"
    local code, err = load(cdr.lines(1, 7) .. '{"users":{"a":1}}\n'
      .. '{"named":{"a":1}}\n'
      .. '{"sessionCreated":{"sessionId":"a\\u0000b"}}\n'
      .. '{"sessionCreated":{"timestamp":"yesterday"}}\n' .. cdr.lines(8, 15))
    assert.equal(0, code, err)
    assert.equal(15, total())
    local text = support.read_file(path "rejects.jsonl")
    assert.matches("table users has no columns cdr_id and more: it is not cdrlua's", text, 1, true)
    assert.matches("a text with \\\\u0000 cannot be a row", text, 1, true)
    assert.matches("invalid input syntax for type bigint", text, 1, true)
    assert.matches('\\"named\\" is an index', text, 1, true)
    assert.equal(4, select(2, text:gsub("\n", "")))
  end)

  it("gets columns that an older table lacks, and needs no right to make tables", function()
    server:query [[CREATE TABLE "sessionCreated" (cdr_id text UNIQUE, "sessionId" text, more jsonb);
      CREATE TABLE "sessionDestroyed" (cdr_id text UNIQUE, more jsonb)]]
    assert.equal(0, load(cdr.lines(7, 8)))
    assert.equal("1601394690721", server:query [[SELECT timestamp FROM "sessionCreated"]])
    server:query [[CREATE USER other PASSWORD 'p'; GRANT USAGE ON SCHEMA public TO other;
      GRANT INSERT, SELECT ON "sessionCreated" TO other]]
    local dest = server.url:gsub("cdr@", "other:p@")
    local code, err = load(cdr.line(16), { dest = dest })
    server:query "DROP OWNED BY other; DROP USER other"
    assert.equal(0, code, err)
    assert.equal("2", server:query [[SELECT count(*) FROM "sessionCreated"]])
  end)

  it("is made once where another makes a table at the same time", function()
    local other = support.spawn { program = "psql", "-XqAt", server.url, stdin = "pipe",
      env = { PGPASSWORD = PASSWORD } }
    other:write [[BEGIN; CREATE TABLE "sessionCreated" (cdr_id text UNIQUE, more jsonb);]]
    other:write "\nSELECT 'made';\n"
    support.expect(function() return other:stdout():find "made" end)
    local run = support.spawn(words { "--once", "-", stdin = "pipe" })
    run:write '{"sessionCreated":{"sessionId":"s"}}\n'
    run:close_stdin()
    support.expect(function()
      return server:query "SELECT count(*) FROM pg_locks WHERE NOT granted" ~= "0"
    end)
    other:write "COMMIT;\n"
    other:close_stdin()
    assert.equal(0, run:wait(), run:stderr())
    assert.equal("s", server:query [[SELECT "sessionId" FROM "sessionCreated"]])
    assert.is_nil(support.read_file(path "rejects.jsonl"))
    assert.equal(0, other:wait())
  end)

  it("goes on to the next address where nobody listens at the first", function()
    local dest = ("postgres://cdr@/postgres?hostaddr=127.0.0.2,127.0.0.1&port=%s")
      :format(server.url:match ":(%d+)/")
    local code, err = load(cdr.line(24), { dest = dest })
    assert.equal(0, code, err)
  end)

  it("finds the password in the URL, the environment or a file, and never shows it", function()
    support.write_file(path "password", PASSWORD .. "\n")
    local none = { PGPASSWORD = "" }
    local encoded = server.url:gsub("cdr@", "cdr:s3cret%%2F%%25@")
    for _, dest in ipairs {
      encoded, server.url .. "#password_file=" .. path "password",
      server.url:gsub("postgres:", "postgresql:") .. "#password_env=SECRET",
      (server.url:gsub("127.0.0.1", "localhost")),
    } do
      local code, _, err = support.run { "run", "--once", "filter", "-", "-w", dest,
        input = cdr.line(8), env = { SECRET = PASSWORD,
          PGPASSWORD = dest:find "localhost" and PASSWORD or none.PGPASSWORD } }
      assert.equal(0, code, dest .. err)
    end
    local run = support.spawn { "run", "--state", path "state", "filter", "-", stdin = "pipe",
      "-w", server.url:gsub("cdr@", "cdr:wrongsecret@") .. "?connect_timeout=3" }
    run:write(cdr.line(8))
    support.expect(function() return run:stderr():find "password authentication failed" end,
      function() return run:stderr() end)
    assert.is_nil(run:stderr():find "wrongsecret")
    assert.matches(server.url:gsub("cdr@", ""), run:stderr(), 1, true)
    run:kill "KILL"
    run:wait()
  end)

  it("that is wrong is told before anything is opened, without the password", function()
    for dest, why in pairs {
      ["postgres://u:pa%zz@h/x"] = "postgres://h/x: is no URL of a PostgreSQL database",
      ["postgres://u:pazz@a,b/x"] = "postgres://a,b/x: one host only",
      ["postgres://u:pazz@h:99999/x"] = "postgres://h:99999/x: no port from 1 to 65535",
      ["postgres://u:pazz@h/x#shape=cdr"] = 'postgres://h/x: takes the shape "webhook" only',
      ["postgres://u:pazz@h/x#timeout=never"] = "timeout: never is no number",
    } do
      local code, _, err = support.run { "run", "--once", "filter", "-", "-w", dest, input = "" }
      assert.equal(2, code)
      assert.matches(why, err, 1, true)
      assert.is_nil(err:find "pa%%?zz")
    end
  end)
end)

describe("a server that", function()
  it("is not there yet is waited for, also one with no such name", function()
    server:stop()
    local run = support.spawn(words { "--once", "-", stdin = "pipe" })
    run:write(cdr.lines(1, 100))
    run:close_stdin()
    support.expect(function() return run:stderr():find "Connection refused" end,
      function() return run:stderr() end)
    server:start()
    assert.equal(0, run:wait(), run:stderr())
    assert.equal(100, total())
    assert.equal(1, select(2, run:stderr():gsub("warn: ", "")))
    run = support.spawn { "run", "--state", path "state", "filter", "-", stdin = "pipe",
      "-w", "postgres://no.such.host.invalid/x" }
    run:write(cdr.line(1))
    support.expect(function() return run:stderr():find "no%.such%.host%.invalid: " end,
      function() return run:stderr() end)
    run:kill "KILL"
    run:wait()
  end)

  it("hangs is given up after the timeout, and asked again", function()
    local run = support.spawn { "run", "--once", "filter", "-", stdin = "pipe",
      "-w", server.url .. "#timeout=0.3", env = { PGPASSWORD = PASSWORD } }
    server.process:kill "STOP"
    run:write(cdr.line(8))
    run:close_stdin()
    local told = support.wait_for(function() return run:stderr():find "no answer within 0.3 s" end)
    server.process:kill "CONT"
    assert(told, run:stderr())
    assert.equal(0, run:wait(), run:stderr())
    assert.equal(1, total())
  end)

  it("has a table that another locks is asked again, with one connection that waits", function()
    local p = support.spawn(words { "-", dest = server.url .. "#timeout=1", stdin = "pipe" })
    p:write(cdr.lines(1, 8))
    support.expect(function() return total() == 8 end, function() return p:stderr() end)
    local other = support.spawn { program = "psql", "-XqAt", server.url, stdin = "pipe",
      stdout = "pipe", env = { PGPASSWORD = PASSWORD } }
    other:write 'BEGIN; LOCK TABLE "participantLeft"; SELECT 1;\n'
    assert.equal("1\n", other:read())
    p:write(cdr.lines(9, 16))
    local seen, tries = {}, 0
    support.expect(function()
      local waiting = server:query [[SELECT query_start FROM pg_stat_activity
        WHERE wait_event_type = 'Lock']]
      assert.is_nil(waiting:find "\n", waiting)
      tries = tries + ((seen[waiting] or waiting == "") and 0 or 1)
      seen[waiting] = true
      return tries == 5
    end)
    p:expect_said "table participantLeft: canceling statement due to lock timeout ("
    other:write "COMMIT;\n"
    other:close_stdin()
    support.expect(function() return total() == 16 end, function() return p:stderr() end)
    p:close_stdin()
    assert.equal(0, p:wait(), p:stderr())
    assert.equal(1, p:said "trying again")
  end)

  it("is killed and started again, as is the program, loses and doubles no row", function()
    local lines = 20000
    support.write_file(path "in.log", cdr.lines(1, lines))
    local function start(...)
      return support.spawn(words { "--state", path "state", path "in.log", ... })
    end
    local function expect_rows(run, least)
      support.expect(function() return total() >= least end,
        function() return least .. " rows; " .. run:stderr() end, 20)
    end
    for kill = 1, KILLS do
      local run = start()
      expect_rows(run, lines * (2 * kill - 1) // (2 * KILLS + 2))
      server:stop "KILL"
      server:start()
      expect_rows(run, lines * 2 * kill // (2 * KILLS + 2))
      run:kill "KILL"
      run:wait()
    end
    local run = start "--once"
    assert.equal(0, run:wait(), run:stderr())
    assert.equal(lines, total())
  end)
end)
