-- What README.md says is so: its commands run, its tables are true, its links lead somewhere.
local rules = require "tests.support.rules"
local support = require "tests.support"

local README = assert(support.read_file "README.md")
local EXAMPLES = support.realpath "examples"

-- A folder as a reader of the README has it: the first script, the examples, CDR files, and cdrlua.
local function make_folder()
  local folder = support.folder()
  support.write_file(folder .. "/rules.lua", README:match "```lua\n(.-)```")
  support.mkdir(folder .. "/cdr")
  for _, name in ipairs(support.list(EXAMPLES .. "/cdr")) do
    local text = support.read_file(EXAMPLES .. "/cdr/" .. name)
    support.write_file(folder .. "/cdr/" .. name, text)
    support.write_file(folder .. "/" .. name, text)
    support.gzip(folder .. "/" .. name)
  end
  support.symlink(EXAMPLES, folder .. "/examples")
  support.symlink(support.program, folder .. "/cdrlua")
  return folder
end

local function commands()
  local list = {}
  for line in README:gmatch "\n    (cdrlua [^\n]+)" do
    list[#list + 1] = line:gsub("%s*#.*", "")
  end
  return list
end

local function shell(command, folder)
  command = command:gsub("/opt/openvidu/cdr", folder .. "/cdr")
  return { program = "sh", "-c", "exec ./" .. command, cwd = folder,
    env = { OPENVIDU_CDR_PATH = folder .. "/cdr", HOME = folder } }
end

-- What alerts and silences are asked of: a run that was there, and a silence with the id 1.
local function make_state(folder)
  for _, command in ipairs { "cdrlua run --once rules.lua cdr --state state",
    "cdrlua silence add name=x --state state" } do
    assert.equal(0, (support.run(shell(command, folder))))
  end
end

local function has_heading(document, anchor)
  for heading in support.read_file(document):gmatch "\n#+ ([^\n]+)" do
    if heading:lower():gsub("[^%w ]", ""):gsub(" ", "-") == anchor then return true end
  end
end

describe("README.md", function()
  after_each(support.clean)

  it("has commands", function() assert.is_true(#commands() >= 4) end)

  for _, command in ipairs(commands()) do
    it("says `" .. command .. "`, and that works", function()
      local folder = make_folder()
      local words = shell(command, folder)
      if command:find "cdrlua silence" or command:find "cdrlua alerts" then make_state(folder) end
      if command:find "cdrlua run" and not command:find "%-%-once" then
        words[2] = words[2] .. " --state " .. folder .. "/state"
        local p = support.spawn(words)
        support.expect(function() return p:stderr():find "following" end, "its first message")
        p:kill "TERM"
        assert.equal(0, p:wait())
        return
      end
      local code, _, err = support.run(words)
      assert.equal(0, code, err)
    end)
  end

  it("shows a line that the demo prints", function()
    local line = README:match "\n    (20[^\n]-) %.%.%.\n"
    local code, out, err = support.run { program = "sh", "examples/demo.sh", support.program,
      env = { TZ = "UTC" } }
    assert.equal(0, code, err)
    assert.is_truthy(out:find("\n" .. line, 1, true), line)
  end)

  it("begins with a script that does what its comment says", function()
    local folder = make_folder()
    local _, out = support.run { "run", "--once", "rules.lua", "cdr", cwd = folder }
    assert.equal("con_b5WnHk1LxE was cut off after 8 s\n", out)
    assert.matches('^{"participantLeft":{"sessionId":"ses_R8wLk2mVtA".*"minutes":0}}\n$',
      support.read_file(folder .. "/cut.jsonl"))
  end)

  it("lists the built-in scripts as `cdrlua scripts` does", function()
    local _, out = support.run { "scripts" }
    local listed = {}
    for name, summary in README:match "## Built%-in scripts.-\n## "
      :gmatch "\n| `(%l+)` | ([^\n]+) |" do
      listed[#listed + 1] = ("%-10s %s"):format(name, (summary:gsub("\\|", "|")))
    end
    assert.same(rules.lines(out), listed)
  end)

  it("names every option of a run that it names as `cdrlua help run` does", function()
    local _, help = support.run { "help", "run" }
    for option in README:gmatch "`(%-%-%l[%l-]+)" do
      if option ~= "--version" then assert.is_truthy(help:find(option, 1, true), option) end
    end
  end)

  it("names only calls that the library has", function()
    local names = {}
    for name in README:match "What scripts can call.-\n## ":gmatch "`cdr%.([%w_.]+)" do
      names[#names + 1] = name
    end
    assert.is_true(#names > 15)
    local result = rules.run(([[
      for name in ("%s"):gmatch "%%S+" do
        local value = cdr
        for part in name:gmatch "[^.]+" do value = value[part] end
        print(name, type(value))
      end]]):format(table.concat(names, " "):gsub("debug/info/warn/error", "debug")), {})
    assert.equal(0, result.code, result.errors)
    assert.equal(#names, #result.lines)
    for _, line in ipairs(result.lines) do assert.is_nil(line:find("\tnil", 1, true), line) end
  end)

  for _, document in ipairs { "README.md", "examples/README.md" } do
    it("has links that lead somewhere: " .. document, function()
      local dir = document:match "^(.*/)" or ""
      for link in support.read_file(document):gmatch "%]%(([^)]+)%)" do
        if link:find "^#" then
          assert.is_truthy(has_heading(document, link:sub(2)), link)
        elseif not link:find "^http" then
          assert.is_truthy(support.stat(dir .. link:gsub("#.*", "")), link)
        end
      end
    end)
  end
end)
