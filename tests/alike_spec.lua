-- Which alerts inhibit which, by their labels: found without a look at each.
local alerts = require "tests.support.alerts"
local alike = dofile "lua/cdr/alert/alike.lua"

-- What is meant, pair by pair.
local function are_alike(labels, others)
  for name, value in pairs(labels) do
    local is_own = name == "name" or name == "severity"
    if not is_own and others[name] ~= nil and others[name] ~= value then return false end
  end
  return true
end

local NAMES = { "name", "severity", "a", "b", "c" }
local VALUES = { "", "1", "1:1", "2" }

local function random_labels()
  local labels = {}
  for _, name in ipairs(NAMES) do
    if math.random(3) > 1 then labels[name] = VALUES[math.random(#VALUES)] end
  end
  return labels
end

local function expected_of(rows, labels)
  local found = {}
  for key, row in pairs(rows) do
    if not labels or are_alike(row, labels) then found[key] = "value of " .. key end
  end
  return found
end

describe("labels that are alike", function()
  it("are found as if each pair was compared", function()
    math.randomseed(7)
    local set, rows, hits = alike.new(), {}, 0
    for _ = 1, 3000 do
      local key = "k" .. math.random(12)
      if math.random(3) == 1 then
        rows[key] = nil
        set:remove(key)
      else
        rows[key] = random_labels()
        set:add(key, rows[key], "value of " .. key)
      end
      local labels = random_labels()
      local expected = expected_of(rows, labels)
      assert.same(expected, set:find(labels))
      assert.equal(next(expected) ~= nil, set:has(labels))
      assert.same(expected_of(rows), set:find())
      assert.equal(next(rows) == nil, set:is_empty())
      hits = hits + (next(expected) and 1 or 0)
    end
    assert.is_true(hits > 500 and hits < 2900, hits)
  end)
end)

-- Steps of Lua, in thousands, of so many alerts that so many others inhibit, and are told then.
local function steps_of(count)
  local a, b
  local world = alerts.world(function(alert)
    a = alert { name = "a", key = "k", labels = { "room" } }
    b = alert { name = "b", key = "k", inhibits = "a" }
  end)
  local steps = 0
  debug.sethook(function() steps = steps + 1 end, "", 1000)
  for n = 1, count do world:line(n / count, function(event) b:fire(event) end, { k = n }) end
  for n = 1, count do world:line(1, function(event) a:fire(event) end, { k = n, room = n % 9 }) end
  for n = 1, count do world:line(1 + n / count, function(e) b:resolve(e) end, { k = n }) end
  debug.sethook()
  assert.equal(3 * count, #world.sent)
  assert.matches("firing " .. count .. "$", world:told()[3 * count])
  return steps
end

describe("many alerts that many others inhibit", function()
  it("cost each the same, however many they are", function()
    local few, many = steps_of(100), steps_of(400)
    assert.is_true(many < 6 * few, many .. " after " .. few)
  end)
end)
