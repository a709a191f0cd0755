-- Every example runs, and every command of the README.
local receiver = require "tests.support.receiver"
local rules = require "tests.support.rules"
local support = require "tests.support"

local LOG = support.realpath "examples/cdr"

local function example(words)
  words.cwd = support.folder()
  local code, out, err = support.run(words)
  assert.equal(0, code, err)
  return rules.lines(out), words.cwd
end

local function file(name) return support.realpath "examples" .. "/" .. name end

describe("an example", function()
  after_each(support.clean)

  -- A new example must get a spec here.
  local specs = {
    "cut-off-alert", "cut-offs", "rename-fields", "short-calls", "tenant-split", "webhook",
  }

  it("is there for each that is told of here, and the other way round", function()
    local names = {}
    for _, name in ipairs(support.list "examples") do
      names[#names + 1] = name:match "^(.+)%.lua$"
    end
    table.sort(names)
    assert.same(specs, names)
  end)

  it("short-calls: tells of calls under a minute", function()
    local lines = example { "run", "--once", file "short-calls.lua", LOG }
    assert.same({
      "con_b5WnHk1LxE left ses_R8wLk2mVtA after 8 s: networkDisconnect",
      "con_Qm3Zp8TtYc left ses_R8wLk2mVtA after 46 s: disconnect",
      "6 calls in all",
    }, lines)
    lines = example { "run", "--once", file "short-calls.lua", LOG, "--set", "seconds=10" }
    assert.equal(2, #lines)
  end)

  it("cut-offs: sums up each hour, and tells of a failing network", function()
    local lines = example { "run", "--once", file "cut-offs.lua", LOG, "--set", "most=0" }
    assert.same({
      "2020-09-29 16:00  disconnect            2 left, after 630 s, 95 % within 646 s",
      "ses_R8wLk2mVtA: 1 were cut off within 60 s",
      "2020-09-30 07:00  disconnect            1 left, after 46 s, 95 % within 46 s",
      "2020-09-30 07:00  networkDisconnect     1 left, after 8 s, 95 % within 8 s",
      "2020-09-30 07:00  sessionClosedByServer 2 left, after 368 s, 95 % within 369 s",
    }, lines)
  end)

  it("cut-off-alert: tells when a session loses somebody, and when that is over", function()
    local lines = example { "run", "--once", file "cut-off-alert.lua", LOG, "--set", "to=-" }
    assert.equal(2, #lines)
    assert.matches('"status":"firing","name":"cut%-off","severity":"critical","summary":'
      .. '"ses_R8wLk2mVtA: con_b5WnHk1LxE was cut off after 8 s"', lines[1])
    assert.matches('"status":"resolved".*"started":1601449223891,"ended":1601449248416', lines[2])
  end)

  it("tenant-split: writes one file for each tenant, every event once", function()
    local _, folder = example { "run", "--once", file "tenant-split.lua", LOG }
    local n = 0
    for _, name in ipairs(support.list(folder .. "/tenants")) do
      n = n + #rules.lines(support.read_file(folder .. "/tenants/" .. name))
    end
    assert.same({ "acme.jsonl", "globex.jsonl", "other.jsonl" }, support.list(folder .. "/tenants"))
    local all = example { "run", "--once", "filter", LOG }
    assert.equal(#all, n)
    local globex = support.read_file(folder .. "/tenants/globex.jsonl")
    assert.is_nil(globex:find("helpdesk", 1, true))
  end)

  it("webhook: posts those who were cut off, signed and with a name", function()
    local r = receiver.start()
    r:check_with "sesame"
    example { "run", "--once", file "webhook.lua", LOG, "--set", "hook=" .. r.url .. "/hook",
      "--set", "users=" .. r.url .. "/answer?body=Ann&id=", env = { HOOK_SECRET = "sesame" } }
    local requests = r:requests()
    assert.equal(2, #requests)
    assert.equal("/answer?body=Ann&id=con_b5WnHk1LxE", requests[1].path)
    assert.same({ true }, requests[2].signed)
    assert.is_truthy(requests[2].body:find('"participantId":"con_b5WnHk1LxE"', 1, true))
    assert.is_truthy(requests[2].body:find('"name":"Ann"', 1, true))
  end)

  it("rename-fields: gives other names and a readable time", function()
    local lines = example { "run", "--once", file "rename-fields.lua", LOG, "-w", "-" }
    assert.equal('{"sessionCreated":{"timestamp":1601394690713,"room":"ses_YnDaGYNcd7",'
      .. '"time":"2020-09-29T15:51:30Z"}}', lines[1])
    for _, line in ipairs(lines) do assert.is_nil(line:find('"sessionId"', 1, true)) end
  end)

  it("specification: each of its events is printed, and forwarded byte for byte", function()
    local lines = example { "run", "--once", "print", file "spec.log" }
    assert.equal(8, #lines)
    lines = example { "run", "--once", "filter", file "spec.log" }
    assert.same(rules.lines(support.read_file "examples/spec.log"), lines)
  end)
end)
