-- What must be so of every simulated server: its files are valid, and a reader of them comes to its
-- own books. (make soak takes a thousand seeds.)
local rules = require "tests.support.rules"
local support = require "tests.support"

local SEEDS = support.soak and 1000 or 50

-- Adds up what cdr.calls tells, and prints where that is not what the simulator's books say.
local TOTALS = [[
local cdr = require "cdr"
local calls = require "cdr.calls"

local model = calls.follow(calls.new {})
local totals = {
  sessions = 0, participants = 0, streams = 0, participantSeconds = 0, reasons = {},
  sentSeconds = {}, receivedSeconds = {}, recordings = 0, recordingMilliseconds = 0,
  recordingBytes = 0, lost = { sessions = 0, participants = 0, streams = 0 },
}

local function add(sums, key, amount) sums[key] = (sums[key] or 0) + amount end

local function count(record, what)
  add(record.synthetic and totals.lost or totals, what, 1)
  return not record.synthetic
end

model:on("session.closed", function(session) count(session, "sessions") end)
model:on("participant.left", function(participant)
  if not count(participant, "participants") then return end
  add(totals, "participantSeconds", participant.duration)
  add(totals.reasons, participant.reason, 1)
end)
model:on("stream.closed", function(stream)
  if not count(stream, "streams") then return end
  local sums = stream.connection == "INBOUND" and totals.receivedSeconds or totals.sentSeconds
  add(sums, stream.source, stream.duration)
end)
model:on("recording.ready", function(recording)
  add(totals, "recordings", 1)
  add(totals, "recordingMilliseconds", math.floor(recording.duration * 1000 + 0.5))
  add(totals, "recordingBytes", recording.size)
end)

local function compare(path, mine, theirs)
  if type(mine) ~= "table" or type(theirs) ~= "table" then
    if mine ~= theirs then print(path, mine, theirs) end
    return
  end
  for key, value in pairs(mine) do compare(path .. "." .. key, value, theirs[key]) end
  for key, value in pairs(theirs) do
    if mine[key] == nil then print(path .. "." .. key, nil, value) end
  end
end

cdr.on("input.ended", function()
  local file <close> = assert(io.open "books.json")
  local books = cdr.json.decode(file:read "a")
  books.events, books.open = nil, nil
  compare("totals", totals, books)
  for id in pairs(model.memory.sessions) do print("still open", id) end
end)
]]

describe("a simulated server", function()
  after_each(support.clean)

  local function simulate(folder, seed)
    local profile = seed % 3 == 0 and "2.32" or "2.16"
    local code, _, errors = support.run { "run", "simulate", "-w", "cdr/", cwd = folder,
      env = { TZ = "UTC" }, "--set", "seed=" .. seed, "--set", "profile=" .. profile,
      "--set", "sessions=40", "--set", "trouble=30", "--set", "books=books.json" }
    assert.equal(0, code, errors)
  end

  it(("writes valid files, from which its books can be told: %d seeds"):format(SEEDS), function()
    for seed = 1, SEEDS do
      local folder = support.folder()
      support.write_file(folder .. "/totals.lua", TOTALS)
      simulate(folder, seed)
      local code, out = support.run { "run", "--once", "validate", "cdr", cwd = folder }
      assert.equal(0, code, "seed " .. seed .. "\n" .. out)
      local _, differences, errors = support.run { "run", "--once", "totals.lua", "cdr",
        cwd = folder }
      assert.same({}, rules.lines(differences), "seed " .. seed .. "\n" .. errors)
      support.clean()
    end
  end)
end)
