-- kill -9 at random moments while a script counts per session, waits, and forwards: the counts are
-- exact, and whatever it is forwarded to has every event.
local cdr = require "tests.support.cdr"
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local support = require "tests.support"

local KILLS = support.soak and 200 or 5

local COUNT = [[
local cdr = require "cdr"
local seen = cdr.state "seen"
cdr.on("*", function(event)
  local n = event.timestamp % 97
  if n == 0 then cdr.sleep(0.002) end
  local entry = seen[event.sessionId] or { n = 0, sum = 0 }
  entry.n, entry.sum = entry.n + 1, entry.sum + event.timestamp % 100000
  seen[event.sessionId] = entry
end)
]]

-- What a restarted run says.
local TELL = [[
local cdr = require "cdr"
local seen = cdr.state "seen"
cdr.source(function() end)
for id, entry in pairs(seen) do print(id, entry.n, entry.sum) end
]]

local folder, written

local function path(name) return folder .. "/" .. name end

local function time_of(n) return 1601394690713 + n end

local function series_of(n) return ({ "A", "B", "C" })[n % 3 + 1] end

local function line(n) return cdr.line(n, series_of(n)) end

local function write(count)
  local lines = {}
  for n = written + 1, written + count do lines[#lines + 1] = line(n) end
  written = written + count
  support.append(path "server.log", table.concat(lines))
end

-- The texts that came to the end of a file since the last look.
local function newcomer(name)
  local at, rest = 0, ""
  return function(text)
    local file <close> = io.open(name, "rb")
    if not file then return false end
    file:seek("set", at)
    local new = file:read "a"
    at, rest = at + #new, rest:sub(-1000) .. new
    return rest:find(text, 1, true) ~= nil
  end
end

-- Whether each of the lines is among the texts, by its timestamp.
local function expect_each(texts)
  local seen = {}
  for text in texts do
    for ms in text:gmatch '\\?"timestamp\\?":(%d+)' do seen[tonumber(ms)] = true end
  end
  for n = 1, written do
    if not seen[time_of(n)] then error("line " .. n .. " is missing") end
  end
end

-- Each kind of destination: where it is, whether line n has come, and what it holds in the end.
local KINDS = {}

function KINDS.file()
  local has = newcomer(path "out.log")
  return {
    dest = "out.log",
    has = function(n) return has(('"timestamp":%d'):format(time_of(n))) end,
    check = function()
      local seen = {}
      for text in io.lines(path "out.log") do seen[text] = true end
      for n = 1, written do assert.is_true(seen[line(n):gsub("\n", "")], "line " .. n) end
    end,
  }
end

KINDS["receiver over HTTP"] = function()
  local r = receiver.start()
  local has = newcomer(r.folder .. "/requests")
  return {
    dest = r.url .. "/#body=ndjson",
    has = function(n) return has(tostring(time_of(n))) end,
    check = function() expect_each(io.lines(r.folder .. "/requests")) end,
  }
end

KINDS["SQLite database"] = function()
  local function ask(sql)
    local _, text = support.run { program = "sqlite3", "-readonly", path "calls.db", sql }
    return text
  end
  local names = {}
  for n = 1, 8 do names[n] = cdr.line(n):match '"(%a+)"' end
  return {
    dest = "sqlite:" .. path "calls.db",
    has = function(n)
      return ask(("SELECT 1 FROM %s WHERE timestamp = %d"):format(
        line(n):match '"(%a+)"', time_of(n))) == "1\n"
    end,
    check = function() -- here each is there once
      local sums = {}
      for i, name in ipairs(names) do sums[i] = "(SELECT count(*) FROM " .. name .. ")" end
      assert.equal(written .. "\n", ask("SELECT " .. table.concat(sums, " + ")))
    end,
  }
end

local function start(dest)
  return support.spawn { "run", "count.lua", "server.log", "-w", dest, "--state", "state",
    "--name", "x", cwd = folder }
end

-- A commit, or two seconds.
local function await_commit()
  local before = support.stat(path "state/state.db-wal")
  if not before then return end
  support.wait_for(function()
    local now = support.stat(path "state/state.db-wal")
    return now and now.mtime > before.mtime
  end, 2)
end

-- Lives for a random while, and dies.
local function live(kind)
  local process = start(kind.dest)
  for _ = 1, math.random(4) do
    write(math.random(400))
    if math.random(3) == 1 then
      support.wait_for(function() return kind.has(written) end, 5)
    end
    if math.random(3) == 1 then await_commit() end
  end
  process:kill "KILL"
  process:wait()
end

local function expect_counts()
  local counts, sums, expected = {}, {}, {}
  for n = 1, written do
    local id = "ses_" .. series_of(n)
    counts[id] = (counts[id] or 0) + 1
    sums[id] = (sums[id] or 0) + time_of(n) % 100000
  end
  for id, n in pairs(counts) do expected[#expected + 1] = ("%s\t%d\t%d"):format(id, n, sums[id]) end
  table.sort(expected)
  local _, out = support.run { "run", "tell.lua", "--state", "state", cwd = folder }
  local lines = rules.lines(out)
  table.sort(lines)
  assert.same(expected, lines)
end

describe("cdr.state, killed at any moment,", function()
  before_each(function()
    folder, written = support.folder(), 0
    support.write_file(path "count.lua", COUNT)
    support.write_file(path "tell.lua", TELL)
    support.write_file(path "server.log", "")
  end)
  after_each(support.clean)

  for _, name in ipairs { "file", "receiver over HTTP", "SQLite database" } do
    it("counts every line exactly once, and a " .. name .. " has every line", function()
      local kind = KINDS[name]()
      math.randomseed(11)
      for _ = 1, KILLS do live(kind) end
      local process = start(kind.dest)
      write(10)
      support.expect(function() return kind.has(written) end,
        function() return "the last line; " .. process:stderr() end, 20)
      assert.equal(0, process:stop(), process:stderr())
      expect_counts()
      kind.check()
    end)
  end
end)
