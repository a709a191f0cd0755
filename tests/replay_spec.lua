-- A run over old files does what the live run did: same events, same timers, same bytes.
local live = require "tests.support.live"
local support = require "tests.support"

local SEEDS = support.soak and 100 or 4

-- Counts calls, and says things at times; each line begins with its id.
local COMMON = [[
local cdr = require "cdr"
local opt = cdr.options { out = "out.jsonl" }
local out = cdr.sink(opt.out)
local open = cdr.state "open"
local sums = cdr.state "sums"

local function say(what, t)
  t.what, t.now = what, cdr.time.now()
  out:write(cdr.id() .. " " .. cdr.json.encode(t))
end
]]

local RULES = COMMON .. [[
cdr.on("*", function(event) sums[event.event] = (sums[event.event] or 0) + 1 end)

cdr.on("participantJoined", function(event)
  open[event.participantId] = event.timestamp
  cdr.after(90, "long", { id = event.participantId })
  cdr.after(10, "settled", { id = event.participantId, session = event.sessionId })
end)

cdr.on("participantLeft", function(event)
  open[event.participantId] = nil
  say("left", { id = event.participantId, joined = sums.participantJoined })
end)

cdr.timer("settled", function(value)
  cdr.emit { event = "settled", id = value.id, still = open[value.id] ~= nil }
end)

cdr.timer("long", function(value, due)
  if open[value.id] then
    say("long", { id = value.id, due = due })
    cdr.after(600, "long", value)
  end
end)

cdr.every(300, function(due) say("every", { due = due, open = #open }) end)
cdr.at("*/7 * * * *", function(due)
  say("at", { due = due, all = sums.webrtcConnectionCreated })
end)
]]

-- The station behind it, which is given what the first emits.
local BEHIND = COMMON .. [[
cdr.on("settled", function(event)
  say("settled", { id = event.id, still = event.still, left = sums.participantLeft })
  cdr.after(30, "later", event.id)
end)
cdr.timer("later", function(id) say("later", { id = id, open = #open }) end)
]]

-- The lines without repeats, sorted by their ids; what a repeat says otherwise is kept.
local function by_id(text)
  local seen, lines = {}, {}
  for line in text:gmatch "[^\n]+" do
    if not seen[line] then lines[#lines + 1] = line end
    seen[line] = true
  end
  table.sort(lines)
  return table.concat(lines, "\n"), #lines
end

describe("a replay", function()
  after_each(support.clean)

  for seed = 1, SEEDS do
    it("says what the live run said, over three restarts: seed " .. seed, function()
      local folder = support.folder()
      support.write_file(folder .. "/rules.lua", RULES)
      support.write_file(folder .. "/behind.lua", BEHIND)
      local scripts = { "-s", "rules.lua", "-s", "behind.lua" }
      local day = live.day { folder = folder, seed = seed, words = scripts }
      table.move({ "--set", "rules.out=replay.jsonl", "--set", "behind.out=replay.jsonl" }, 1, 4, 5,
        scripts)
      local code, _, errors = live.replay(day, scripts)
      assert.equal(0, code, errors)
      local expected, n = by_id(support.read_file(folder .. "/replay.jsonl"))
      assert.is_true(n > 100)
      local function same()
        return by_id(support.read_file(folder .. "/out.jsonl") or "") == expected
      end
      support.wait_for(same, 10)
      day.process:kill "KILL"
      day.process:wait()
      assert.equal(expected, (by_id(support.read_file(folder .. "/out.jsonl"))))
    end)
  end
end)
