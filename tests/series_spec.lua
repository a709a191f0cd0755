-- Which of several files is older, by their names.
require "tests.support"
local native = require "native_input"

-- `names` is in the right order: any other order must be put into it.
local function expect_order(names)
  math.randomseed(1)
  for _ = 1, 20 do
    local mixed = table.move(names, 1, #names, 1, {})
    for i = #mixed, 2, -1 do
      local j = math.random(i)
      mixed[i], mixed[j] = mixed[j], mixed[i]
    end
    assert.same(names, native.order(mixed))
  end
end

describe("OpenVidu's files", function()
  it("go by date, then by the time of the server's start", function()
    expect_order {
      "CDR.2020-09-28_23-59-59.log",
      "CDR.2020-09-29_08-00-00.log",
      "CDR.2020-09-29_17-50-01.log",
      "CDR.2020-10-01_00-00-00.log",
    }
  end)

  it("of a server that ran over midnight come before those of one started later", function()
    expect_order {
      "CDR.2020-09-29_17-50-01.log",
      "CDR.2020-09-30_17-50-01.log", -- the same process, its next date
      "CDR.2020-09-30_09-00-00.log", -- started in the morning
      "CDR.2020-10-01_09-00-00.log",
    }
  end)

  it("of several such servers go by when those started", function()
    expect_order {
      "CDR.2020-09-28_20-00-00.log",
      "CDR.2020-09-29_20-00-00.log",
      "CDR.2020-09-29_10-00-00.log",
      "CDR.2020-09-30_20-00-00.log",
      "CDR.2020-09-30_10-00-00.log",
      "CDR.2020-09-30_01-00-00.log",
    }
  end)

  it("have their .gz right behind them", function()
    expect_order {
      "CDR.2020-09-28_10-00-00.log.gz",
      "CDR.2020-09-29_10-00-00.log",
      "CDR.2020-09-29_10-00-00.log.gz",
      "CDR.2020-09-30_10-00-00.log",
    }
  end)

  it("are told from others by their names", function()
    assert.is_true(native.is_openvidu "CDR.2020-09-29_17-50-01.log")
    assert.is_true(native.is_openvidu "CDR.2020-09-29_17-50-01.log.gz")
    for _, name in ipairs {
      "CDR.log",
      "CDR.2020-09-29.log",
      "CDR.2020-09-29_17-50-01.txt",
      "CDR.2020-09-29_17-50-01.log2",
      "CDR.2020-09-29_17-50-01.log.1",
      "cdr.2020-09-29_17-50-01.log",
    } do
      assert.is_false(native.is_openvidu(name), name)
    end
  end)
end)

describe("other files", function()
  it("go by name, numbers as numbers", function()
    expect_order { "calls-2.log", "calls-9.log", "calls-10.log", "calls-010a.log", "other.log" }
  end)

  it("that were rotated are older than the name they had, the greater number first", function()
    expect_order { "x.log.10", "x.log.2.gz", "x.log.1", "x.log" }
    expect_order { "x.log-20201001", "x.log-20201002.gz", "x.log" }
    expect_order { "x.log.2020-10-01", "x.log.2020-10-02", "x.log" }
    expect_order { "x.log.old", "x.log" }
  end)

  it("go by when they came, where that was seen", function()
    local names = { "x.log.1", "x.log.2", "x.log.3", "x.log" }
    assert.same(names, native.order(names, { 1, 2, 3, 4 })) -- a rotator that counts upwards
    assert.same({ "x.log.3", "x.log.2", "x.log.1", "x.log" }, native.order(names))
    assert.same({ "x.log", "x.log.2" }, native.order({ "x.log.2", "x.log" }, { 7, 3 }))
  end)
end)

describe("a name", function()
  it("is known without what a rotator adds", function()
    for name, base in pairs {
      ["x.log"] = "x.log",
      ["x.log.1"] = "x.log",
      ["x.log.12.gz"] = "x.log",
      ["x.log-20201001"] = "x.log",
      ["x.log-20201001-1601500000.gz"] = "x.log",
      ["x.log.2020-10-01T10:00:00Z"] = "x.log",
      ["x.log.old"] = "x.log",
      ["x-2020-10-01.log"] = "x-2020-10-01.log",
      ["CDR.2020-09-29_17-50-01.log.gz"] = "CDR.2020-09-29_17-50-01.log",
      ["CDR.2020-09-29_17-50-01.log.1"] = "CDR.2020-09-29_17-50-01.log",
      ["x.gz"] = "x",
      [".gz"] = ".gz",
      [".1"] = ".1",
      ["1"] = "1",
    } do
      assert.equal(base, native.base(name), name)
    end
  end)

  it("put aside by number or word is one that nobody writes to", function()
    for _, name in ipairs { "x.log.1", "x.log.old", "x.log.3.gz" } do
      assert.is_true(native.is_aside(name), name)
    end
    for _, name in ipairs { "x.log", "x.log-20201001", "x.2020-10-01", "x.log.gz" } do
      assert.is_false(native.is_aside(name), name)
    end
  end)

  it("of another program that stands beside is not taken for a rotation", function()
    for _, suffix in ipairs { ".1", ".1.gz", "-20201001", ".old", ".2020-10-01T00:00:00" } do
      assert.is_true(native.is_rotation(suffix), suffix)
    end
    for _, suffix in ipairs { ".swp", ".lock", "~", ".1.tmp", ".offset", "2" } do
      assert.is_false(native.is_rotation(suffix), suffix)
    end
  end)
end)
