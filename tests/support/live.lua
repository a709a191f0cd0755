-- A server's day on a clock that the spec sets: its lines are written when they come, the program
-- that follows them is killed and started again, and hours take seconds.
local native = require "native_process"
local support = require "tests.support"

local live = {}

local STEP_MS = 60000 -- silence passes in steps of so much at most

local function timestamp(line) return math.tointeger(tonumber(line:match '"timestamp":(%d+)')) end

-- The lines with their timestamps, and how late the latest comes behind others (milliseconds).
local function read(text)
  local lines, seen, latest = {}, 0, 0
  for line in text:gmatch "[^\n]+" do
    local ms = timestamp(line)
    seen = math.max(seen, ms)
    latest = math.max(latest, seen - ms)
    lines[#lines + 1] = { text = line .. "\n", ms = ms }
  end
  return lines, latest, seen
end

-- Says when each line is written: in order, each before its timestamp and `lateness` are over.
local function set_times(lines, lateness, random)
  local cap = math.huge
  for i = #lines, 1, -1 do
    cap = math.min(cap, lines[i].ms + lateness - 1)
    lines[i].cap = cap
  end
  local at = 0
  for _, line in ipairs(lines) do
    at = math.max(at, line.ms, math.min(line.ms + random(0, lateness), line.cap))
    line.at = at
  end
end

-- A generator of its own: the same numbers whatever else asks for some.
local function generator(seed)
  local state = seed * 2654435761 + 1
  return function(from, to)
    state = (state * 6364136223846793005 + 1442695040888963407) & math.maxinteger
    return from + (state >> 20) % (to - from + 1)
  end
end

local Day = {}
Day.__index = Day

function Day:set_clock(ms)
  self.ms = ms
  local file <close> = assert(io.open(self.clock, "r+b"))
  file:write(string.pack("<i8", ms))
end

function Day:start()
  local words = { "run", "--state", self.folder .. "/state", "--lateness", self.lateness / 1000,
    "--log-level", "info", cwd = self.folder,
    env = { LD_PRELOAD = self.preload, TEST_CLOCK = self.clock } }
  table.move(self.words, 1, #self.words, #words + 1, words)
  words[#words + 1] = "cdr"
  for i, word in ipairs(words) do words[i] = tostring(word) end
  self.process = support.spawn(words)
  support.expect(function() return self.process:stderr():find("following", 1, true) end,
    function() return "started: " .. self.process:stderr() end)
end

-- The clock stands at `ms` now, and the program takes notice.
function Day:pass_to(ms)
  while self.ms < ms do
    self:set_clock(math.min(ms, self.ms + STEP_MS))
    self.process:kill "USR1"
    native.sleep_ms(0)
  end
end

function Day:restart()
  if self.random(1, 2) == 1 then
    self.process:kill "KILL"
    self.process:wait()
  else
    -- while it stops its clock must go on: a commit may have to be tried again
    self.process:kill "TERM"
    self.process:wait()
  end
  self:start()
end

-- Runs the day of that seed with the words of a run (its scripts and destinations), in `folder`,
-- with so many restarts. Returns the words for a run over the finished files.
function live.day(given)
  local folder = given.folder
  local _, text = support.run { "run", "simulate", "--set", "seed=" .. given.seed,
    "--set", "sessions=" .. (given.sessions or 12) }
  local lines, latest, last = read(text)
  local day = setmetatable({ folder = folder, words = given.words, random = generator(given.seed),
    clock = folder .. "/clock", lateness = latest // 1000 * 1000 + 5000,
    preload = support.built "clock.so" }, Day)
  set_times(lines, day.lateness, day.random)
  local restarts = {}
  for _ = 1, given.restarts or 3 do restarts[day.random(2, #lines)] = true end
  support.mkdir(folder .. "/cdr")
  support.write_file(day.clock, string.pack("<i8", lines[1].at))
  day:set_clock(lines[1].at)
  local path = folder .. "/cdr/CDR.2020-09-29_00-00-00.log"
  support.write_file(path, lines[1].text)
  day:start()
  for i = 2, #lines do
    day:pass_to(lines[i].at)
    if i == #lines // 2 then path = folder .. "/cdr/CDR.2020-09-30_00-00-00.log" end
    support.append(path, lines[i].text)
    if restarts[i] then day:restart() end
  end
  day:pass_to(last + 2 * day.lateness)
  return day
end

-- A run over the finished files.
function live.replay(day, words)
  local all = { "run", "--once", "--lateness", tostring(day.lateness / 1000), cwd = day.folder }
  table.move(words, 1, #words, #all + 1, all)
  all[#all + 1] = "cdr"
  return support.run(all)
end

return live
