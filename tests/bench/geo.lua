-- Compares lookups from Lua with those of libmaxminddb alone (--set db=PATH peer=build/bench/geo).
--
-- A country database, 200,000 random addresses, all different, and 5,000 of them forty times over.
local cdr = require "cdr"

local opt = cdr.options { db = "build/geo/country.mmdb", peer = "build/bench/geo", seed = 1 }

math.randomseed(opt.seed)
local function address()
  if math.random() < 0.1 then
    return ("2%03x:%x:0:0:0:0:0:%x"):format(math.random(0xfff), math.random(0xffff), 1)
  end
  return ("%d.%d.%d.%d"):format(math.random(223), math.random(0, 255), math.random(0, 255),
    math.random(0, 255))
end

local function addresses(n)
  local list = {}
  for i = 1, n do list[i] = address() end
  return list
end

local function write(list)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  file:write(table.concat(list, "\n"), "\n")
  return path
end

-- What libmaxminddb takes: nanoseconds.
local function peer(list, rounds)
  local path = write(list)
  local pipe <close> = assert(io.popen(("%s %s %s %d"):format(opt.peer, opt.db, path, rounds)))
  local ns = pipe:read "n"
  os.remove(path)
  return assert(ns, opt.peer .. ": make build/bench/geo")
end

local function ours(list, rounds)
  local geo = cdr.geo.open(opt.db)
  local began = os.clock()
  for _ = 1, rounds do
    for i = 1, #list do geo:location(list[i]) end
  end
  return (os.clock() - began) * 1e9 / (#list * rounds)
end

local function compare(name, list, rounds)
  local theirs, mine = {}, {}
  for i = 1, 5 do theirs[i], mine[i] = peer(list, rounds), ours(list, rounds) end
  table.sort(theirs)
  table.sort(mine)
  local verdict = mine[3] <= 3 * theirs[3] and "yes" or "NO"
  print(("%-10s %6.0f ns in Lua, %6.0f ns in C: %.2f (at most 3: %s)"):format(name, mine[3],
    theirs[3], mine[3] / theirs[3], verdict))
end

compare("random", addresses(200000), 1)
compare("repeated", addresses(5000), 40)
cdr.source(function() end)
