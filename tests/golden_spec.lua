-- tests/golden/<script>/<case>: `args` is the command line after `cdrlua`, as a shell takes it;
-- {INPUT} in it is the case's input.jsonl. Standard output must be `expected`, byte for byte.
-- `make golden` writes `expected` anew.
local support = require "tests.support"

local ROOT = "tests/golden/"

local function run(case)
  local args = assert(support.read_file(case .. "/args")):gsub("%s+$", "")
  local code, text, err = support.run {
    program = "sh", "-c", 'exec "$0" ' .. args:gsub("{INPUT}", case .. "/input.jsonl"),
    support.program,
  }
  assert.equal(0, code, err)
  return text
end

describe("golden", function()
  after_each(support.clean)

  for _, script in ipairs(support.list(ROOT)) do
    for _, name in ipairs(support.list(ROOT .. script)) do
      local case = ROOT .. script .. "/" .. name
      it(script .. "/" .. name, function()
        local text = run(case)
        if os.getenv "GOLDEN" == "write" then support.write_file(case .. "/expected", text) end
        assert.equal(support.read_file(case .. "/expected"), text)
      end)
    end
  end

  support.clean()
end)
