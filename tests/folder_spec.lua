-- A folder as destination: files named as OpenVidu names its own, by the time of the events.
local native = require "native_state"
local rules = require "tests.support.rules"
local support = require "tests.support"

local DAY = 86400000
local EVE = 1601423999000 -- 2020-09-29 23:59:59 UTC

local function event(n, timestamp)
  local time = timestamp and (',"timestamp":%d'):format(timestamp) or ""
  return ('{"participantJoined":{"sessionId":"A","n":%d%s}}'):format(n, time)
end

-- What stands in the files of a folder: { NAME = { n, ... } }.
local function numbers(folder)
  local found = {}
  for _, name in ipairs(support.list(folder)) do
    found[name] = {}
    for _, line in ipairs(rules.lines(support.read_file(folder .. "/" .. name))) do
      table.insert(found[name], tonumber(line:match '"n":(%d+)'))
    end
  end
  return found
end

-- Forwards the lines to out/ of a new folder; gives what is there then, and the run.
local function forwarded(input, script, options)
  local words = { "-w", "out/", table.unpack(options or {}) }
  local result = rules.run(script or "", input, words)
  assert.equal(0, result.code, result.errors)
  return numbers(result.folder .. "/out"), result
end

local LOOK = [[cdr.on("*", function() end)]]

