-- A destination that fails is left alone, tried by one thing at a time, and holds up no other.
local cdr = require "tests.support.cdr"
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local support = require "tests.support"

local folder

local function path(name) return folder .. "/" .. name end

before_each(function()
  folder = support.folder()
  support.write_file(path "pass.lua", "")
  support.write_file(path "in.log", "")
end)
after_each(support.clean)

-- A following run that forwards to each of these.
local function follow(...)
  local words = { "run", "pass.lua", "in.log", "--state", "state", cwd = folder }
  for _, dest in ipairs { ... } do table.move({ "-w", dest }, 1, 2, #words + 1, words) end
  return support.spawn(words)
end

local function write(from, to) support.append(path "in.log", cdr.lines(from, to)) end

-- The numbers of the events in these requests, in order; `each` is told how many are in each.
local function numbers(requests, each)
  local list = {}
  for _, request in ipairs(requests) do
    local value = assert(native.value(request.body))
    local events = value[1] and value or { value }
    for _, event in ipairs(events) do list[#list + 1] = event.timestamp - 1601394690713 end
    if each then each(request, #events) end
  end
  return list
end

-- What a signal makes it say.
local function summary(p)
  local before = p:said " lines, "
  p:kill "USR1"
  support.expect(function() return p:said " lines, " > before end)
  return p:stderr():match ".*[^%d](%d+ lines, [^\n]*)\n"
end

local function is_up_to(n, list)
  assert.equal(n, #list)
  for i = 1, n do if list[i] ~= i then error(("%d is not %d"):format(list[i], i)) end end
end

describe("a destination that is down", function()
  it("pauses the reading when its queue is full, and holds up no other delivery", function()
    local down, up = receiver.start(), receiver.start()
    down:down()
    local p = follow(down.url .. "/#body=ndjson", up.url .. "/#body=array", path "out.log")
    write(1, 5000)
    p:expect_said("trying again")
    local read
    support.expect(function()
      local before = read
      read = tonumber(summary(p):match "^%d+")
      return read == before and support.read_file(path "out.log") == cdr.lines(1, read)
    end, "the file has what was read")
    support.expect(function() return up:has(tostring(1601394690713 + read)) end, "the other too")
    is_up_to(read, numbers(up:requests()))
    assert.is_true(read > 100 and read < 5000)
    down:up()
    support.expect(function() return down:has(tostring(1601394690713 + 5000)) end, "all", 40)
    support.expect(function() return support.read_file(path "out.log") == cdr.lines(1, 5000) end)
    assert.equal(1, p:said("warn: "))
    assert.equal(1, p:said("goes on after "))
    assert.equal(0, p:stop())
  end)

  it("is tried by one message alone, and then gets batches again", function()
    local r = receiver.start()
    r:always "503"
    write(1, 400)
    local p = follow(r.url .. "/#body=array&batch=100")
    r:expect(4)
    assert.matches("1 outage of a destination, 1 of them not over", summary(p))
    local sizes, keys = {}, {}
    numbers(r:requests(), function(request, n)
      sizes[#sizes + 1] = n
      keys[#keys + 1] = request.headers["idempotency-key"]
    end)
    assert.is_true(sizes[1] > 1)
    for i = 2, 4 do
      assert.equal(1, sizes[i])
      assert.equal(keys[2], keys[i])
    end
    r:always "ok"
    support.expect(function() return r:has(tostring(1601394690713 + 400)) end, "all", 40)
    for i, request in ipairs(r:requests()) do
      local events = numbers { request }
      if i > 1 then assert.is_true(events[1] == 1 and #events == 1 or #events > 1) end
    end
    assert.equal(1, p:said("trying again"))
    assert.equal(1, p:said("goes on after "))
    assert.equal(0, p:stop())
  end)

  it("is tried with twice as many behind the one, so that who takes a few gets a few", function()
    local r = receiver.start()
    r:always "up-to 8000"
    write(1, 2000)
    local p = follow(r.url .. "/#body=array&batch=1000")
    support.expect(function() return r:has(tostring(1601394690713 + 2000)) end, "all", 40)
    p:expect_said "goes on after "
    local taken, tries = {}, 0
    for _, request in ipairs(r:requests()) do
      tries = tries + 1
      if #request.body <= 8000 then taken[#taken + 1] = request end
    end
    is_up_to(2000, numbers(taken))
    assert.is_true(tries < 500, tries .. " requests")
    assert.equal(1, p:said("trying again"))
    assert.equal(1, p:said("goes on after "))
    assert.equal(0, p:stop())
  end)

  it("is not another one of the same host", function()
    local r = receiver.start()
    local p = follow(r.url .. "/answer?status=503", r.url .. "/hook")
    write(1, 100)
    local mine = {}
    support.expect(function()
      mine = {}
      for _, request in ipairs(r:requests()) do
        if request.path == "/hook" then mine[#mine + 1] = request end
      end
      return #mine == 100
    end, function() return #mine .. " requests" end)
    is_up_to(100, numbers(mine))
    assert.equal(1, p:said("trying again"))
    assert.matches("1 outage of a destination, 1 of them not over", summary(p))
    p:kill "KILL"
  end)
end)

describe("a destination that fails every", function()
  -- A run to which the receiver answers so, 15 times; then it takes the rest.
  local function answered(...)
    local r, plan = receiver.start(), {}
    for _ = 1, 15 do table.move({ ... }, 1, select("#", ...), #plan + 1, plan) end
    r:plan(table.unpack(plan))
    write(1, 40)
    local p = follow(r.url)
    r:expect(40 + 15)
    local seen = {}
    for _, n in ipairs(numbers(r:requests())) do
      if n ~= seen[#seen] then seen[#seen + 1] = n end
    end
    is_up_to(40, seen)
    return p
  end

  it("third time gets all in order, is counted each time and told ten times", function()
    local p = answered("500", "ok", "ok")
    assert.equal(10, p:said("trying again"))
    assert.equal(10, p:said("goes on after "))
    assert.matches("15 outages of destinations$", summary(p))
    assert.equal(0, p:stop())
  end)

  it("second time, taking the probe only, has one long outage", function()
    local p = answered("500", "ok")
    assert.equal(1, p:said("trying again"))
    assert.equal(1, p:said("goes on after "))
    assert.matches("1 outage of a destination$", summary(p))
    assert.equal(0, p:stop())
  end)
end)
