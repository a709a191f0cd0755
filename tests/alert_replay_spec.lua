-- A run over old files raises the alerts that the live run raised, though that was killed: each is
-- told with the same bytes.
local alerts = require "tests.support.alerts"
local live = require "tests.support.live"
local support = require "tests.support"

local SEEDS = support.soak and 100 or 3

local RULES = [[
local cdr = require "cdr"
local opt = cdr.options { out = "out.jsonl" }
local to = cdr.sink(opt.out)
local function alert(options)
  options.to = to
  return cdr.alert(options)
end

local long = alert { name = "long", key = "participantId", for_ = 60, repeat_every = 300,
  labels = { "sessionId" }, summary = "{key} has been there for a while" }
local rush = alert { name = "rush", after = 4, within = 120, hold = 30, inhibited_by = "busy",
  summary = "{fired} have left, the last by {event.reason}" }
local busy = alert { name = "busy", key = "sessionId", group_by = {}, group_wait = 30,
  resolve_after = 300, summary = "{key} is busy" }
local nervous = alert { name = "nervous", key = "sessionId", flap = { changes = 4, within = 600 } }

cdr.on("participantJoined", function(event)
  long:fire(event)
  nervous:fire(event)
  busy:fire(event)
end)
cdr.on("participantLeft", function(event)
  long:resolve(event)
  nervous:resolve(event)
  rush:fire(event)
end)
]]

describe("alerts of a replay", function()
  local names = {} -- of those that were raised with any seed

  after_each(support.clean)

  for seed = 1, SEEDS do
    it("are those of the live run, over three restarts: seed " .. seed, function()
      local folder = support.folder()
      support.write_file(folder .. "/rules.lua", RULES)
      local day = live.day { folder = folder, seed = seed, words = { "rules.lua" } }
      local code, _, errors = live.replay(day, { "rules.lua", "--set", "out=replay.jsonl" })
      assert.equal(0, code, errors)
      local expected = alerts.once(support.read_file(folder .. "/replay.jsonl"))
      local function lines() return alerts.once(support.read_file(folder .. "/out.jsonl") or "") end
      support.wait_for(function()
        return table.concat(lines(), "\n") == table.concat(expected, "\n")
      end, 5)
      day.process:kill "KILL"
      day.process:wait()
      assert.same(expected, lines())
      for _, line in ipairs(expected) do names[line:match '"name":"(%a+)"'] = true end
    end)
  end

  it("were of every kind", function()
    assert.same({ busy = true, long = true, nervous = true, rush = true }, names)
  end)
end)
