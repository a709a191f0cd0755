-- Compares the sinks of databases with the databases' own loaders: sql.lua BUILD LINES RUNS
--
-- Both put the same rows into the same tables with the same unique index, and are on the disk at
-- the end: cdrlua reads lines and commits each batch; sqlite3 and psql import CSV of rows that are
-- ready, a table at a time. In turn, the first round not counted; medians. The bar is on elapsed
-- time; processor time of the program, and of the server's part for it, stands beside it.
package.path = "./?.lua;./?/init.lua;" .. package.path
local build, lines, runs = arg[1], tonumber(arg[2] or 100000), tonumber(arg[3] or 5)
package.cpath = build .. "/tests/?.so;" .. package.cpath

local Server = require "tests.support.postgres"
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local PASSWORD = "bench"
local folder = support.folder()
local input = folder .. "/in.log"
local env = { PGPASSWORD = PASSWORD }

-- Its output, and the seconds of processor time that it took.
local function run(given)
  given.env = env
  local p = support.spawn(given)
  if p:wait(300) ~= 0 then error(p:stderr()) end
  return p:stdout(), p.use.user + p.use.system
end

local function lines_of(text)
  local all = {}
  for line in text:gmatch "[^\n]+" do all[#all + 1] = line end
  return all
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

-- A loader is { name, prepare =, words =, served = }: what comes before, what is measured, and the
-- seconds that a server has spent so far.
local function measure(loader)
  loader.prepare()
  local served, began = loader.served(), support.now()
  local _, cpu = run(loader.words)
  return support.now() - began, cpu + loader.served() - served
end

local function compare(ours, theirs)
  for round = 0, runs do
    for _, loader in ipairs { ours, theirs } do
      local elapsed, cpu = measure(loader)
      loader.elapsed, loader.cpu = loader.elapsed or {}, loader.cpu or {}
      if round > 0 then
        table.insert(loader.elapsed, elapsed)
        table.insert(loader.cpu, cpu)
      end
    end
  end
  for _, loader in ipairs { ours, theirs } do
    loader.elapsed, loader.cpu = median(loader.elapsed), median(loader.cpu)
    print(("%-22s %7.0f ns a row   %7.0f ns of processor time"):format(loader.name,
      loader.elapsed / lines * 1e9, loader.cpu / lines * 1e9))
  end
  print(("%-22s %7.2f times as fast: %s, %.2f by processor time"):format("",
    theirs.elapsed / ours.elapsed, ours.elapsed <= theirs.elapsed * 2 and "yes" or "NO",
    theirs.cpu / ours.cpu))
end

local function forward(dest)
  return { program = support.program, "run", "--once", "filter", input, "-w", dest }
end

local function nothing() return 0 end

local function sqlite()
  local db, plain = folder .. "/ours.db", folder .. "/theirs.db"
  local load = { program = "sqlite3", plain, ".mode csv", "PRAGMA journal_mode = WAL;",
    "PRAGMA synchronous = FULL;" }
  run(forward("sqlite:" .. db))
  for _, name in ipairs(lines_of((run { program = "sqlite3", db,
    "SELECT name FROM sqlite_master WHERE type = 'table'" }))) do
    local csv = folder .. "/" .. name .. ".csv"
    run { program = "sqlite3", "-csv", db, ".output " .. csv, "SELECT * FROM " .. name }
    load[#load + 1] = (".import %s %s"):format(csv, name)
  end
  local schema = run { program = "sqlite3", db, ".schema" }
  compare({ name = "sqlite: cdrlua", words = forward("sqlite:" .. db), served = nothing,
    prepare = function() os.execute("rm -f " .. db .. "*") end,
  }, { name = "sqlite: sqlite3", words = load, served = nothing,
    prepare = function()
      os.execute("rm -f " .. plain .. "*")
      run { program = "sqlite3", plain, schema }
    end,
  })
end

-- What the server's ended processes took, each of them for one connection.
local function served(server)
  support.wait_for(function()
    return server:query "SELECT count(*) FROM pg_stat_activity WHERE usename = 'cdr'" == "1"
  end)
  local text = support.read_file(("/proc/%d/stat"):format(server.process.pid))
  local user, system = text:match "%) (.*)":match(("%S+ "):rep(13) .. "(%d+) (%d+)")
  return (user + system) / 100
end

local function postgres(server)
  run(forward(server.url))
  local load = {}
  for _, name in ipairs(lines_of(server:query
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")) do
    local csv = folder .. "/pg-" .. name .. ".csv"
    server:query(([[\copy "%s" TO '%s' CSV]]):format(name, csv))
    load[#load + 1] = ([[\copy "%s" FROM '%s' CSV]]):format(name, csv)
  end
  support.write_file(folder .. "/load.sql", table.concat(load, "\n") .. "\n")
  support.write_file(folder .. "/schema.sql", (run { program = "pg_dump", "-sO", server.url }))
  local function served_so_far() return served(server) end
  compare({ name = "postgres: cdrlua", words = forward(server.url), served = served_so_far,
    prepare = function() server:empty() end,
  }, { name = "postgres: psql", served = served_so_far,
    words = { program = "psql", "-Xq", "-v", "ON_ERROR_STOP=1", server.url,
      "-f", folder .. "/load.sql" },
    prepare = function()
      server:empty()
      run { program = "psql", "-Xq", server.url, "-f", folder .. "/schema.sql" }
    end,
  })
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
