-- cdr.window: what was added to each key within a time, against a plain count over all events.
local rules = require "tests.support.rules"
local support = require "tests.support"

local T = 1601394600000 -- a multiple of a minute
local LATENESS = 5000
local EVENTS = support.soak and 20000 or 2000

local function line(event)
  return ('{"participantLeft":{"sessionId":"%s","timestamp":%d,"duration":%s}}'):format(event.key,
    event.at, event.value)
end

-- Events of a few keys, some of them up to `late` milliseconds behind the one before.
local function random_events(seed, n, gap, late)
  math.randomseed(seed)
  local list, clock = {}, T
  for i = 1, n do
    clock = clock + math.random(0, math.random(20) == 1 and 20 * gap or gap)
    list[i] = { key = "k" .. math.random(6), value = math.random(-50, 1000),
      at = math.random(4) == 1 and clock - math.random(0, late) or clock }
  end
  return list
end

local function run(text, events, options)
  local input = {}
  for i, event in ipairs(events) do input[i] = type(event) == "table" and line(event) or event end
  local got = rules.run(text, input, options)
  assert.equal(0, got.code, got.errors)
  assert.equal("", got.errors)
  return got.lines
end

-- What five numbers of a list of values are, as the scripts below print them.
local function numbers(values)
  local sum = 0
  for _, value in ipairs(values) do sum = sum + value end
  if #values == 0 then return "0 0 nil nil nil" end
  return ("%d %d %s %s %s"):format(#values, sum, math.min(table.unpack(values)),
    math.max(table.unpack(values)), sum / #values)
end

-- Those of `key` among the first n events whose step is from `first` to `last`.
local function values_of(events, n, key, step, first, last)
  local values = {}
  for i = 1, n do
    local event = events[i]
    if event.key == key and event.at // step >= first and event.at // step <= last then
      values[#values + 1] = event.value
    end
  end
  return values
end

local ALL = 'of = { "count", "sum", "min", "max", "mean" }'

describe("a sliding window", function()
  after_each(support.clean)

  for _, case in ipairs { { 60, 12 }, { 10, 1 }, { 3, 3 } } do
    it(("of %d s in steps of %d s has what a plain count has"):format(case[1], case[2]), function()
      local events = random_events(case[1], EVENTS, 1500, 4000)
      local lines = run(([[
        local w = cdr.window { seconds = %d, every = %d, %s }
        cdr.on("*", function(event)
          local key = event.sessionId
          w:add(key, event.duration, event.timestamp)
          print(w:count(key), w:sum(key), w:min(key), w:max(key), w:mean(key))
        end)
      ]]):format(case[1], case[2], ALL), events)
      local step, seen = case[2] * 1000, 0
      for i, event in ipairs(events) do
        seen = math.max(seen, event.at)
        local last = seen // step
        local values = values_of(events, i, event.key, step, last - case[1] // case[2] + 1, last)
        assert.equal(numbers(values), (lines[i]:gsub("\t", " ")), "event " .. i)
      end
    end)
  end

  it("has exactly its seconds before a timer's due time", function()
    local events = random_events(5, EVENTS, 1500, 0)
    local lines = run([[
      local w = cdr.window { seconds = 60, of = { "count", "sum" } }
      cdr.on("*", function(event) w:add(event.sessionId, event.duration) end)
      cdr.every(60, function(due)
        for key, got in w:each() do print(due, key, got.count, got.sum) end
      end)
    ]], events)
    local expected = {}
    for due = T + 60000, events[#events].at, 60000 do
      for n = 1, 6 do
        local values = values_of(events, #events, "k" .. n, 60000, due // 60000 - 1,
          due // 60000 - 1)
        local sum = 0
        for _, value in ipairs(values) do sum = sum + value end
        if #values > 0 then
          expected[#expected + 1] = ("%d\tk%d\t%d\t%d"):format(due, n, #values, sum)
        end
      end
    end
    assert.is_true(#expected > 20)
    assert.same(expected, lines)
  end)

  it("tells events a second, over the time that it reaches back", function()
    local events = {}
    for i = 0, 200 do events[i + 1] = { key = "a", at = T + i * 500, value = 1 } end
    local lines = run([[
      local w = cdr.window { seconds = 60, of = "rate" }
      cdr.on("*", function(event) w:add(event.sessionId) print(w:rate "a", w:rate "b") end)
    ]], events)
    local rate = tonumber(lines[200]:match "^%S+")
    assert.is_true(math.abs(rate - 2) < 0.05, rate)
    assert.equal("0.0", lines[200]:match "%S+$")
  end)

  it("takes no event from before it, counts it, and no time from the future", function()
    local lines = run([[
      local w = cdr.window { seconds = 10 }
      cdr.on("*", function(event)
        print(w:add("a", nil, event.timestamp - 30000), w:add("a", nil, 1 << 50))
        print(w:count "a", w:stats().late, w:stats().keys)
      end)
    ]], { { key = "a", at = T, value = 1 } })
    assert.same({ "false\ttrue", "1\t1\t1" }, lines)
  end)
end)

-- What a window with on_close tells of all events, as the scripts below print it.
local function closed(events, group, horizon)
  local list = {}
  for _, one in ipairs(group(events)) do
    if one.close <= horizon then list[#list + 1] = one end
  end
  table.sort(list, function(a, b)
    if a.close ~= b.close then return a.close < b.close end
    return a.key < b.key
  end)
  for i, one in ipairs(list) do
    list[i] = ("%s %d %d %s"):format(one.key, one.from, one.to, numbers(one.values))
  end
  return list
end

local function in_minutes(events)
  local found, list = {}, {}
  for _, event in ipairs(events) do
    local from = event.at // 60000 * 60000
    local one = found[event.key .. from]
    if not one then
      one = { key = event.key, from = from, to = from + 60000, close = from + 60000, values = {} }
      found[event.key .. from], list[#list + 1] = one, one
    end
    table.insert(one.values, event.value)
  end
  return list
end

local function in_sessions(events)
  local sorted = table.move(events, 1, #events, 1, {})
  table.sort(sorted, function(a, b) return a.at < b.at end)
  local last, list = {}, {}
  for _, event in ipairs(sorted) do
    local one = last[event.key]
    if not one or event.at >= one.to + 30000 then
      one = { key = event.key, from = event.at, values = {} }
      last[event.key], list[#list + 1] = one, one
    end
    one.to, one.close = event.at, event.at + 30000
    table.insert(one.values, event.value)
  end
  return list
end

local CLOSING = [[
  local w = cdr.window { seconds = %d, kind = "%s", %s, on_close = function(key, got, from, to)
    print(key, from, to, got.count, got.sum, got.min, got.max, got.mean)
  end }
  cdr.on("*", function(event) w:add(event.sessionId, event.duration, event.timestamp) end)
]]

local function spaced(lines)
  for i, text in ipairs(lines) do lines[i] = text:gsub("\t", " ") end
  return lines
end

describe("a window that closes", function()
  after_each(support.clean)

  it("tells what each minute had, in order of time, then of keys", function()
    local events = random_events(7, EVENTS, 3000, LATENESS - 1)
    local lines = spaced(run(CLOSING:format(60, "tumbling", ALL), events))
    local seen = 0
    for _, event in ipairs(events) do seen = math.max(seen, event.at) end
    local expected = closed(events, in_minutes, seen)
    assert.is_true(#expected > 100)
    assert.same(expected, lines)
  end)

  it("tells what each session had, those too that a late event joined", function()
    local events = random_events(8, EVENTS, 9000, LATENESS - 1)
    local lines = spaced(run(CLOSING:format(30, "session", ALL .. ", every = 0.001"), events))
    local seen = 0
    for _, event in ipairs(events) do seen = math.max(seen, event.at) end
    local expected = closed(events, in_sessions, seen)
    assert.is_true(#expected > 100)
    assert.same(expected, lines)
  end)

  it("waits for late events as long as it was told to, and counts those that come later", function()
    local events = {}
    for i, seconds in ipairs { 10, 70, 20, 95, 30, 96, 40 } do
      events[i] = { key = "a", at = T + seconds * 1000, value = seconds }
    end
    local text = [[
      local w = cdr.window { seconds = 60, kind = "tumbling", of = "sum", lateness = %d,
        on_close = function(key, got, from) print(key, got.sum, (from - %d) // 1000) end }
      cdr.on("*", function(event)
        if not w:add(event.sessionId, event.duration, event.timestamp) then print "late" end
      end)
      cdr.on("input.ended", function() w:close() print(w:stats().late, w:stats().keys) end)
    ]]
    assert.same({ "a\t10\t0", "late", "late", "late", "a\t261\t60", "3\t0" },
      run(text:format(0, T), events))
    assert.same({ "a\t60\t0", "late", "a\t261\t60", "1\t0" }, run(text:format(31, T), events))
  end)

  it("closes sessions that nobody is told of too", function()
    local got = rules.run([[
      local w = cdr.window { seconds = 60, kind = "session" }
      cdr.on("a", function() w:add "k" w:close() print(w:count "k") end)
    ]], { ('{"a":{"timestamp":%d}}'):format(T) })
    assert.same({ "0" }, got.lines)
    assert.same({}, got.rejects)
  end)

  it("tells the others where on_close fails with one, and the failure", function()
    local got = rules.run([[
      local w = cdr.window { seconds = 60, kind = "tumbling", on_close = function(key)
        if key == "b" then error "no b" end
        print(key)
      end }
      cdr.on("*", function(event) w:add(event.sessionId) end)
    ]], { line { key = "b", at = T, value = 1 }, line { key = "a", at = T, value = 1 },
      line { key = "c", at = T, value = 1 }, line { key = "a", at = T + 99000, value = 1 } })
    assert.same({ "a", "c" }, got.lines)
    assert.is_truthy(got.errors:find("no b", 1, true), got.errors)
  end)
end)

-- Prints what `ask` says of a window that has all the values, each a text in Lua.
local function after_all(of, values, ask)
  local events = {}
  for i = 1, #values do events[i] = { key = "a", at = T + i * 50 // #values * 1000, value = 0 } end
  return run(([[
    local w, values, n = cdr.window { seconds = 60, of = "%s" }, { %s }, 0
    cdr.on("*", function() n = n + 1 w:add("a", values[n]) end)
    cdr.on("input.ended", function() %s end)
  ]]):format(of, table.concat(values, ","), ask), events)
end

describe("a percentile", function()
  after_each(support.clean)

  it("is within 1 % of the value that has the rank", function()
    math.randomseed(3)
    for round = 1, 3 do
      local values = {}
      for i = 1, EVENTS do
        local size = math.floor(10 ^ (math.random() * 6) * 1000) / 1000
        values[i] = round == 1 and size or round == 2 and -size
          or math.random(-1, 1) * math.random(1000)
      end
      local percents = { 0, 1, 25, 50, 75, 90, 95, 99, 99.9, 100 }
      local lines = after_all("p95", values, ([[
        for _, p in ipairs { %s } do print(w:percentile("a", p)) end
        print(w:get "a".p95) ]]):format(table.concat(percents, ",")))
      table.sort(values)
      percents[#percents + 1] = 95
      for i, percent in ipairs(percents) do
        local exact = values[math.max(1, math.ceil(percent * #values / 100))]
        local got = tonumber(lines[i])
        assert.is_true(math.abs(got - exact) <= math.abs(exact) * 0.01000001,
          ("p%s: %s, not %s"):format(percent, got, exact))
      end
    end
  end)

  it("is there for the largest values though they are spread too far to have all", function()
    local values = {}
    for i = 1, 1500 do values[i] = ("%.17g"):format(1.03 ^ i) end
    local lines = after_all("p50", values, "print(w:percentile('a', 90), w:percentile('a', 100))")
    local high, highest = lines[1]:match "(%S+)\t(%S+)"
    local exact = 1.03 ^ 1350
    assert.is_true(math.abs(tonumber(high) - exact) <= exact * 0.0101)
    assert.is_true(math.abs(tonumber(highest) - 1.03 ^ 1500) <= 1.03 ^ 1500 * 0.0101)
  end)
end)

describe("how many are distinct", function()
  after_each(support.clean)

  it("is exact up to 64, and beyond within its standard error", function()
    local lines = run([[
      local exact = cdr.window { seconds = 600, of = "distinct" }
      cdr.on("*", function()
        for n = 1, 64 do
          for _ = 1, 3 do exact:add("a", "ip" .. n) end
          if exact:distinct "a" ~= n then print("wrong", n, exact:distinct "a") end
        end
        for _, size in ipairs { 100, 1000, 3000, 20000, 100000 } do
          local worst, squares, keys = 0, 0, size > 20000 and 4 or 20
          for key = 1, keys do
            local w = cdr.window { seconds = 600, of = "distinct" }
            for n = 1, size do w:add(key, key .. ":" .. n) end
            local error = w:distinct(key) / size - 1
            squares, worst = squares + error ^ 2, math.max(worst, math.abs(error))
          end
          print(size, (squares / keys) ^ 0.5, worst)
        end
      end)
    ]], { { key = "a", at = T, value = 1 } })
    assert.equal(5, #lines)
    for _, text in ipairs(lines) do
      local error, worst = text:match "\t(%S+)\t(%S+)"
      assert.is_true(tonumber(error) < 0.0325 * 1.35 and tonumber(worst) < 0.1, text)
    end
  end)

  it("is that of all steps together, whether they have few or many", function()
    for _, size in ipairs { 100, 4000 } do
      local lines = run(([[
        local w, n = cdr.window { seconds = 50, of = "distinct" }, 0
        cdr.on("*", function()
          for i = 1, %d do w:add("a", n * %d // 2 + i) end
          n = n + 1
          print(w:distinct "a")
        end)
      ]]):format(size, size), { { key = "a", at = T, value = 1 },
        { key = "a", at = T + 10000, value = 1 }, { key = "a", at = T + 20000, value = 1 },
        { key = "a", at = T + 60000, value = 1 } })
      for i, part in ipairs { 1, 1.5, 2, 1.5 } do
        assert.is_true(math.abs(lines[i] / (part * size) - 1) < 0.1, lines[i])
      end
    end
  end)
end)

describe("the keys of a window", function()
  after_each(support.clean)

  it("are no more than was said: the least recently used goes, and is counted", function()
    math.randomseed(4)
    local events, used, evicted = {}, {}, 0
    for i = 1, EVENTS do
      events[i] = { key = "k" .. math.random(40), at = T + i, value = 1 }
      for n, key in ipairs(used) do
        if key == events[i].key then table.remove(used, n) break end
      end
      table.insert(used, events[i].key)
      if #used > 20 then
        table.remove(used, 1)
        evicted = evicted + 1
      end
    end
    local got = {}
    for i, event in ipairs(events) do got[i] = line(event) end
    got = rules.run([[
      local w = cdr.window { seconds = 60, keys = 20, name = "few" }
      cdr.on("*", function(event) w:add(event.sessionId) end)
      cdr.on("input.ended", function()
        for key in w:each() do print(key) end
        print(w:stats().keys, w:stats().evicted)
      end)
    ]], got)
    table.sort(used)
    table.insert(used, "20\t" .. evicted)
    assert.same(used, got.lines)
    local warning = 'window "few": more than 20 keys: the least recently used go'
    assert.equal(1, select(2, got.errors:gsub(warning, "")), got.errors)
  end)

  it("go when they have nothing any more", function()
    local events = {}
    for i = 1, 5000 do events[i] = { key = "s" .. i, at = T + i * 1000, value = 1 } end
    local lines = run([[
      local sliding = cdr.window { seconds = 60 }
      local session = cdr.window { seconds = 60, kind = "session" }
      cdr.on("*", function(event)
        sliding:add(event.sessionId)
        session:add(event.sessionId)
      end)
      cdr.on("input.ended", function()
        local n = 0
        for _ in sliding:each() do n = n + 1 end
        print(n > 45 and n <= 60, sliding:stats().keys <= 1100, session:stats().keys <= 1100)
      end)
    ]], events)
    assert.same({ "true\ttrue\ttrue" }, lines)
  end)

  it("are told integers first, and can be forgotten", function()
    local lines = run([[
      local w = cdr.window { seconds = 60 }
      cdr.on("*", function()
        for _, key in ipairs { "b", 10, "a", 9, 2.0, "10" } do w:add(key) end
        w:forget "a"
        for key, got in w:each() do print(key, got.count) end
        print(w:count "a", w:get "a", w:get "b".count)
      end)
    ]], { { key = "a", at = T, value = 1 } })
    assert.same({ "2\t1", "9\t1", "10\t1", "10\t1", "b\t1", "0\tnil\t1" }, lines)
  end)
end)

describe("cdr.window refuses", function()
  after_each(support.clean)

  -- What is written, and the sentence behind "rules.lua:N: ".
  local mistakes = {
    { "cdr.window { }", "cdr.window: seconds: is missing" },
    { "cdr.window(60)", "must be told in a table: { seconds = 60 }" },
    { "cdr.window { second = 60 }", 'no option "second"; did you mean "seconds"?' },
    { 'cdr.window { seconds = "60" }', "seconds: must be a number, not a string" },
    { "cdr.window { seconds = 0 }", "seconds: must be seconds from 0.001 to a year" },
    { "cdr.window { seconds = 60, every = 7 }", "every: must divide the 60 seconds" },
    { "cdr.window { seconds = 600, every = 1 }", "into at most 60 steps" },
    { 'cdr.window { seconds = 1, kind = "tumblin" }', 'no "tumblin"; did you mean "tumbling"?' },
    { 'cdr.window { seconds = 1, of = "avg" }', 'of: no "avg"; did you mean "mean"?' },
    { 'cdr.window { seconds = 1, of = "percentile" }', 'did you mean "p95"?' },
    { 'cdr.window { seconds = 1, of = "p101" }', 'of: no "p101"' },
    { "cdr.window { seconds = 1, on_close = print }", "a sliding window never closes" },
    { "cdr.window { seconds = 1, lateness = 3 }", "for those with on_close" },
    { "cdr.window { seconds = 1, keys = 0 }", "keys: must be an integer from 1" },
    { 'cdr.window { seconds = 1, name = "a" } cdr.window { seconds = 1, name = "a" }',
      'the name "a" is taken' },
    { "cdr.window { seconds = 1 }:add(nil)", "window: a key is an integer or a text, not a nil" },
    { "cdr.window { seconds = 1 }:add(1.5)", "not 1.5" },
    { 'cdr.window { seconds = 1, of = "sum" }:add("a")', "must be a finite number, not a nil" },
    { 'cdr.window { seconds = 1, of = "sum" }:add("a", "5")', "finite number, not a string" },
    { 'cdr.window { seconds = 1, of = "p50" }:add("a", 0/0)', "must be a finite number" },
    { 'cdr.window { seconds = 1, of = "distinct" }:add("a", {})', "a text or a number" },
    { 'cdr.window { seconds = 1, name = "a" }:max("a")', 'window "a" does not keep "max": say' },
    { 'cdr.window { seconds = 1, of = "max" }:percentile("a", 5)', "keeps no percentiles" },
    { 'cdr.window { seconds = 1 }:add("a", 1, 1.5)', "a time is an integer, in milliseconds" },
  }
  for _, mistake in ipairs(mistakes) do
    it(mistake[1], function()
      local got = rules.run("\n" .. mistake[1], {})
      assert.equal(2, got.code)
      assert.is_truthy(got.errors:find(mistake[2], 1, true), got.errors)
      assert.is_truthy(got.errors:find("rules.lua:3:", 1, true), got.errors)
    end)
  end
end)
