-- The built-in script validate: several files and servers, what is printed of many findings, and
-- input that means harm.
local calls = require "tests.support.calls"
local support = require "tests.support"
local validate = require "tests.support.validate"

local NIGHT, MORNING = "CDR.2020-09-29_17-50-01.log", "CDR.2020-09-30_17-50-01.log"
local RESTART = "CDR.2020-09-30_18-00-00.log"

local function half(from, to) return { table.unpack(calls.good(), from, to) } end

local function repeated(line, times)
  local lines = {}
  for i = 1, times do lines[i] = line end
  return lines
end

describe("validate, on files,", function()
  after_each(support.clean)

  it("goes on after midnight where the day before ended", function()
    local printed = validate.files { [NIGHT] = half(1, 8), [MORNING] = half(9, 18) }
    assert.same({ "18 lines, 0 errors, 0 warnings, 0 notes in 2 files" }, printed)
  end)

  it("goes on in the files of the next days", function()
    local printed = validate.files {
      [NIGHT] = half(1, 8), [MORNING] = half(9, 12), ["CDR.2020-10-02_17-50-01.log"] = half(13, 18),
    }
    assert.same({ "18 lines, 0 errors, 0 warnings, 0 notes in 3 files" }, printed)
  end)

  it("goes on from a compressed file", function()
    local folder = support.folder()
    support.write_file(folder .. "/" .. NIGHT, table.concat(half(1, 8), "\n") .. "\n")
    support.gzip(folder .. "/" .. NIGHT)
    support.remove(folder .. "/" .. NIGHT)
    support.write_file(folder .. "/" .. MORNING, table.concat(half(9, 18), "\n") .. "\n")
    local _, out = support.run { "run", "--once", "validate", folder }
    assert.equal("18 lines, 0 errors, 0 warnings, 0 notes in 2 files\n", out)
  end)

  it("reads lines of all forms, from standard input too", function()
    local lines = calls.good()
    lines[2] = "[INFO] 2020-09-29 15:51:31 [thread-1] io.openvidu.server.cdr.CDRLoggerFile - "
      .. lines[2]
    lines[3] = lines[3]:gsub('^{"webrtcConnectionCreated":{(.*)}}$',
      '{%1,"event":"webrtcConnectionCreated"}')
    local code, out, errors = support.run { "run", "--once", "validate", "-",
      input = table.concat(lines, "\n") .. "\n" }
    assert.equal("18 lines, 0 errors, 0 warnings, 0 notes in 1 file\n", out, errors)
    assert.equal(0, code)
  end)

  it("warns of what is open when a later server's log begins, even an empty one", function()
    local printed, code = validate.files { [NIGHT] = half(1, 5), [MORNING] = half(6, 8),
      [RESTART] = {} }
    assert.same({
      NIGHT .. ":1: warning: session ses_1 never ended: a later server's log begins (2 in it)",
      MORNING .. ":3: warning: recording rec never ended: a later server's log begins (started)",
    }, { table.unpack(printed, 1, 2) })
    assert.equal(0, code)
  end)

  it("does not know the sessions of the server before", function()
    local printed = validate.files { [NIGHT] = { calls.created(0) },
      [RESTART] = { calls.created(0), calls.destroyed(0, 9) } }
    assert.same({
      NIGHT .. ":1: warning: session ses_1 never ended: a later server's log begins (0 in it)",
      "3 lines, 0 errors, 1 warning, 0 notes in 2 files",
    }, printed)
  end)

  it("keeps apart the servers whose files are in one run", function()
    local folder = support.folder()
    for _, name in ipairs { "a", "b" } do
      support.mkdir(folder .. "/" .. name)
      support.write_file(folder .. "/" .. name .. "/" .. NIGHT,
        table.concat(calls.good(), "\n") .. "\n")
    end
    local code, out = support.run { "run", "--once", "validate", folder .. "/a", folder .. "/b" }
    assert.equal("36 lines, 0 errors, 0 warnings, 0 notes in 2 files\n", out)
    assert.equal(0, code)
  end)

  it("takes a file of another name for the lines of more than one server", function()
    local path = support.folder() .. "/calls.log"
    local lines = { calls.created(-9), calls.joined(-8, "ann"), table.unpack(calls.good()) }
    support.write_file(path, table.concat(lines, "\n") .. "\n")
    local code, out = support.run { "run", "--once", "validate", path }
    assert.equal(path .. ":3: warning: sessionCreated of ses_1, which is open (line 1)\n"
      .. "20 lines, 0 errors, 1 warning, 0 notes in 1 file\n", out)
    assert.equal(0, code)
  end)

  it("prints the same message up to the limit, and then how many more", function()
    local bad = '{"sessionCreated":{"sessionId":"s","timestamp":"now"}}'
    local found, summary, code = validate.findings(repeated(bad, 7), "--set", "limit=2")
    local text = "error: sessionCreated: timestamp is"
    assert.same({
      "1: " .. text .. ' "now", must be an integer', "2: " .. text .. ' "now", must be an integer',
      "7: error: ... and 5 more: sessionCreated: timestamp is ..., must be an integer",
    }, found)
    assert.equal("7 lines, 7 errors, 0 warnings, 0 notes in 1 file", summary)
    assert.equal(1, code)
  end)

  it("tells a note once for a file, and only when asked for", function()
    local line = '{"autoscaling":{"timestamp":1601394690713}}'
    assert.same({ "1: note: event autoscaling came with OpenVidu 2.15 (3 times)" },
      (validate.findings(repeated(line, 3), "--set", "level=note")))
    local found, summary = validate.findings(repeated(line, 3))
    assert.same({}, found)
    assert.equal("3 lines, 0 errors, 0 warnings, 1 note in 1 file", summary)
  end)

  it("prints errors alone when asked to", function()
    local found, summary = validate.findings(half(1, 2), "--set", "level=error")
    assert.same({}, found)
    assert.equal("2 lines, 0 errors, 1 warning, 0 notes in 1 file", summary)
  end)

  it("checks what another script makes", function()
    local code, out, errors = support.run { "run", "-s", "simulate", "-s", "validate", "--set",
      "sessions=20", "--set", "limit=0" }
    assert.equal(0, code, errors)
    assert.truthy(out:find "%d%d%d lines, 0 errors, .* in 1 file\n$", out)
  end)

  it("refuses another level", function()
    local code, _, errors = support.run { "run", "--once", "validate", "examples/cdr", "--set",
      "level=fatal" }
    assert.equal(2, code)
    assert.truthy(errors:find("--set level=fatal: must be error, warning or note", 1, true))
  end)

  it("finds no error in the samples, and in the specification's examples only lives", function()
    local code, out = support.run { "run", "--once", "validate", "examples/cdr" }
    assert.equal("51 lines, 0 errors, 0 warnings, 2 notes in 2 files\n", out)
    assert.equal(0, code)
    code, out = support.run { "run", "--once", "validate", "examples/spec.log" }
    assert.equal(1, code) -- they stand in the order of the chapters
    for line in out:gmatch "[^\n]+" do
      assert.truthy(line:find("destroyed", 1, true) or line:find("not seen to start", 1, true)
        or line:find("^8 lines, 5 errors"), line)
    end
  end)

  it("follows a folder, and at a stop does not mind what is open", function()
    local folder = support.folder()
    support.write_file(folder .. "/" .. NIGHT, calls.created(0) .. "\n")
    local p = support.spawn { "run", "validate", folder, "--from", "start", "--state",
      folder .. "/state" }
    support.append(folder .. "/" .. NIGHT, calls.left(0, 9, "ann") .. "\n")
    support.expect(function() return p:stdout():find("2: error: participantLeft", 1, true) end,
      function() return p:stdout() .. p:stderr() end)
    assert.equal(1, p:stop())
    assert.truthy(p:stdout():find("2 lines, 1 error, 0 warnings, 0 notes in 1 file\n$"))
  end)

  it("lets no control character through", function()
    local found = validate.findings {
      '{"par\\u001b[2Jx":{"timestamp":1}}', '{"participantLeft":{"sessionId":"\\u0007\\u009b\\n"}}',
      calls.created(0, "a\\u001b[31mb"), calls.created(0, "a\\u001b[31mb"), "\27[2J",
    }
    for _, line in ipairs(found) do assert.falsy(line:find "[%c]" or line:find "\xC2\x9B", line) end
    assert.truthy(table.concat(found):find("sessionCreated of a?[31mb", 1, true))
  end)
end)

