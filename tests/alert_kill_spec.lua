-- Alerts over kill -9 at any moment: their history is that of an undisturbed run, and what was told
-- once more has the same id and says the same.
local alerts = require "tests.support.alerts"
local rules = require "tests.support.rules"
local support = require "tests.support"

local SEEDS = support.soak and 1000 or 30
local KILLS = support.soak and 100 or 5

-- Alerts of each kind, on few keys, so that all of them are pending, firing and resolving.
local KINDS = [[
local kinds = {
  { for_ = 7, resolve_after = 20 },
  { after = 3, within = 9, hold = 6 },
  { repeat_every = 5, resolve_after = 16, hold = 11 },
  { group_by = function(event) return event.timestamp % 2 == 0 and "even" or "odd" end,
    group_wait = 4, repeat_every = 9, key = "sessionId" },
  { flap = { changes = 2, within = 8 }, inhibited_by = "kind1" },
  { for_ = 2, inhibits = { "kind2" }, repeat_every = 30 },
}
for n, kind in ipairs(kinds) do kind.name = "kind" .. n end
]]

-- The script in the program.
local SCRIPT = [[
local cdr = require "cdr"
local sink = cdr.sink "alerts.jsonl"
]] .. KINDS .. [[
local found = {}
for n, kind in ipairs(kinds) do
  kind.to = sink
  found[n] = cdr.alert(kind)
end
cdr.on("tick", function(event)
  local alert = found[event.kind]
  if event.fires then alert:fire(event.key, event) else alert:resolve(event.key, event) end
end)
]]

-- The script on mocked time.
local function setup(found)
  return function(alert)
    local kinds = assert(load(KINDS .. "return kinds"))()
    for n, kind in ipairs(kinds) do found[n] = alert(kind) end
  end
end

-- What happens when, now and then a bit out of order.
local function lines_of(random, count)
  local lines, at = {}, 0
  for n = 1, count do
    at = at + random(0, 3) + random() * (random(10) == 1 and 40 or 1)
    lines[n] = { at = at - random(0, 3), kind = random(6), key = "k" .. random(3),
      fires = random(3) > 1 }
  end
  return lines
end

local function play(world, found, line)
  world:line(line.at, function(event)
    local alert = found[line.kind]
    if line.fires then alert:fire(line.key, event) else alert:resolve(line.key, event) end
  end)
end

local function words(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for key, inner in pairs(value) do parts[#parts + 1] = key .. "=" .. words(inner) end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end

-- Everything that was told, once: by id, with what it says.
local function told(world)
  local all = {}
  for _, sent in ipairs(world.sent) do
    local says = words(sent)
    assert.equal(all[sent.id] or says, says)
    all[sent.id] = says
  end
  return all
end

-- Plays all lines; with `kill`, goes back to the last commit now and then.
local function run(lines, random, kill)
  local found = {}
  local world = alerts.world(setup(found))
  local n, committed, kills = 1, 1, 0
  while n <= #lines do
    play(world, found, lines[n])
    n = n + 1
    if kill and random(4) == 1 then
      world:commit()
      committed = n
    elseif kill and random(6) == 1 then
      world:start()
      n, kills = committed, kills + 1
    end
  end
  world:wait(lines[#lines].at + 100)
  return world, kills
end

describe("alerts on mocked time", function()
  it("are the same however often they were killed", function()
    local random = math.random
    local kills, changes = 0, 0
    for seed = 1, SEEDS do
      math.randomseed(seed)
      local lines = lines_of(random, 120)
      local straight = run(lines)
      local killed, times = run(lines, random, true)
      assert.same(straight:history(), killed:history(), "seed " .. seed)
      assert.same(told(straight), told(killed), "seed " .. seed)
      kills, changes = kills + times, changes + #straight:history()
    end
    assert.is_true(kills > SEEDS and changes > SEEDS * 50)
  end)
end)

-- Lines for the program: a writer appends them, and the n-th has been read when it is in out.log.
local function texts_of(lines)
  local texts = {}
  for n, line in ipairs(lines) do
    texts[n] = ('{"tick":{"n":%d,"kind":%d,"key":"%s","fires":%s,"timestamp":%d}}\n'):format(n,
      line.kind, line.key, line.fires, alerts.T + math.floor(line.at * 1000))
  end
  return texts
end

-- All that alerts have in the state, but for what belongs to the run: rows in order.
local function kept(folder)
  local code, out = support.run { program = "sqlite3", folder .. "/state/state.db",
    "SELECT name, key, value FROM state WHERE name LIKE 'cdr.alerts%' ORDER BY name, key" }
  assert.equal(0, code)
  return rules.lines(out)
end

local function told_in(folder)
  return alerts.once(support.read_file(folder .. "/alerts.jsonl"))
end

local function words_for(folder, ...)
  return { "run", "rules.lua", "server.log", "--state", "state", "--clock", "event", "-w",
    "out.log", cwd = folder, ... }
end

-- Reads what is there to its end.
local function finish(folder)
  local code, _, err = support.run(words_for(folder, "--once"))
  assert.equal(0, code, err)
end

local function new_folder(text)
  local folder = support.folder()
  support.write_file(folder .. "/rules.lua", SCRIPT)
  support.write_file(folder .. "/server.log", text)
  return folder
end

-- Until the n-th line was read, or what was read is kept.
local function wait_a_bit(folder, n, random)
  local wal = folder .. "/state/state.db-wal"
  local before = support.stat(wal)
  local wait_commit = before and random(2) == 1
  support.wait_for(function()
    local now = support.stat(wal)
    if wait_commit then return now and now.mtime > before.mtime end
    return (support.read_file(folder .. "/out.log") or ""):find(('"n":%d,'):format(n), 1, true)
  end, 3)
end

describe("alerts, killed at any moment,", function()
  after_each(support.clean)

  it("have the history of an undisturbed run, and tell what it tells", function()
    local random = math.random
    math.randomseed(5)
    local texts = texts_of(lines_of(random, KILLS * 150))
    local straight = new_folder(table.concat(texts))
    finish(straight)

    local folder, written = new_folder "", 0
    for _ = 1, KILLS do
      local process = support.spawn(words_for(folder))
      for _ = 1, random(3) do
        local n = math.min(written + random(50), #texts)
        support.append(folder .. "/server.log", table.concat(texts, "", written + 1, n))
        written = n
        if random(3) > 1 then wait_a_bit(folder, n, random) end
      end
      process:kill "KILL"
      process:wait()
    end
    support.append(folder .. "/server.log", table.concat(texts, "", written + 1))
    finish(folder)
    assert.same(kept(straight), kept(folder))
    assert.same(told_in(straight), told_in(folder))
    assert.is_true(#kept(straight) > KILLS * 50)
  end)
end)
