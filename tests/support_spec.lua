-- The helpers of the specs themselves.
local support = require "tests.support"

describe("the specs' own helpers", function()
  after_each(support.clean)

  it("run a program and give its exit code and what it said", function()
    local script = "cat; echo bad >&2; exit 3"
    local code, out, err = support.run { program = "sh", "-c", script, input = "x\n" }
    assert.equal(3, code)
    assert.equal("x\n", out)
    assert.equal("bad\n", err)
  end)

  it("tell a signal from an exit code", function()
    local p = support.spawn { program = "sleep", "60" }
    assert.is_true(p:is_alive())
    p:kill "KILL"
    local code, why = p:wait(5)
    assert.is_nil(code)
    assert.equal("SIGNAL 9", why)
    assert.is_false(p:is_alive())
  end)

  it("talk to a program over pipes", function()
    local p = support.spawn { program = "cat", stdin = "pipe", stdout = "pipe" }
    p:write "hello\n"
    assert.equal("hello\n", p:read(5))
    assert.is_nil(p:read(0))
    p:close_stdin()
    assert.equal("", p:read(5))
    assert.equal(0, p:wait(5))
  end)

  it("limit how large a file a program can write", function()
    local code = support.run { program = "dd", "if=/dev/zero", "bs=1000", "count=2", fsize = 1000 }
    assert.equal(1, code)
  end)
end)