-- Values of every kind in every key: what a line may say without a crash.
describe("validate, on anything,", function()
  after_each(support.clean)

  local values = { "null", "true", "-1", "9223372036854775807", "-9223372036854775808", "1e400",
    "1.5", '""', '"x"', "[]", "{}", '[{"a":[1]}]', '"' .. ("long"):rep(20000) .. '"' }

  it("never crashes", function()
    local lines = {}
    for _, line in ipairs(calls.good()) do
      for key in line:gmatch '"(%w+)":' do
        for _, value in ipairs(values) do
          for _, pattern in ipairs { '"[^"]*"', "[%d.]+", "true" } do
            local changed, count = line:gsub('("' .. key .. '":)' .. pattern,
              function(name) return name .. value end, 1)
            if count == 1 then lines[#lines + 1] = changed end
          end
        end
      end
    end
    local printed, code, errors = validate.files({ [NIGHT] = lines }, "--set", "level=note")
    assert.equal(1, code)
    assert.truthy(printed[#printed]:find("^" .. #lines .. " lines, "), printed[#printed])
    assert.falsy(errors:find("failure", 1, true), errors)
  end)

  it("never crashes on lines in any order", function()
    local good, lines = calls.good(), {}
    local seed = 1
    for i = 1, 3000 do
      seed = seed * 1103515245 + 12345 & 0x7fffffff
      lines[i] = good[seed // 65536 % #good + 1]
    end
    local printed, _, errors = validate.files({ [NIGHT] = lines })
    assert.truthy(printed[#printed]:find "^3000 lines, ")
    assert.falsy(errors:find("failure", 1, true), errors)
  end)
end)
