-- Measures windows: what an update takes, and the memory of 100,000 keys (in a process of its own).
--
-- A million updates of random keys, while the clock, which is this script's own, goes on by 60 s.
-- The loop around them is measured too and taken off: on the road, a key has just been made. The
-- plain table is one counter for each key and nothing more: what the machine takes at least.
local host = require "cdr.host"
local clock = 1600000000000
host.now = function() return clock end -- before the windows take it
local cdr = require "cdr"

local opt = cdr.options { program = "build/cdrlua", memory = "", updates = 1000000, runs = 5 }

local ALL = { "count", "sum", "min", "max", "mean" }
local LAYOUTS = {
  sliding = { seconds = 60, of = ALL },
  ["sliding, kept"] = { seconds = 60, of = ALL, name = "w" },
  tumbling = { seconds = 60, of = ALL, kind = "tumbling" },
  ["tumbling, told"] = { seconds = 60, of = ALL, kind = "tumbling", on_close = function() end },
  session = { seconds = 60, of = ALL, kind = "session", on_close = function() end },
  ["sliding, 60 steps"] = { seconds = 60, every = 1, of = ALL },
  distinct = { seconds = 60, of = "distinct" },
  percentile = { seconds = 60, of = "p95" },
}

local function names(n)
  local list = {}
  for i = 1, n do list[i] = ("ses_%010d"):format(i) end
  return list
end

local function random(n)
  math.randomseed(1)
  local list = {}
  for i = 1, opt.updates do list[i] = math.random(n) end
  return list
end

-- Adds a million values; `w` may be anything that has an add.
local function fill(w, keys, order)
  local n, began = opt.updates, clock
  for i = 1, n do
    clock = began + i * 60000 // n
    w:add(keys[order[i]], i & 1023)
  end
end

local nothing = { add = function() end }

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function time(w, keys, order)
  local began = os.clock()
  fill(w, keys, order)
  return (os.clock() - began) * 1e9 / opt.updates
end

-- Nanoseconds an update and a query, without the loop.
local function measure(options, keys, order)
  local adds, asks = {}, {}
  for i = 1, opt.runs do
    local loop = time(nothing, keys, order)
    local w = cdr.window(options)
    adds[i] = time(w, keys, order) - loop
    local word = w.of[#w.of]
    local asked = { add = function(_, key)
      if word == "p95" then return w:percentile(key, 95) end
      return w[word](w, key)
    end }
    local all = opt.updates
    opt.updates = all // 20
    asks[i] = time(asked, keys, order) - time(nothing, keys, order)
    opt.updates = all
    collectgarbage()
  end
  return median(adds), median(asks)
end

local function plain(keys, order)
  local times = {}
  for i = 1, opt.runs do
    local counts = {}
    local loop = time(nothing, keys, order)
    times[i] = time({ add = function(_, key) counts[key] = (counts[key] or 0) + 1 end }, keys,
      order) - loop
  end
  print(("%-20s %7d keys: %5.0f ns an update"):format("a plain table", #keys, median(times)))
end

local function verdict(value, most) return value <= most and "yes" or "NO" end

local function row(name, options, keys, order, most)
  local add, ask = measure(options, keys, order)
  print(("%-20s %7d keys: %5.0f ns an update%s, %6.0f ns a question"):format(name, #keys, add,
    most and (" (at most %d: %s)"):format(most, verdict(add, most)) or "", ask))
end

local function anonymous_mib()
  for line in io.lines "/proc/self/status" do
    local kib = line:match "^RssAnon:%s+(%d+)"
    if kib then return kib / 1024 end
  end
end

-- In the child: the memory that 100,000 keys take, in the end and at most.
local function weigh(name)
  local keys, order = names(100000), random(100000)
  collectgarbage()
  local before = anonymous_mib()
  local w = cdr.window(LAYOUTS[name])
  fill(w, keys, order)
  fill(w, keys, order)
  print(anonymous_mib() - before)
end

local function memory(name, most)
  local command = "%s run --once tests/bench/window.lua --set 'memory=%s'"
  local pipe <close> = assert(io.popen(command:format(opt.program, name)))
  local mib = assert(pipe:read "n", "the child failed")
  print(("%-20s  100000 keys: %5.1f MiB%s"):format(name, mib,
    most and (" (at most %d: %s)"):format(most, verdict(mib, most)) or ""))
end

local function report()
  for _, n in ipairs { 1000, 100000 } do
    local keys, order = names(n), random(n)
    plain(keys, order)
    for _, word in ipairs(ALL) do row(word, { seconds = 60, of = word }, keys, order, 1000) end
    row("all five", LAYOUTS.sliding, keys, order, 1000)
    row("all, tumbling", LAYOUTS.tumbling, keys, order, 1000)
    row("all, told", LAYOUTS["tumbling, told"], keys, order, 1000)
    row("session", LAYOUTS.session, keys, order)
    row("distinct", LAYOUTS.distinct, keys, order)
    row("percentile", LAYOUTS.percentile, keys, order)
  end
  for _, name in ipairs { "sliding", "sliding, kept", "tumbling", "tumbling, told", "session" } do
    memory(name, 64)
  end
  for _, name in ipairs { "sliding, 60 steps", "distinct", "percentile" } do memory(name) end
end

if opt.memory ~= "" then weigh(opt.memory) else report() end
cdr.source(function() end)
