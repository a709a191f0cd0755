-- Alerts over kill -9 at any moment: their history is that of an undisturbed run, and what was told
-- once more has the same id and says the same.
local alerts = require "tests.support.alerts"
local support = require "tests.support"

local SEEDS = support.soak and 2000 or 200

-- Alerts of each kind, on few keys, so that all of them are pending, firing and resolving.
local KINDS = {
  { for_ = 7, resolve_after = 20 },
  { after = 3, within = 9, hold = 6 },
  { repeat_every = 5, resolve_after = 16, hold = 11 },
  { group_by = function(event) return event.timestamp % 2 == 0 and "even" or "odd" end,
    group_wait = 4, repeat_every = 9, key = "sessionId" },
  { flap = { changes = 2, within = 8 }, inhibited_by = "kind1" },
  { for_ = 2, inhibits = { "kind2" }, repeat_every = 30 },
}

-- A script with all of them: what a line fires or resolves stands in its event.
local function setup(found)
  return function(alert)
    for n, kind in ipairs(KINDS) do
      local options = { name = "kind" .. n }
      for name, value in pairs(kind) do options[name] = value end
      found[n] = alert(options)
    end
  end
end

local function lines_of(random)
  local lines, at = {}, 0
  for n = 1, 120 do
    at = at + random(0, 3) + random() * (random(10) == 1 and 40 or 1)
    lines[n] = { at = at - random(0, 3), kind = random(#KINDS), key = "k" .. random(3),
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
      local lines = lines_of(random)
      local straight = run(lines)
      local killed, times = run(lines, random, true)
      assert.same(straight:history(), killed:history(), "seed " .. seed)
      assert.same(told(straight), told(killed), "seed " .. seed)
      kills, changes = kills + times, changes + #straight:history()
    end
    assert.is_true(kills > SEEDS and changes > SEEDS * 50)
  end)
end)
