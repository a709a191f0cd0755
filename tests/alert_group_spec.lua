-- What is told of alerts that are many: groups, what waits, what another inhibits, what flaps.
local alerts = require "tests.support.alerts"

local check, play, world_of = alerts.check, alerts.play, alerts.world_of

describe("a group", function()
  local function grouped(options)
    options.group_by = function(event) return event.room or "r" end
    options.group_wait = options.group_wait or 10
    return options
  end

  it("is one notification for what begins within its wait", function()
    local world = check(grouped {}, { "0 fire a", "3 fire b", "9 fire c", "30" },
      { "0 a inactive>firing", "3 b inactive>firing", "9 c inactive>firing" },
      { "10 firing a,b,c" })
    local sent = world.sent[1]
    assert.same({ "r", 3, "3 firing: cut a", alerts.T }, { sent.group, sent.count, sent.summary,
      sent.started })
    assert.same({ name = "cut", severity = "warning", group = "r" }, sent.labels)
  end)

  it("is told anew with all of it when others join or leave", function()
    check(grouped {}, { "0 fire a", "20 fire b", "25 resolve a", "50", "51 resolve b", "80" },
      { "0 a inactive>firing", "20 b inactive>firing", "25 a firing>resolved",
        "51 b firing>resolved" },
      { "10 firing a", "30 firing a,b", "61 resolved b" })
  end)

  it("tells nothing of what was over within its wait", function()
    local world, fire, resolve = world_of(grouped {})
    play(world, fire, resolve, { "0 fire a", "3 resolve a", "30" })
    assert.same({ "0 a inactive>firing", "3 a firing>resolved" }, world:history())
    assert.same({}, world:told())
    for _, name in ipairs { "cdr.alerts.groups", "cdr.alerts.closed" } do
      assert.same({}, world:rows(name))
    end
    play(world, fire, resolve, { "40 fire a", "41 fire b", "43 resolve a", "60", "61 fire a",
      "62 resolve b", "63 resolve a", "90" })
    assert.same({ "50 firing b", "71 resolved b" }, world:told())
    assert.same({ 1, 1 }, { world.sent[1].count, world.sent[2].count })
  end)

  it("tells of what is there at the end of its wait, if not always", function()
    check(grouped {}, { "0 fire a", "4 resolve a", "8 fire a", "12 resolve a", "30" },
      { "0 a inactive>firing", "4 a firing>resolved", "8 a inactive>firing",
        "12 a firing>resolved" }, { "10 firing a", "22 resolved a" })
  end)

  it("is told again, all of it, with repeat_every", function()
    check(grouped { repeat_every = 60 }, { "0 fire a", "1 fire b", "140" },
      { "0 a inactive>firing", "1 b inactive>firing" },
      { "10 firing a,b", "70 firing a,b +1", "130 firing a,b +2" })
  end)

  it("names a hundred of its alerts, the new ones first, and counts all", function()
    local world, fire = world_of(grouped {})
    for n = 1, 150 do play(world, fire, nil, { ("1 fire %03d"):format(n) }) end
    play(world, fire, nil, { "20", "21 fire new", "40" })
    assert.same({ 100, 150 }, { #world.sent[1].alerts, world.sent[1].count })
    assert.same({ 100, 151 }, { #world.sent[2].alerts, world.sent[2].count })
    assert.equal("new", world.sent[2].alerts[100].key)
  end)

  it("of a hundred and more is told once a second at most", function()
    local world, fire, resolve = world_of { group_by = {}, group_wait = 0 }
    for n = 1, 300 do play(world, fire, nil, { ("%.4f fire %d"):format(n / 100 + 1e-4, n) }) end
    assert.equal(101, #world.sent)
    play(world, fire, resolve, { "20", "20.5 resolve 1", "21 resolve 2", "40" })
    local told = {}
    for i = 99, #world.sent do
      local sent = world.sent[i]
      told[#told + 1] = ("%g %d"):format((sent.timestamp - alerts.T) / 1000, sent.count)
    end
    assert.same({ "0.99 99", "1 100", "2.01 201", "3.02 300", "21.5 300" }, told)
  end)

  it("is one for each value of its fields", function()
    local cut
    local world = alerts.world(function(alert)
      cut = alert { name = "cut", key = "id", group_by = "room", group_wait = 5 }
    end)
    for n, room in ipairs { "x", "y", "x" } do
      world:line(n, function(event) cut:fire(event) end, { id = n, room = room })
    end
    world:line(60)
    assert.same({ "6 firing 1,3", "7 firing 2" }, world:told())
    assert.equal("x", world.sent[1].labels.room)
  end)
end)

describe("what waits", function()
  it("is bounded: of too many groups none waits any more", function()
    local world, fire, resolve = world_of { group_wait = 100, limit = 3 }
    for n = 1, 9 do play(world, fire, resolve, { "1 fire " .. n, "1 resolve " .. n }) end
    assert.equal("1 resolved 9", world:told()[6])
    local n = 0
    for _ in pairs(world:rows "cdr.alerts.groups") do n = n + 1 end
    assert.equal(6, n)
    play(world, fire, resolve, { "200" })
    assert.equal(6, #world.sent)
    assert.same({}, world:rows "cdr.alerts.groups")
  end)

  it("is bounded: of too many keys none flaps", function()
    local world, fire, resolve = world_of { flap = { changes = 1, within = 60 }, limit = 3 }
    for n = 1, 9 do play(world, fire, resolve, { "1 fire " .. n, "1 resolve " .. n }) end
    local n = 0
    for _ in pairs(world:rows "cdr.alerts.flaps") do n = n + 1 end
    assert.equal(6, n)
    assert.is_nil(world.sent[18].flapping)
    assert.is_true(world.sent[2].flapping)
    play(world, fire, resolve, { "200" })
    assert.same({}, world:rows "cdr.alerts.flaps")
  end)
end)

describe("an alert that another inhibits", function()
  local node, cut
  local function setup(own, other)
    return function(alert)
      node = alert { name = "node", key = "node", inhibits = own }
      cut = alert { name = "cut", key = "sessionId", labels = { "node" }, inhibited_by = other }
    end
  end
  local function run(own, other)
    local world = alerts.world(setup(own, other))
    world:line(1, function(event) node:fire(event) end, { node = "n1" })
    world:line(2, function(event) cut:fire(event) end, { sessionId = "a", node = "n1" })
    world:line(3, function(event) cut:fire(event) end, { sessionId = "b", node = "n2" })
    assert.is_true(world:rows "cdr.alerts"["cut/a"].inhibited)
    world:line(4, function(event) node:resolve(event) end, { node = "n1" })
    assert.is_nil(world:rows "cdr.alerts"["cut/a"].inhibited)
    assert.same({ "1 firing n1", "3 firing b", "4 resolved n1", "4 firing a" }, world:told())
  end

  it("is told when the other is over, if it still fires then", function() run({ "cut" }, nil) end)
  it("may say so itself", function() run(nil, "node") end)

  it("is not told when it is over before", function()
    local world = alerts.world(setup("cut"))
    world:line(1, function(event) node:fire(event) end, { node = "n1" })
    world:line(2, function(event) cut:fire(event) end, { sessionId = "a", node = "n1" })
    world:line(3, function(event) cut:resolve(event) end, { sessionId = "a" })
    world:line(4, function(event) node:resolve(event) end, { node = "n1" })
    assert.same({ "1 firing n1", "4 resolved n1" }, world:told())
  end)

  it("is held back over a restart too", function()
    local world = alerts.world(setup("cut"))
    world:line(1, function(event) node:fire(event) end, { node = "n1" })
    world:line(2, function(event) cut:fire(event) end, { sessionId = "a", node = "n1" })
    world:commit()
    world:start()
    world:line(4, function(event) node:resolve(event) end, { node = "n1" })
    assert.same({ "1 firing n1", "4 resolved n1", "4 firing a" }, world:told())
  end)
end)

describe("an alert that flaps", function()
  local flap = { changes = 3, within = 60, calm = 100 }
  local on_off = { "0 fire k", "1 resolve k", "2 fire k", "3 resolve k", "4 fire k", "5 resolve k",
    "6 fire k" }

  it("is told of once, and again as it is when it is calm", function()
    local world = check({ flap = flap, repeat_every = 20 }, on_off, {
      "0 k inactive>firing", "1 k firing>resolved", "2 k inactive>firing", "3 k firing>resolved",
      "4 k inactive>firing", "5 k firing>resolved", "6 k inactive>firing" })
    assert.same({ "0 firing k", "1 resolved k", "2 firing k", "3 resolved k" }, world:told())
    assert.equal("cut k (flapping)", world.sent[4].summary)
    assert.is_true(world:rows "cdr.alerts"["cut/k"].flapping)
    world:line(200)
    assert.same({ "106 firing k", "126 firing k +1" }, { world:told()[5], world:told()[6] })
    assert.equal("cut k", world.sent[5].summary)
    assert.is_nil(world:rows "cdr.alerts"["cut/k"].flapping)
  end)

  it("that is over when it is calm is told as resolved", function()
    local world, fire, resolve = world_of { flap = flap }
    play(world, fire, resolve, on_off)
    play(world, fire, resolve, { "7 resolve k", "300" })
    assert.equal("107 resolved k", world:told()[5])
    assert.equal(5, #world.sent)
    for _, name in ipairs { "cdr.alerts", "cdr.alerts.groups", "cdr.alerts.flaps" } do
      assert.same({}, world:rows(name))
    end
    assert.same({}, world.timers)
  end)

  it("before anybody was told is told of when it fires, and not when it was over", function()
    local world, fire, resolve = world_of { flap = flap, group_wait = 10 }
    play(world, fire, resolve, on_off)
    play(world, fire, resolve, { "7 resolve k", "30 fire k", "31 resolve k", "200" })
    assert.same({}, world:told())
    assert.same({}, world:rows "cdr.alerts.flaps")
    for at, line in ipairs(on_off) do on_off[at] = 1000 + line:match "^%d+" .. line:match " .*" end
    play(world, fire, resolve, on_off)
    play(world, fire, resolve, { "1021 resolve k", "1030 fire k", "1050 resolve k", "1200" })
    assert.same({ "1010 firing k", "1160 resolved k" }, world:told())
    assert.is_true(world.sent[1].flapping)
  end)

  it("does not when its changes lie further apart", function()
    local world, fire, resolve = world_of { flap = flap }
    for n = 0, 9 do
      play(world, fire, resolve, { n * 40 .. " fire k", n * 40 + 20 .. " resolve k" })
    end
    assert.equal(20, #world.sent)
  end)
end)
