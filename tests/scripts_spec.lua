-- scripts/README.md documents every built-in script, and what it says is so.
local rules = require "tests.support.rules"
local support = require "tests.support"

local PAGE = assert(support.read_file "scripts/README.md")
local EXAMPLES, TESTS = support.realpath "examples", support.realpath "tests"

-- The sections by their headings, and the headings in their order.
local function sections()
  local texts, names = {}, {}
  for name, first in PAGE:gmatch "\n## (%l+)\n()" do
    local last = PAGE:find("\n## ", first, true) or #PAGE
    texts[name] = PAGE:sub(first - 1, last)
    if texts[name]:find "%S" then names[#names + 1] = name end
  end
  return texts, names
end

local function commands(text)
  local list = {}
  for command in text:gmatch "\n    (cdrlua [^\n]+)" do
    list[#list + 1] = (command:gsub("%s+#.*", ""))
  end
  return list
end

-- A folder like the top of the repository, with cdrlua on the path.
local function make_folder()
  local folder = support.folder()
  support.symlink(EXAMPLES, folder .. "/examples")
  support.symlink(TESTS, folder .. "/tests")
  support.symlink(support.program, folder .. "/cdrlua")
  return folder
end

describe("scripts/README.md", function()
  after_each(support.clean)

  local texts, names = sections()

  it("has a section for each built-in script", function()
    local _, out = support.run { "scripts" }
    local listed = {}
    for _, line in ipairs(rules.lines(out)) do listed[#listed + 1] = line:match "^(%l+)" end
    assert.same(listed, names)
  end)

  for _, name in ipairs(names) do
    it("has an example for " .. name, function()
      assert.is_true(#commands(texts[name]) > 0)
    end)
    for _, command in ipairs(commands(texts[name])) do
      it("says `" .. command .. "`, and that works", function()
        local folder = make_folder()
        local shell = { program = "sh", "-c", "exec ./" .. command, cwd = folder,
          env = { HOME = folder, TZ = "UTC" } }
        if command:find "rate=" then -- it is live: until its first line
          local p = support.spawn(shell)
          local file = folder .. "/" .. command:match "%-w (%S+)"
          support.expect(function() return (support.read_file(file) or "") ~= "" end, "a line", 30)
          p:kill "TERM"
          assert.equal(0, p:wait())
          return
        end
        local code, out, errors = support.run(shell)
        assert.equal(0, code, errors)
        assert.is_true(out ~= "" or command:find "%-w %S" ~= nil, "it prints nothing")
      end)
    end
  end

  it("has each signal with its keys", function()
    local listed = {}
    local table_of_signals = texts.standard:match "| signal | .-\n\n"
    for verb, keys in table_of_signals:gmatch "\n| `(%a+)` | [^\n]- | ?([^|\n]*)|" do
      local must, may = keys:match "^([^%[]*)%[?(.-)%]?%s*$"
      for key in must:gmatch "`([%w_]+)`" do listed[verb .. " " .. key] = true end
      for key in may:gmatch "`([%w_]+)`" do listed[verb .. " " .. key .. "?"] = true end
      listed[verb] = true
    end
    local said = rules.run [[
      for verb, keys in pairs(require "cdr.standard.signals".keys) do
        print(verb)
        for key, wanted in pairs(keys) do print(verb .. " " .. key .. (wanted:match "%?" or "")) end
      end
      cdr.source(function() end)
    ]]
    local known = {}
    for _, line in ipairs(said.lines) do known[line] = true end
    assert.same(known, listed)
  end)
end)
