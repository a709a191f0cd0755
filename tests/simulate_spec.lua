-- The simulator: deterministic, full of life, and true to the specification.
local rules = require "tests.support.rules"
local support = require "tests.support"

local function simulate(sets, ...)
  local words = { "run", "simulate", ... }
  for _, set in ipairs(sets) do
    words[#words + 1] = "--set"
    words[#words + 1] = set
  end
  return support.run(words)
end

describe("simulate", function()
  after_each(support.clean)

  it("writes the same bytes for the same arguments, others for another seed", function()
    local _, one = simulate { "sessions=40", "seed=5" }
    local _, two = simulate { "sessions=40", "seed=5" }
    local _, other = simulate { "sessions=40", "seed=6" }
    assert.is_true(#one > 100000)
    assert.equal(one, two)
    assert.are_not.equal(one, other)
  end)

  it("is full of life", function()
    local _, text = simulate { "sessions=300", "seed=2", "trouble=5", "profile=2.32" }
    local wanted = {
      "sessionCreated", "sessionDestroyed", "participantJoined", "participantLeft",
      "webrtcConnectionCreated", "webrtcConnectionDestroyed", "recordingStatusChanged",
      "filterEventDispatched", "signalSent", "SCREEN", "IPCAM", "networkDisconnect",
      "forceDisconnectByUser", "forceDisconnectByServer", "unsubscribe", "unpublish",
      "forceUnpublishByUser", "forceUnpublishByServer", "sessionClosedByServer",
      "lastParticipantLeft", "automaticStop", "recordingStoppedByServer", "openviduServerStopped",
      "mediaServerReconnect", "nodeCrashed", "INDIVIDUAL", "CUSTOM", "failed", "room-", "unknown",
    }
    for _, word in ipairs(wanted) do assert.is_truthy(text:find(word, 1, true), word) end
  end)

  it("has its sessions in working hours", function()
    local _, text = simulate { "sessions=400", "seed=3" }
    local day, night = 0, 0
    for ms in text:gmatch '"sessionCreated":{"sessionId":"[^"]*","timestamp":(%d+)' do
      local hour = ms // 3600000 % 24
      if hour >= 7 and hour < 19 then day = day + 1 else night = night + 1 end
    end
    assert.is_true(day > 5 * night, day .. " by day, " .. night .. " by night")
  end)

  it("begins on the day that is asked for", function()
    local function first(date)
      local _, text = simulate { "sessions=1", "start=" .. date }
      return math.tointeger(tonumber(text:match '"timestamp":(%d+)')) // 86400000
    end
    assert.equal(18262, first "2020-01-01")
    assert.equal(18321, first "2020-02-29")
    assert.equal(20817, first "2026-12-30")
  end)

  it("keeps books", function()
    local folder = support.folder()
    local _, text = simulate({ "sessions=30", "books=" .. folder .. "/books.json" })
    local books = support.read_file(folder .. "/books.json")
    assert.equal(#rules.lines(text), tonumber(books:match '"events":(%d+)'))
  end)

  it("is live with a rate: events come when they happen", function()
    local folder = support.folder()
    local p = support.spawn { "run", "simulate", "--set", "sessions=1000", "--set", "rate=200",
      "-w", folder .. "/live.log" }
    local function last()
      local text = support.read_file(folder .. "/live.log") or ""
      local _, ms = text:match '^.*{"(%a+Joined)":{"sessionId":"[^"]*","timestamp":(%d+)'
      return tonumber(ms)
    end
    support.expect(last, "a first line", 30)
    local now = os.time() * 1000
    assert.is_true(last() > now - 30000 and last() < now + 2000)
    p:kill "TERM"
    assert.equal(0, p:wait())
  end)

  for set, sentence in pairs {
    ["sessions=0"] = "sessions: must be at least 1", ["seed=1.5"] = "seed: must be an integer",
    ["perday=0"] = "perday: must be above 0", ["start=tomorrow"] = "start: must be a date",
    ["profile=3"] = 'no profile "3"', ["rate=-1"] = "rate 0 or more",
  } do
    it("refuses --set " .. set, function()
      local code, _, errors = simulate { set }
      assert.equal(2, code)
      assert.is_truthy(errors:find(sentence, 1, true), errors)
    end)
  end
end)
