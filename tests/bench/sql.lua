-- Compares the sinks of databases with the databases' own loaders: sql.lua BUILD LINES RUNS
--
-- Both put the same rows into the same tables with the same unique index: cdrlua reads lines and
-- commits each batch; sqlite3 and psql import CSV of rows that are ready, in one transaction a
-- table. Wall time, which has the disk in it; the best of the runs.
package.path = "./?.lua;./?/init.lua;" .. package.path
local build, lines, runs = arg[1], tonumber(arg[2] or 100000), tonumber(arg[3] or 3)
package.cpath = build .. "/tests/?.so;" .. package.cpath

local Server = require "tests.support.postgres"
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local PASSWORD = "bench"
local folder = support.folder()
local input = folder .. "/in.log"
local env = { PGPASSWORD = PASSWORD }

local function run(given)
  given.env, given.seconds = env, 300
  local code, out, err = support.run(given)
  if code ~= 0 then error(err) end
  return out
end

local function lines_of(text)
  local all = {}
  for line in text:gmatch "[^\n]+" do all[#all + 1] = line end
  return all
end

-- Calls prepare, then measures work; the least of the runs.
local function best(prepare, work)
  local least = math.huge
  for _ = 1, runs do
    prepare()
    local began = support.now()
    work()
    least = math.min(least, support.now() - began)
  end
  return least
end

local function forward(dest)
  return function() run { "run", "--once", "filter", input, "-w", dest } end
end

local function tell(name, ours, theirs, loader)
  print(("%-9s cdrlua %6.0f ns a row   %-8s %6.0f ns a row   cdrlua is %.2f times as fast: %s")
    :format(name, ours / lines * 1e9, loader, theirs / lines * 1e9, theirs / ours,
      ours <= theirs * 2 and "yes" or "NO"))
end

local function sqlite()
  local db, plain = folder .. "/ours.db", folder .. "/theirs.db"
  local function remove(path) return function() os.execute("rm -f " .. path .. "*") end end
  local ours = best(remove(db), forward("sqlite:" .. db))
  local load = { ".mode csv", "PRAGMA journal_mode = WAL;", "PRAGMA synchronous = FULL;" }
  for _, name in ipairs(lines_of(run { program = "sqlite3", db,
    "SELECT name FROM sqlite_master WHERE type = 'table'" })) do
    local csv = folder .. "/" .. name .. ".csv"
    run { program = "sqlite3", "-csv", db, ".output " .. csv, "SELECT * FROM " .. name }
    load[#load + 1] = (".import %s %s"):format(csv, name)
  end
  local schema = run { program = "sqlite3", db, ".schema" }
  local theirs = best(function()
    remove(plain)()
    run { program = "sqlite3", plain, schema }
  end, function()
    run { program = "sqlite3", plain, table.unpack(load) }
  end)
  tell("sqlite", ours, theirs, "sqlite3")
end

local function postgres(server)
  local ours = best(function() server:empty() end, forward(server.url))
  local load, clear = {}, {}
  for _, name in ipairs(lines_of(server:query
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) do
    local csv = folder .. "/pg-" .. name .. ".csv"
    server:query(([[\copy "%s" TO '%s' CSV]]):format(name, csv))
    load[#load + 1] = ([[\copy "%s" FROM '%s' CSV]]):format(name, csv)
    clear[#clear + 1] = ('TRUNCATE "%s"'):format(name)
  end
  support.write_file(folder .. "/load.sql", table.concat(load, "\n") .. "\n")
  local theirs = best(function() server:query(table.concat(clear, ";")) end, function()
    run { program = "psql", "-Xq", "-v", "ON_ERROR_STOP=1", server.url, "-f",
      folder .. "/load.sql" }
  end)
  tell("postgres", ours, theirs, "psql")
end

local function main()
  support.write_file(input, cdr.lines(1, lines))
  local server = Server.new(PASSWORD)
  server:start "on"
  sqlite()
  postgres(server)
  server:stop()
end

local ok, why = xpcall(main, debug.traceback)
support.clean()
assert(ok, why)
