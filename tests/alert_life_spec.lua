-- The life of an alert, on mocked time: pending, firing, resolved, and what is told of it when.
local alerts = require "tests.support.alerts"

local check, play, world_of = alerts.check, alerts.play, alerts.world_of

describe("an alert", function()
  it("is told once when it begins and once when it is over", function()
    local world = check({ severity = "critical", summary = "{key} at {severity}" },
      { "0 fire k", "1 fire k", "2 fire k", "3 resolve k", "4 resolve k" },
      { "0 k inactive>firing", "3 k firing>resolved" }, { "0 firing k", "3 resolved k" })
    local T, sent = alerts.T, world.sent[2]
    assert.same({
      event = "alert", id = ("cut/k/resolved/%d/1"):format(T), status = "resolved", name = "cut",
      severity = "critical", summary = "k at critical", started = T, ended = T + 3000,
      timestamp = T + 3000, repeats = 0, count = 1,
      labels = { name = "cut", severity = "critical", key = "k" },
      alerts = { {
        key = "k", summary = "k at critical", status = "resolved", started = T, ended = T + 3000,
        fired = 3, labels = { name = "cut", severity = "critical", key = "k" },
      } },
    }, sent)
    assert.same({}, world:rows "cdr.alerts")
    assert.same({}, world:rows "cdr.alerts.groups")
    assert.same({}, world.timers)
  end)

  it("with for_ must last so long before it fires", function()
    check({ for_ = 10 }, { "0 fire k", "9.999 resolve k", "20 fire k", "40" },
      { "0 k inactive>pending", "9.999 k pending>expired", "20 k inactive>pending",
        "30 k pending>firing" }, { "30 firing k" })
  end)

  it("with for_ fires at its time though what resolves it comes before the timer", function()
    check({ for_ = 10 }, { "0 fire k", "12 resolve k" },
      { "0 k inactive>pending", "10 k pending>firing", "12 k firing>resolved" },
      { "10 firing k", "12 resolved k" })
  end)

  it("counts an event that comes late at its own time", function()
    check({ for_ = 10 }, { "0 fire k", "12", "8 resolve k", "30" },
      { "0 k inactive>pending", "8 k pending>expired" }, {})
  end)

  it("with after and within fires with the last of so many in so short a time", function()
    check({ after = 3, within = 10 },
      { "0 fire k", "6 fire k", "10 fire k", "10.5 fire k", "11 fire k", "40" },
      { "0 k inactive>pending", "10.5 k pending>firing", "21 k firing>resolved" },
      { "10.5 firing k", "21 resolved k" })
    check({ after = 2, within = 10 }, { "0 fire k", "10 fire k", "40" },
      { "0 k inactive>pending", "10 k pending>expired", "10 k inactive>pending",
        "20 k pending>expired" }, {})
  end)

  it("with after alone counts for as long as it is not resolved", function()
    check({ after = 2 }, { "0 fire k", "1 resolve k", "2 fire k", "900 fire k" },
      { "0 k inactive>pending", "1 k pending>expired", "2 k inactive>pending",
        "900 k pending>firing" })
  end)

  it("with after and for_ must last from the last of them on", function()
    check({ after = 2, for_ = 5 }, { "0 fire k", "3 fire k", "30" },
      { "0 k inactive>pending", "8 k pending>firing" })
  end)

  it("with hold fires at least so long", function()
    check({ hold = 10 }, { "0 fire k", "3 resolve k", "30" },
      { "0 k inactive>firing", "10 k firing>resolved" }, { "0 firing k", "10 resolved k" })
    check({ hold = 10 }, { "0 fire k", "3 resolve k", "4 fire k", "30", "31 resolve k" },
      { "0 k inactive>firing", "31 k firing>resolved" }, { "0 firing k", "31 resolved k" })
  end)

  it("with resolve_after is over when it was not fired for so long", function()
    check({ resolve_after = 10 }, { "0 fire k", "5 fire k", "14 fire k", "60" },
      { "0 k inactive>firing", "24 k firing>resolved" }, { "0 firing k", "24 resolved k" })
    check({ resolve_after = 10, for_ = 20 }, { "0 fire k", "9 fire k", "60" },
      { "0 k inactive>pending", "19 k pending>expired" })
    check({ resolve_after = 10, hold = 30 }, { "0 fire k", "60" },
      { "0 k inactive>firing", "30 k firing>resolved" })
    check({ resolve_after = false, after = 1, within = 5 }, { "0 fire k", "9000" },
      { "0 k inactive>firing" })
  end)

  it("with repeat_every is told again while it fires", function()
    local world = check({ repeat_every = 10 }, { "0 fire k", "26", "27 resolve k", "90" },
      { "0 k inactive>firing", "27 k firing>resolved" },
      { "0 firing k", "10 firing k +1", "20 firing k +2", "27 resolved k" })
    local ids = {}
    for _, sent in ipairs(world.sent) do ids[sent.id] = true end
    local n = 0
    for _ in pairs(ids) do n = n + 1 end
    assert.equal(4, n)
  end)

  local function ids_of(world)
    local ids = {}
    for i, sent in ipairs(world.sent) do
      ids[i] = sent.id:gsub("^cut/k/(.).-/", "%1 "):gsub("/", " "):gsub(alerts.T // 10, "T")
    end
    return ids
  end

  it("has another id each time, though it begins twice in a millisecond", function()
    local on_off = { "0 fire k", "0 resolve k", "0 fire k", "0 resolve k" }
    local world, fire, resolve = world_of {}
    play(world, fire, resolve, on_off)
    assert.same({ "f T0 0", "r T0 1", "f T0 2", "r T0 3" }, ids_of(world))
    play(world, fire, resolve, { "0.001 fire k", "0.001 resolve k", "0 fire k" }) -- which is late
    assert.same({ "f T1 0", "r T1 1", "f T0 4" }, table.move(ids_of(world), 5, 7, 1, {}))
    play(world, fire, resolve, { "9 resolve k", "10 fire k", "20" })
    assert.equal(("cut/k/firing/%d/0"):format(alerts.T + 10000), world.sent[9].id)
    play(world, fire, resolve, { "20 fire x", "30 resolve x" })
    assert.same({}, world:rows "cdr.alerts.closed")
  end)

  it("has another id in the same millisecond after a restart too", function()
    local world, fire, resolve = world_of {}
    play(world, fire, resolve, { "0 fire k", "0 resolve k" })
    world:commit()
    world:start()
    play(world, fire, resolve, { "0 fire k" })
    assert.same({ "f T0 0", "r T0 1", "f T0 2" }, ids_of(world))
    play(world, fire, resolve, { "20 resolve k", "21 fire x", "40 resolve x" })
    assert.same({}, world:rows "cdr.alerts.closed")
  end)

  it("leaves no timer behind when it is over before", function()
    local world, fire, resolve = world_of { for_ = 900, resolve_after = 800, repeat_every = 900 }
    play(world, fire, resolve, { "0 fire a", "1 resolve a", "2 fire b" })
    assert.is_truthy(next(world.timers))
    play(world, fire, resolve, { "3 resolve b" })
    assert.same({}, world.timers)
  end)

  it("takes its key, its labels and its session from the event", function()
    local cut
    local world = alerts.world(function(alert)
      cut = alert { name = "cut", key = { "sessionId", "reason" },
        summary = "{event.a.b}/{event.no}{{{key|upper}", labels = { "location", team = "ops" } }
    end)
    world:line(1, function(event) cut:fire(event) end,
      { sessionId = "s", reason = "r", location = "Rome", a = { b = 8 } })
    assert.equal("firing", cut:status "s, r")
    assert.equal("8/{S, R", world.sent[1].summary)
    assert.equal("s", world.sent[1].alerts[1].sessionId)
    assert.same({ name = "cut", severity = "warning", sessionId = "s", reason = "r",
      location = "Rome", team = "ops" }, world.sent[1].labels)
    world:line(2, function(event) cut:resolve(event) end, { sessionId = "s", reason = "r" })
    assert.equal("inactive", cut:status "s, r")
  end)

  it("has keys and summaries of whole characters, however long", function()
    local keys = { "x" .. ("é"):rep(300), ("é"):rep(300), ("\u{1F600}"):rep(200) .. "1",
      ("\u{1F600}"):rep(200) .. "2" }
    local world, fire, resolve = world_of { summary = "xy{key}{key}{key}" }
    for i, key in ipairs(keys) do world:line(i, fire(key)) end
    assert.equal(#keys, #world.sent)
    for i in ipairs(keys) do
      local sent = world.sent[i]
      local alert = sent.alerts[1]
      assert.is_true(#alert.key <= 417 and utf8.len(alert.key) ~= nil, alert.key)
      assert.is_true(#sent.summary <= 1000 and utf8.len(sent.summary) ~= nil, sent.summary)
      world:line(i + 10, resolve(keys[i]))
      assert.equal(alert.key, world.sent[#world.sent].alerts[1].key)
    end
  end)

  it("watches at most so many keys, and counts the others", function()
    local world, fire, _, cut = world_of { limit = 2 }
    play(world, fire, nil, { "0 fire a", "1 fire b", "2 fire c", "3 fire d", "4 fire a" })
    assert.same({ "0 a inactive>firing", "1 b inactive>firing" }, world:history())
    assert.equal(2, cut().dropped)
    local warnings = 0
    for _, line in ipairs(world.log) do
      if line:find "has 2 keys" then warnings = warnings + 1 end
    end
    assert.equal(1, warnings)
  end)

  it("is as before when its summary fails, and fires with the next event", function()
    local bad = true
    local function summary() return bad and error "no words" or 7 end
    local world, fire = world_of { summary = summary }
    assert.has_error(function() play(world, fire, nil, { "0 fire k" }) end)
    assert.same({}, world:rows "cdr.alerts")
    bad = false
    play(world, fire, nil, { "1 fire k" })
    assert.equal("7", world.sent[1].summary)
  end)

  it("begins anew when it is over while its summary waits", function()
    local cut
    local world = alerts.world(function(alert)
      cut = alert { name = "cut", after = 2, summary = function(_, event)
        if event.waits then coroutine.yield() end
        return "s"
      end }
    end)
    local function fire(event) cut:fire("a", event) end
    world:line(1, fire)
    world:line(2, fire)
    local waiting = coroutine.create(function() world:line(3, fire, { waits = true }) end)
    assert(coroutine.resume(waiting))
    world:line(4, function(event) cut:resolve("a", event) end)
    assert(coroutine.resume(waiting))
    assert.same({ "1 a inactive>pending", "2 a pending>firing", "4 a firing>resolved",
      "3 a inactive>pending" }, world:history())
    assert.equal(1, world:rows "cdr.alerts"["cut/a"].fired)
  end)

  it("sends to each of its sinks though one fails, and then says so", function()
    local got = {}
    local good = { send = function(_, sent) got[#got + 1] = sent.status end }
    local bad = { send = function() error "broken" end }
    local world, fire = world_of { to = { bad, good } }
    assert.has_error(function() play(world, fire, nil, { "0 fire k" }) end)
    assert.same({ "firing" }, got)
    assert.same({}, world.sent)
    assert.same({ "0 k inactive>firing" }, world:history())
  end)
end)

describe("a silence", function()
  local function until_s(seconds, match)
    return { match = match, from = 0, ["until"] = alerts.T + seconds * 1000 }
  end

  it("keeps back what has its labels until it ends", function()
    local world, fire, resolve = world_of {}
    world:silence("1", until_s(60, { name = "cut", key = { pattern = "a*?.x" } }))
    play(world, fire, resolve, { "0 fire ab.x", "1 fire abcx", "2 fire a.x", "3 resolve a.x" })
    assert.same({ "1 firing abcx", "2 firing a.x", "3 resolved a.x" }, world:told())
    assert.equal("1", world:rows "cdr.alerts"["cut/ab.x"].silenced)
    play(world, fire, resolve, { "64" })
    assert.equal(3, #world.sent)
    play(world, fire, resolve, { "65" })
    assert.equal("60 firing ab.x", world:told()[4])
  end)

  it("has ? for a whole character, and * for any text at no cost", function()
    local world, fire = world_of {}
    for id, pattern in ipairs { "M?ller", "*", "-%s*", "?*?", ("*a"):rep(12) .. "*b" } do
      world:silence(tostring(id), until_s(60, { name = "cut", key = { pattern = pattern } }))
      if pattern == "*" then world:silence("2", nil) end
    end
    local keys = { "Müller", "Mller", "-%s", "-%sé", "é", "éé", ("a"):rep(300),
      ("a"):rep(300) .. "b", "" }
    world:silence("4", nil)
    for i, key in ipairs(keys) do world:line(i, fire(key)) end
    assert.same({ "2 firing Mller", "5 firing é", "6 firing éé",
      "7 firing " .. ("a"):rep(300), "9 firing " }, world:told())
    world:silence("4", until_s(60, { key = { pattern = "?*?" } }))
    for i, key in ipairs { "x1", "é", "\xC3", "öé" } do world:line(10 + i, fire(key .. "")) end
    assert.same({ "13 firing \xC3" }, table.move(world:told(), 6, 9, 1, {}))
  end)

  it("may name the key though its label is a field", function()
    local world, fire, resolve = world_of { key = "sessionId" }
    world:silence("1", until_s(60, { key = "ab" }))
    world:silence("2", until_s(60, { sessionId = "cd" }))
    play(world, fire, resolve, { "0 fire ab", "1 fire cd", "2 fire ef" })
    assert.same({ "2 firing ef" }, world:told())
  end)

  it("that is taken away lets it be told at once", function()
    local world, fire, resolve = world_of {}
    world:silence("1", until_s(600, { key = "a" }))
    play(world, fire, resolve, { "0 fire a", "5 fire a" })
    assert.same({}, world:told())
    world:silence("1", nil)
    assert.same({ "5 firing a" }, world:told())
  end)

  it("may last longer than a timer", function()
    local world, fire, resolve = world_of {}
    local end_s = 400 * 86400
    world:silence("1", until_s(end_s, { key = "a" }))
    play(world, fire, resolve, { "0 fire a", end_s - 1 .. " wait" })
    assert.same({}, world:told())
    play(world, fire, resolve, { end_s .. " wait" })
    assert.same({ ("%g firing a"):format(end_s) }, world:told())
  end)

  it("keeps repeats back, and what is over only if its beginning was", function()
    local world, fire, resolve = world_of { repeat_every = 10 }
    play(world, fire, resolve, { "0 fire a" })
    world:silence("1", until_s(33, { key = { pattern = "*" } }))
    play(world, fire, resolve, { "1 fire b", "20", "21 resolve b", "50", "51 resolve a" })
    assert.same({ "0 firing a", "40 firing a +1", "51 resolved a" }, world:told())
  end)
end)

describe("an option", function()
  local mistakes = {
    { { name = "cut", ["repeat"] = 5 },
      'alert "cut": unknown option "repeat" (did you mean "repeat_every"?)' },
    { {}, 'alert "nil": name: must be a text of 1 to 100 letters without a slash' },
    { { name = "a/b" }, "without a slash" },
    { { name = "a", for_ = "10" }, 'alert "a": for_: must be a number, not a string' },
    { { name = "a", for_ = -1 }, "for_: must be seconds from 0 to a year" },
    { { name = "a", within = 5 }, "within: says nothing without after" },
    { { name = "a", after = 1.5 }, "after: must be a whole number from 1 to 1000" },
    { { name = "a", summary = "{evnt.x}" }, "summary: {evnt} is none of {key}" },
    { { name = "a", summary = "{key" }, 'alert "a": summary: a { has no } behind it' },
    { { name = "a", inhibits = { b = true } }, "inhibits: must be a name or a list of names" },
    { { name = "a", inhibited_by = { 1 } }, "inhibited_by: must be a name or a list of names" },
    { { name = "a", to = {} }, "to: is empty" },
    { { name = "a", to = { "x" } }, "to: number 1 has no send" },
    { { name = "a", flap = { changes = 3 } }, "flap: needs changes (1 to 1000) and within" },
    { { name = "a", flap = { change = 3 } },
      'unknown option "flap.change" (did you mean "changes"?)' },
    { { name = "a", repeat_every = 0.5 }, "repeat_every: must be seconds from 1 to a year" },
    { { name = "a", key = { 1 } }, "key: names of fields are texts" },
    { { name = "a", labels = { x = 1 } }, "labels.x: must be a string, not a number" },
  }
  for _, mistake in ipairs(mistakes) do
    it("that is wrong is told of: " .. mistake[2], function()
      alerts.world(function(alert)
        local right, problem = pcall(alert, mistake[1])
        assert.is_false(right)
        assert.is_truthy(problem:find(mistake[2], 1, true), problem)
      end)
    end)
  end

  it("name is one alert's", function()
    alerts.world(function(alert)
      alert { name = "a" }
      local _, problem = pcall(alert, { name = "a" })
      assert.is_truthy(problem:find('alert "a": there is one of that name', 1, true), problem)
    end)
  end)
end)