describe("a folder that is written to", function()
  after_each(support.clean)

  it("has a file for each day, with the time of the first event in its name", function()
    local input = { event(1, EVE), event(2, EVE + 999), event(3, EVE + 1000),
      event(4, EVE + 2 * DAY), event(5, EVE + 2 * DAY + 1) }
    for _, script in ipairs { "", LOOK } do -- undecoded, and decoded
      assert.same({
        ["CDR.2020-09-29_23-59-59.log"] = { 1, 2 }, ["CDR.2020-09-30_23-59-59.log"] = { 3 },
        ["CDR.2020-10-01_23-59-59.log"] = { 4, 5 },
      }, (forwarded(input, script)))
    end
  end)

  it("never goes back: what is late, or has no time, goes to the present file", function()
    local input = { event(1, EVE + DAY), event(2, EVE), event(3), event(4, -1),
      event(5, 9223372036854775807), '{"a":{"n":6,"timestamp":"1601769599000"}}',
      '{"a":{"n":7,"timestamp":null}}', '{"a":{"n":8,"timestamp":1e300}}', event(9, EVE + DAY) }
    for _, script in ipairs { "", LOOK } do
      assert.same({ ["CDR.2020-09-30_23-59-59.log"] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
        (forwarded(input, script)))
    end
  end)

  it("has a file named by the clock while no event had a time", function()
    local before, found = os.date "!%F", forwarded { event(1), event(2, EVE) }
    local name, rest = next(found)
    assert.is_nil(next(found, name))
    assert.same({ 1, 2 }, rest)
    local day = assert(name:match "^CDR%.(%d+%-%d+%-%d+)_%d%d%-%d%d%-%d%d%.log$")
    assert.is_true(day == before or day == os.date "!%F")
  end)

  it("counts days where the server is", function()
    local folder = support.folder()
    local code = support.run { "run", "--once", "filter", "-", "-w", folder .. "/out/",
      env = { TZ = "Europe/Madrid" }, -- the summer time of 2020 ended on October 25
      input = table.concat({ event(1, EVE), event(2, EVE + DAY - 7200000),
        event(3, 1603576799999), event(4, 1603576800000), event(5, 1603666799999),
        event(6, 1603666800000) }, "\n") .. "\n" }
    assert.equal(0, code)
    assert.same({
      ["CDR.2020-09-30_01-59-59.log"] = { 1, 2 }, ["CDR.2020-10-24_01-59-59.log"] = { 3 },
      ["CDR.2020-10-25_01-59-59.log"] = { 4, 5 }, ["CDR.2020-10-26_01-59-59.log"] = { 6 },
    }, numbers(folder .. "/out"))
  end)

  it("takes lines of a server log and webhook bodies by their time, too", function()
    local log = "[INFO] 2020-09-29 23:59:59,000 [main] io.openvidu.server.cdr.CDRLoggerFile - "
    local flat = '{"event":"participantLeft","n":2,"timestamp":%d}'
    assert.same({
      ["CDR.2020-09-29_23-59-59.log"] = { 1 }, ["CDR.2020-09-30_23-59-59.log"] = { 2 },
    }, (forwarded { log .. event(1, EVE), flat:format(EVE + DAY) }))
  end)

  it("takes what scripts send, make and write", function()
    local found = forwarded(nil, ([[
      local sink, n = cdr.sink "./out/", 0
      cdr.on("*", function(event)
        sink:send { event = "sent", n = event.n + 10, timestamp = event.timestamp }
        sink:write(('{"text":{"n":%%d}}'):format(event.n + 20))
        cdr.emit { event = "emitted", n = event.n + 30, timestamp = event.timestamp + 86400000 }
      end)
      cdr.source(function()
        n = n + 1
        if n < 3 then return { event = "made", n = n, timestamp = %d + n * 172800000 } end
      end)]]):format(EVE))
    assert.same({
      ["CDR.2020-10-01_23-59-59.log"] = { 11, 21, 1 }, ["CDR.2020-10-02_23-59-59.log"] = { 31 },
      ["CDR.2020-10-03_23-59-59.log"] = { 12, 22, 2 }, ["CDR.2020-10-04_23-59-59.log"] = { 32 },
    }, found)
  end)

  it("is one, whatever it is called", function()
    local folder = support.folder()
    support.mkdir(folder .. "/out")
    support.symlink("out", folder .. "/link")
    local words = { "run", "--once", "filter", "-", cwd = folder,
      input = event(1, EVE) .. "\n" .. event(2, EVE) .. "\n" }
    for _, name in ipairs { "out/", "out", "./out//", "link", "file://out/", folder .. "/out" } do
      table.move({ "-w", name }, 1, 2, #words + 1, words)
    end
    assert.equal(0, (support.run(words)))
    assert.same({ ["CDR.2020-09-29_23-59-59.log"] = { 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2 } },
      numbers(folder .. "/out"))
  end)

  it("is not one that is read, nor a place where none can be", function()
    local folder = support.folder()
    support.mkdir(folder .. "/cdr")
    support.write_file(folder .. "/cdr/CDR.2020-09-29_23-59-59.log", event(1, EVE) .. "\n")
    support.write_file(folder .. "/cdr/lines.jsonl", event(1, EVE) .. "\n")
    local function run(input, dest)
      local code, _, errors = support.run { "run", "--once", "filter", input, "-w", dest,
        cwd = folder }
      return code, errors
    end
    for _, input in ipairs { "cdr", "cdr/CDR.2020-09-29_23-59-59.log", "cdr/*", "cdr/C*[g]" } do
      local code, errors = run(input, "./cdr/")
      assert.equal(2, code)
      assert.matches("/cdr/: is both read and written to", errors)
    end
    assert.equal(0, (run("cdr/*.jsonl", "cdr/")))
    assert.equal(0, (run("cdr/lines.jsonl", "cdr")))
    local code, errors = run("cdr", "cdr/lines.jsonl/")
    assert.equal(2, code)
    assert.matches("lines.jsonl/: Not a directory", errors)
  end)

  it("waits with the lines of a day whose file cannot be opened, and loses none", function()
    local folder = support.folder()
    local input, next_day = folder .. "/input.jsonl", folder .. "/out/CDR.2020-09-30_23-59-59.log"
    support.write_file(input, table.concat({ event(1, EVE), event(2, EVE + DAY),
      event(3, EVE + 2 * DAY) }, "\n") .. "\n")
    support.mkdir(folder .. "/out")
    support.mkdir(next_day)
    local p = support.spawn { "run", "--once", "filter", input, "-w", folder .. "/out/" }
    support.expect(function() return p:stderr():find "Is a directory" end)
    support.remove(next_day)
    assert.equal(0, p:wait())
    assert.same({
      ["CDR.2020-09-29_23-59-59.log"] = { 1 }, ["CDR.2020-09-30_23-59-59.log"] = { 2 },
      ["CDR.2020-10-01_23-59-59.log"] = { 3 },
    }, numbers(folder .. "/out"))
  end)

  it("holds thousands of days with few files open", function()
    local folder, lines = support.folder(), {}
    for n = 1, 2000 do lines[n] = event(n, EVE + n * DAY) end
    support.write_file(folder .. "/input.jsonl", table.concat(lines, "\n") .. "\n")
    local code, _, errors = support.run { program = "sh", "-c", "ulimit -n 64; exec \"$@\"", "sh",
      support.program, "run", "--once", "filter", folder .. "/input.jsonl",
      "--state", folder .. "/state", "-w", folder .. "/out/", seconds = 60 }
    assert.equal(0, code, errors)
    local names = support.list(folder .. "/out")
    assert.equal(2000, #names)
    for n, name in ipairs(names) do
      assert.equal(lines[n] .. "\n", support.read_file(folder .. "/out/" .. name))
    end
  end)
end)

describe("a folder after kill -9", function()
  after_each(support.clean)

  local NOON = EVE - DAY // 2
  local folder, input, out

  before_each(function()
    folder = support.folder()
    input, out = folder .. "/input.jsonl", folder .. "/out"
    support.write_file(input, event(1, NOON) .. "\n" .. event(2, NOON + DAY) .. "\n")
  end)

  local function start()
    return support.spawn { "run", "filter", input, "--state", folder .. "/state", "-w", out .. "/" }
  end

  -- The size that the last transaction gave the file.
  local function kept_size(name)
    local read, size = pcall(native.sql, folder .. "/state/state.db",
      "SELECT size FROM outputs WHERE path LIKE '%/" .. name .. "'")
    return read and tonumber(size)
  end

  -- Ends with the lines 1, 2 and 3 in their files, and their places kept.
  local function kept_and_killed()
    local name, p = "CDR.2020-09-30_11-59-59.log", start()
    support.append(input, event(3, NOON + DAY + 5000) .. "\n")
    support.expect(function()
      return kept_size(name) == #event(2, NOON + DAY) + #event(3, NOON + DAY + 5000) + 2
    end, "a commit of all three lines")
    p:kill "KILL"
    p:wait()
    assert.same({ ["CDR.2020-09-29_11-59-59.log"] = { 1 }, [name] = { 2, 3 } }, numbers(out))
  end

  it("goes on with its file, and loses the half line there", function()
    kept_and_killed()
    support.append(out .. "/CDR.2020-09-30_11-59-59.log", '{"participantJoined":{"n":4')
    support.append(input, event(5, NOON + DAY + 60000) .. "\n" .. event(6, NOON + 2 * DAY) .. "\n")
    local p = start()
    support.expect(function() return numbers(out)["CDR.2020-10-01_11-59-59.log"] end)
    p:stop()
    assert.same({
      ["CDR.2020-09-29_11-59-59.log"] = { 1 }, ["CDR.2020-09-30_11-59-59.log"] = { 2, 3, 5 },
      ["CDR.2020-10-01_11-59-59.log"] = { 6 },
    }, numbers(out))
  end)

  it("loses the half line of a file that it began after the last commit, too", function()
    kept_and_killed()
    local six, seven = event(6, NOON + 2 * DAY), event(7, NOON + 2 * DAY)
    support.write_file(out .. "/CDR.2020-10-01_11-59-59.log", six .. "\n" .. seven:sub(1, 20))
    support.append(input, six .. "\n" .. seven .. "\n")
    local p = start()
    local function text() return support.read_file(out .. "/CDR.2020-10-01_11-59-59.log") end
    support.expect(function() return text():find(seven, 1, true) end, text)
    p:stop()
    assert.equal(("%s\n%s\n%s\n"):format(six, six, seven), text())
  end)

  it("does not make a file anew that was taken away, while nothing goes there", function()
    kept_and_killed()
    support.remove(out .. "/CDR.2020-09-30_11-59-59.log")
    start():stop()
    assert.same({ ["CDR.2020-09-29_11-59-59.log"] = { 1 } }, numbers(out))
  end)

  it("writes to the file of the same name what was not kept", function()
    local words = { "run", "--once", "filter", input, "-w", out .. "/" }
    assert.equal(0, (support.run(words)))
    assert.equal(0, (support.run(words)))
    assert.same({
      ["CDR.2020-09-29_11-59-59.log"] = { 1, 1 }, ["CDR.2020-09-30_11-59-59.log"] = { 2, 2 },
    }, numbers(out))
  end)
end)

describe("cdr.begin_file", function()
  after_each(support.clean)

  -- A source of events with the times given, relative to EVE; "new" begins a file.
  local function source(times)
    return ([[
      local EVE, times, i, n = %d, { %s }, 0, 0
      cdr.source(function()
        i = i + 1
        if times[i] == "new" then cdr.begin_file() i = i + 1 end
        n = n + 1
        if times[i] then
          return { event = "made", n = n, timestamp = times[i] ~= "none" and EVE + times[i] or nil }
        end
      end)]]):format(EVE, times)
  end

  it("begins a file with the time of the next event, also of an earlier one", function()
    assert.same({
      ["CDR.2020-09-29_23-59-59.log"] = { 1 }, ["CDR.2020-09-30_00-00-01.log"] = { 2, 3 },
      ["CDR.2020-10-01_00-00-01.log"] = { 4 }, ["CDR.2020-09-28_23-59-59.log"] = { 5 },
    }, (forwarded(nil, source '0, "new", 2000, 3000, 86402000, "new", -86400000')))
  end)

  it("goes on with the present file where the name is the same", function()
    assert.same({ ["CDR.2020-09-29_23-59-59.log"] = { 1, 2, 3 } },
      (forwarded(nil, source '"new", 0, "new", 999, 0')))
  end)

  it("waits for an event that has a time", function()
    assert.same({
      ["CDR.2020-09-29_23-59-59.log"] = { 1, 2 }, ["CDR.2020-09-30_00-00-01.log"] = { 3 },
    }, (forwarded(nil, source '0, "new", "none", 2000')))
  end)

  it("does nothing to other destinations", function()
    local result = rules.run([[cdr.on("*", function() cdr.begin_file() end)]],
      { event(1, EVE), event(2, EVE + DAY) }, { "-w", "-" })
    assert.same({ event(1, EVE), event(2, EVE + DAY) }, result.lines)
  end)
end)
