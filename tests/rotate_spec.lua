-- A file that is written to is put aside by day or size, packed, and nothing of it is lost.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

describe("an output that is rotated", function()
  local folder, out

  local function path(name) return folder .. "/" .. name end

  before_each(function()
    folder = support.folder()
    out = path "out.jsonl"
    support.mkdir(path "cdr")
    support.mkdir(path "old")
  end)

  after_each(support.clean)

  local function write(text) support.write_file(path "cdr/CDR.2020-09-29_17-50-01.log", text) end

  local function options(fragment, ...)
    return { cwd = folder, "run", "--state", "S", "filter", "cdr", "-w", "file://" .. out
      .. "#" .. fragment, ... }
  end

  local function run(fragment) return support.run(options(fragment, "--once")) end

  -- The names of the old files, the oldest first: by the number behind the time, too.
  local function old()
    local names = {}
    for _, name in ipairs(support.list(folder)) do
      if name:find("out.jsonl-", 1, true) then names[#names + 1] = name end
    end
    local function key(name)
      local stem, n = name:gsub("%.gz$", ""):match "^out.jsonl%-([%d_-]+)%.?(%d*)$"
      return ("%s %9d"):format(stem, tonumber(n) or 0)
    end
    table.sort(names, function(a, b) return key(a) < key(b) end)
    return names
  end

  local function content(name)
    if not name:find "%.gz$" then return support.read_file(path(name)) end
    local _, text = support.run { program = "gzip", "-cd", path(name) }
    return text
  end

  -- All that was written, in its order.
  local function all()
    local texts = {}
    for _, name in ipairs(old()) do texts[#texts + 1] = content(name) end
    texts[#texts + 1] = support.read_file(out)
    return table.concat(texts)
  end

  local function set_time(name, words)
    assert.equal(0, (support.run { program = "touch", "-d", words, path(name) }))
  end

  it("goes on in a new file when it has its size, line for line", function()
    write(cdr.lines(1, 2000))
    local code, _, errors = run "rotate=64K"
    assert.equal(0, code, errors)
    assert.is_true(cdr.lines(1, 2000) == all())
    assert.is_true(#old() >= 7)
    for _, name in ipairs(old()) do
      assert.matches("^out.jsonl%-%d%d%d%d%-%d%d%-%d%d_%d%d%-%d%d%-%d%d[.%d]*$", name)
      local size = #content(name)
      assert.is_true(size >= 64 * 1024 and size < 65 * 1024, name .. " " .. size)
    end
  end)

  it("is put aside under its date when its day is over", function()
    write(cdr.lines(1, 3))
    support.write_file(out, "of an earlier day\n")
    set_time("out.jsonl", "2026-01-02 23:59:59")
    assert.equal(0, (run "rotate=daily"))
    assert.same({ "out.jsonl-2026-01-02" }, old())
    assert.equal("of an earlier day\n", content "out.jsonl-2026-01-02")
    assert.equal(cdr.lines(1, 3), support.read_file(out))
    set_time("out.jsonl", "2026-01-02 12:00")
    support.append(path "cdr/CDR.2020-09-29_17-50-01.log", cdr.line(4))
    run "rotate=daily"
    assert.same({ "out.jsonl-2026-01-02", "out.jsonl-2026-01-02.1" }, old())
    assert.equal(cdr.line(4), support.read_file(out))
  end)

  it("keeps as many old files as it is told, and nobody else's", function()
    write(cdr.lines(1, 2000))
    support.write_file(path "out.jsonl-2020-01-01", "old\n")
    support.write_file(path "out.jsonl-2020-01-02.gz", "old\n")
    support.write_file(path "out.jsonl-mine", "mine\n")
    support.write_file(path "out.jsonl-2020-01-01.txt", "mine\n")
    run "rotate=64K&keep=3"
    local names = old()
    assert.equal(5, #names)
    assert.equal("mine\n", support.read_file(path "out.jsonl-mine"))
    assert.equal("mine\n", support.read_file(path "out.jsonl-2020-01-01.txt"))
    assert.is_nil(support.read_file(path "out.jsonl-2020-01-02.gz"))
    local kept = support.read_file(out)
    assert.is_true(kept == cdr.lines(1, 2000):sub(-#kept))
  end)

  it("packs the old files, those of an earlier run too", function()
    write(cdr.lines(1, 2000))
    support.write_file(path "out.jsonl-2020-01-01", "old\n")
    support.write_file(path "out.jsonl-2020-01-02", "packed already\n")
    support.gzip(path "out.jsonl-2020-01-02")
    support.write_file(path "out.jsonl-2020-01-01.gz.new", "half of")
    local p = support.spawn(options "rotate=64K&gzip=true")
    support.expect(function()
      local names = old()
      for _, name in ipairs(names) do
        if not name:find "%.gz$" then return false end
      end
      return #names >= 9 and #all() >= #cdr.lines(1, 2000)
    end, "nine packed files")
    assert.equal(0, p:stop())
    assert.is_true("old\npacked already\n" .. cdr.lines(1, 2000) == all())
  end)

  it("packs before a run ends, if that is soon done", function()
    write(cdr.lines(1, 400))
    run "rotate=64K&gzip=true"
    assert.equal(1, #old())
    assert.matches("%.gz$", old()[1])
    assert.is_true(cdr.lines(1, 400) == all())
  end)

  it("loses nothing and holds whole lines only, over kills at any moment", function()
    local n, kills = 10, support.soak and 50 or 8
    write(cdr.lines(1, n))
    run "rotate=16K&gzip=true" -- what a kill tears is cut off where the file is known
    for i = 1, kills do
      local p = support.spawn(options "rotate=16K&gzip=true")
      for _ = 1, 20 do
        support.append(path "cdr/CDR.2020-09-29_17-50-01.log", cdr.lines(n + 1, n + 50))
        n = n + 50
      end
      local wanted = #old() + i % 4
      support.wait_for(function() return #old() >= wanted end, 0.3)
      support.wait_for(function() end, i % 4 == 0 and 1.2 or 0) -- a commit comes within a second
      p:kill "KILL"
      p:wait()
    end
    local rest = options("rotate=16K&gzip=true", "--once")
    rest.seconds = 120 -- perhaps all of it
    assert.equal(0, (support.run(rest)))
    local seen, wanted, strange = {}, {}, {}
    for i = 1, n do wanted[cdr.line(i)] = i end
    for line in all():gmatch "[^\n]*\n" do
      if not wanted[line] then strange[#strange + 1] = line end
      seen[line] = true
    end
    assert.same({}, strange)
    for line, i in pairs(wanted) do assert.is_true(seen[line], i) end
  end)

  it("cuts a half line off a new file, though more was known of the one before", function()
    write(cdr.lines(1, 300))
    run "rotate=1M"
    support.rename(out, path "old/out.jsonl")
    support.write_file(out, cdr.line(1) .. "half a l")
    support.append(path "cdr/CDR.2020-09-29_17-50-01.log", cdr.line(301))
    run "rotate=1M"
    assert.equal(cdr.line(1) .. cdr.line(301), support.read_file(out))
  end)

  it("is asked for by a script's options too", function()
    write(cdr.lines(1, 1000))
    support.write_file(path "rules.lua", 'local cdr = require "cdr"\n'
      .. 'local out = cdr.sink("out.jsonl", { rotate = "64K", keep = 1, gzip = true })\n'
      .. 'cdr.on("*", function(event) out:send(event) end)\n')
    local code, _, errors = support.run { cwd = folder, "run", "--once", "rules.lua", "cdr",
      "--rejects", "r" }
    assert.equal(0, code, errors)
    assert.equal(1, #old())
    assert.is_true(#all() > 64 * 1024 and cdr.lines(1, 1000):sub(-#all()) == all())
  end)

  it("says which option makes no sense, before anything is read", function()
    write(cdr.lines(1, 3))
    local cases = {
      ["rotate=weekly"] = 'rotate: "weekly" is neither daily nor a size from 1K as 100MB',
      ["rotate=10"] = 'rotate: "10" is neither daily nor a size',
      ["keep=3"] = "keep and gzip are nothing without rotate",
      ["rotate=daily&keep=few"] = "keep: few is no number from 0 to 1e+09",
      ["rotate=daily&gzip=maybe"] = 'gzip: "maybe" is neither true nor false',
      ["rotat=daily"] = 'no option "rotat" (did you mean "rotate"?)',
    }
    for fragment, message in pairs(cases) do
      local code, _, errors = run(fragment)
      assert.equal(2, code)
      assert.matches(message, errors, 1, true)
      assert.matches("out.jsonl", errors, 1, true)
    end
    assert.is_nil(support.read_file(out))
  end)
end)
