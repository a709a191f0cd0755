-- What the report adds up, how it prints it, and that names of strangers do no harm in it.
local browser = require "tests.support.browser"
local rules = require "tests.support.rules"
local support = require "tests.support"

local CALLS = "tests/golden/report/day-table/input.jsonl"

-- The report on a file, by words of --set; TZ where it matters.
local function report(path, sets, zone)
  local words = { "run", "--once", "report", path, env = { TZ = zone or "UTC" } }
  for key, value in pairs(sets or {}) do
    table.move({ "--set", key .. "=" .. value }, 1, 2, #words + 1, words)
  end
  local code, out, err = support.run(words)
  assert.equal(0, code, err)
  assert.is_nil(err:find "%f[%a]error%f[%A]", err)
  return out
end

local function file_of(lines)
  local path = support.folder() .. "/calls.jsonl"
  support.write_file(path, table.concat(lines, "\n") .. "\n")
  return path
end

-- One who was in a session for a minute; `data` is JSON text.
local function visit(client, server, location)
  local person = ('"participantId":"con_1","location":"%s","platform":"Chrome 85.0 on Linux",'
    .. '"clientData":%s,"serverData":%s'):format(location or "unknown", client, server or '""')
  return {
    '{"sessionCreated":{"sessionId":"s","timestamp":1601394600000}}',
    ('{"participantJoined":{"sessionId":"s","timestamp":1601394600000,%s}}'):format(person),
    '{"participantLeft":{"sessionId":"s","timestamp":1601394660000,"startTime":1601394600000,'
      .. '"duration":60,"reason":"disconnect",' .. person .. "}}",
    '{"sessionDestroyed":{"sessionId":"s","timestamp":1601394660000,"startTime":1601394600000,'
      .. '"duration":60,"reason":"lastParticipantLeft"}}',
  }
end

-- Rows of a CSV report by their first cell, and the first cells in order. Cells are read as
-- RFC 4180 says.
local function parse(csv)
  local rows, names = {}, {}
  for line in (csv:gsub('"[^"]*"', function(cell) return (cell:gsub("[\r\n]", "¶")) end))
    :gmatch "(.-)\r\n" do
    local cells, rest = {}, line .. ","
    while rest ~= "" do
      local cell, after = rest:match '^"(.-)",(.*)$'
      if not cell then cell, after = rest:match "^([^,]*),(.*)$" end
      cells[#cells + 1], rest = cell, after
    end
    rows[cells[1]], names[#names + 1] = cells, cells[1]
  end
  return rows, names
end

local function key_of(client, path, server)
  local csv = report(file_of(visit(client, server)), { by = "user", user = path, format = "csv" })
  local _, names = parse(csv)
  return names[2]
end

-- What the events themselves say, read without the model.
local function sums_of(path)
  local sums = { participants = 0, seconds = 0, abnormal = 0, recordings = 0, bytes = 0 }
  for line in io.lines(path) do
    if line:find '^{"participantLeft"' then
      sums.participants = sums.participants + 1
      sums.seconds = sums.seconds + tonumber(line:match '"duration":(%d+)')
      if line:find '"reason":"networkDisconnect"' then sums.abnormal = sums.abnormal + 1 end
    elseif line:find '"status":"ready"' then
      sums.recordings = sums.recordings + 1
      sums.bytes = sums.bytes + tonumber(line:match '"size":(%d+)')
    end
  end
  return sums
end

local function generate(sessions)
  local path = support.folder() .. "/CDR.log"
  assert.equal(0, (support.run { program = "lua5.4", "tests/bench/gen_cdr.lua", "--sessions",
    tostring(sessions), "--seed", "7", path }))
  return path
end

describe("report", function()
  after_each(support.clean)

  it("adds up what the events say, by whatever it is asked", function()
    local path = generate(200)
    local sums = sums_of(path)
    for _, by in ipairs { "day", "session", "user", "country", "platform" } do
      local total = parse(report(path, { by = by, format = "csv" })).total
      assert.equal("200", total[2], by)
      assert.equal(tostring(sums.participants), total[3], by)
      assert.equal(tostring(sums.seconds), total[5], by)
      assert.equal(tostring(sums.recordings), total[8], by)
      assert.equal(tostring(sums.bytes), total[10], by)
      assert.equal(tostring(sums.abnormal), total[11], by)
    end
  end)

  it("comes to what a simulated server has in its own books", function()
    local folder = support.folder()
    local code, _, err = support.run { "run", "simulate", "--set", "sessions=150",
      "--set", "seed=3", "--set", "trouble=3", "--set", "books=" .. folder .. "/books.json",
      "-w", folder .. "/CDR.log" }
    assert.equal(0, code, err)
    local books = assert(support.read_file(folder .. "/books.json"))
    local function of(name)
      local sum = 0
      for number in books:match('"' .. name .. '":(%b{})'):gmatch ":(%d+)" do sum = sum + number end
      return sum
    end
    local total = parse(report(folder .. "/CDR.log", { by = "session", format = "csv" })).total
    assert.equal(books:match '"sessions":(%d+),"streams":%d+}%s*$', total[2])
    assert.equal(books:match '"participants":(%d+),"reasons"', total[3])
    assert.equal(books:match '"participantSeconds":(%d+)', total[5])
    assert.equal(of "sentSeconds", tonumber(total[6]))
    assert.equal(of "receivedSeconds", tonumber(total[7]))
    assert.equal(books:match '"recordings":(%d+)', total[8])
    assert.equal(tonumber(books:match '"recordingMilliseconds":(%d+)') / 1000, tonumber(total[9]))
    assert.equal(books:match '"recordingBytes":(%d+)', total[10])
  end)

  it("has rows that add up to the total, and to the same with `top`", function()
    local path = generate(60)
    for _, top in ipairs { "0", "7" } do
      local rows, names = parse(report(path, { by = "session", format = "csv", top = top }))
      assert.equal(top == "0" and 62 or 10, #names)
      for _, column in ipairs { 2, 3, 5, 6, 7, 8, 10, 11 } do
        local sum = 0
        for i = 2, #names - 1 do sum = sum + tonumber(rows[names[i]][column]) end
        assert.equal(tonumber(rows.total[column]), sum, "column " .. column)
      end
    end
  end)

  it("says by=sessionId as by=session", function()
    assert.equal(report(CALLS, { by = "session" }), report(CALLS, { by = "sessionId" }))
  end)

  it("counts a day in the time zone that it is given", function()
    local path = file_of(visit '"Mike"') -- at 15:50 UTC
    for zone, day in pairs { UTC = "2020-09-29", ["Asia/Tokyo"] = "2020-09-30",
      ["America/New_York"] = "2020-09-29", ["UTC+16"] = "2020-09-28" } do
      local _, names = parse(report(path, { format = "csv" }, zone))
      assert.same({ "day", day, "total" }, names, zone)
    end
  end)

  it("finds a user by a path into clientData or serverData", function()
    local nested = [["{\"user\":{\"id\":\"u-7\",\"n\":42,\"on\":true,\"list\":[\"a\",\"b\"]}}"]]
    assert.equal("u-7", key_of(nested, "clientData.user.id"))
    assert.equal("42", key_of(nested, "clientData.user.n"))
    assert.equal("true", key_of(nested, "clientData.user.on"))
    assert.equal("b", key_of(nested, "clientData.user.list.2"))
    assert.equal("u-7", key_of('""', "serverData.user.id", nested))
    assert.equal("Mike", key_of('"Mike"', "clientData"))
  end)

  it("calls a user unknown whom the path does not lead to", function()
    for _, client in ipairs { '"Mike"', '""', "null", "7", [["{\"user\":null}"]],
      [["{\"user\":{\"name\":1}}"]], [["[1,2]"]], [["{\"user\":\"\"}"]], [["\"user\""]] } do
      assert.equal("unknown", key_of(client, "clientData.user"), client)
    end
    assert.equal("unknown", key_of([["{\"user\":1}"]], "clientData"))
  end)

  it("keeps no more of a name than 200 bytes, in whole letters", function()
    local name = key_of('"' .. ("é"):rep(3000) .. '"', "clientData")
    assert.equal(("é"):rep(100), name)
    assert.equal("x" .. ("é"):rep(99), key_of('"x' .. ("é"):rep(3000) .. '"', "clientData"))
  end)

  it("groups platforms by browser and system", function()
    local families = {
      ["Chrome 85.0.4183.121 on Linux 64-bit"] = "Chrome on Linux",
      ["Chrome 85.0.4183.121 on Ubuntu 64-bit"] = "Chrome on Linux",
      ["Firefox 81.0 on Windows Server 2008 R2 / 7 64-bit"] = "Firefox on Windows",
      ["Safari 13.1.2 on OS X 10.15.6"] = "Safari on macOS",
      ["Safari 14.0 on Apple iPad (iOS 14.2)"] = "Safari on iOS",
      ["Chrome Mobile 85.0 on Samsung Galaxy S9 (Android 10)"] = "Chrome Mobile on Android",
      ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0 "
        .. "Safari/537.36"] = "Chrome on Linux",
      IPCAM = "IPCAM",
    }
    for platform, family in pairs(families) do
      local lines = visit '"Mike"'
      for i, line in ipairs(lines) do
        lines[i] = line:gsub("Chrome 85%.0 on Linux", function() return platform end)
      end
      local _, names = parse(report(file_of(lines), { by = "platform", format = "csv" }))
      assert.equal(family, names[2])
    end
  end)

  it("prints a table of at most 120 columns that no name can disturb", function()
    local name = [["\u001b[2J\r\n\t\u0000\u202e]] .. ("wide 東京 "):rep(40) .. '"'
    for _, by in ipairs { "user", "country", "session", "day", "platform" } do
      local out = report(file_of(visit(name, '""', ("x"):rep(300))), { by = by })
      assert.is_nil(out:find "[%c]\r" or out:find "\27" or out:find "\u{202E}", out)
      local lines = rules.lines(out)
      assert.equal(5, #lines, out)
      for _, line in ipairs(lines) do assert.is_true(utf8.len(line) <= 120, line) end
    end
  end)

  it("defuses names in CSV that a spreadsheet takes for a formula", function()
    for name, cell in pairs { ["=1+1"] = "'=1+1", ["@x"] = "'@x", ["-x"] = "'-x", ["+x"] = "'+x",
      [ [[\t=x]] ] = "'?=x", ["a=1"] = "a=1" } do
      assert.equal(cell, key_of('"' .. name .. '"', "clientData"))
    end
    local out = report(file_of(visit [["Mike, \"the\" one"]]), { by = "user", format = "csv" })
    assert.is_truthy(out:find('\r\n"Mike, ""the"" one",1,1,1,60,', 1, true), out)
  end)

  it("prints JSON that has names as they came", function()
    local folder = support.folder()
    local name = [[a\u001b\"<b>\n]]
    local out = report(file_of(visit('"' .. name .. '"')), { by = "user", format = "json" })
    support.write_file(folder .. "/report.json", out)
    local result = rules.run(([[
      local text = io.open("%s/report.json"):read "a"
      local report = assert(cdr.json.decode(text))
      print(report.by, #report.rows, report.rows[1].user == "a\27\"<b>\n")
      print(report.total.participantSeconds, report.rows[1].recordings == cdr.null)
      print(report.reasons.disconnect)]]):format(folder), {})
    assert.same({ "user\t1\ttrue", "60\ttrue", "1" }, result.lines)
  end)

  it("tells of an empty input too", function()
    local path = file_of {}
    assert.matches("\ntotal +0 +0 +0 +0.0", report(path))
    assert.equal(2, #select(2, parse(report(path, { format = "csv" }))))
    assert.matches('"rows":%[\n%],\n"total"', report(path, { format = "json" }))
    assert.matches("Nothing to show", report(path, { format = "html" }))
  end)

  it("goes on over values of any kind", function()
    local lines = visit '"Mike"'
    for _, bad in ipairs { "null", "-5", "1e308", "9223372036854775807", '"x"', "[]", "{}" } do
      for _, key in ipairs { "timestamp", "startTime", "duration", "reason", "participantId",
        "location", "platform", "clientData", "sessionId", "size" } do
        lines[#lines + 1] = ('{"participantLeft":{"sessionId":"t","timestamp":1601394660000,'
          .. '"participantId":"p","%s":%s}}'):format(key, bad)
        lines[#lines + 1] = ('{"recordingStatusChanged":{"sessionId":"t","id":"r",'
          .. '"timestamp":1601394660000,"status":"ready","%s":%s}}'):format(key, bad)
      end
    end
    local path = file_of(lines)
    for _, by in ipairs { "day", "session", "user", "country", "platform" } do
      for _, format in ipairs { "table", "csv", "json", "html" } do
        assert.is_nil(report(path, { by = by, format = format }):find "%f[%a]nan%f[%A]")
      end
    end
  end)

  it("says what it cannot do", function()
    for set, message in pairs {
      ["by=week"] = "must be session, user, day, country or platform",
      ["format=pdf"] = "must be table, csv, json or html",
      ["user=name"] = "must begin with clientData or serverData",
      ["top=many"] = "must be a number",
      ["top=-1"] = "must be 0 or a number of rows",
    } do
      local by = set:find "^user" and "by=user" or set
      local code, _, err = support.run { "run", "--once", "report", CALLS, "--set", set, "--set",
        by }
      assert.equal(2, code, set)
      assert.is_truthy(err:find(set, 1, true) and err:find(message, 1, true), err)
    end
  end)
end)

describe("report as an HTML page", function()
  after_each(support.clean)

  local function page(sets)
    sets.format = "html"
    return report(CALLS, sets)
  end

  it("shows its numbers and bars in a browser, loads nothing, and is quiet", function()
    local facts = browser.look(page { by = "country" })
    assert.matches("\nGermany\t3\t4\t2\t71.0\t40.0\t61.0\t", facts.text)
    assert.matches("\ntotal\t5\t11\t3\t186.7\t", facts.text)
    assert.matches("Minutes of participants by country\nGermany\n71.0\nFrance\n49.9", facts.text)
    assert.matches("networkDisconnect\n1\n", facts.text)
    assert.equal(6 + 6 + 6, select(2, facts.bars:gsub("%d+", "")))
    local longest, second = facts.bars:match "^(%d+) (%d+)"
    assert.is_true(math.abs(longest / second - 71.0 / 49.9) < 0.02, facts.bars)
    assert.equal("false 0 0", facts.overflows .. " " .. facts.loaded .. " " .. facts.strange)
    assert.equal("", facts.console)
  end)

  it("is dark for those who like it so", function()
    local light, dark = browser.look(page {}), browser.look(page {}, true)
    assert.equal("rgb(255, 255, 255)", light.paper)
    assert.equal("rgb(20, 24, 29)", dark.paper)
    assert.are_not.equal(light.ink, dark.ink)
  end)

  it("shows strangers' names as they are and lets none of them in", function()
    local facts = browser.look(page { by = "user", user = "clientData.user.name" })
    assert.matches('\n<b>Bob</b> & "friends"\t1\t', facts.text)
    assert.equal("0", facts.strange)
    local name = '"</title></text><script>document.title=1</script><img src=http://127.0.0.1:9/>"'
    facts = browser.look(report(file_of(visit(name)), { by = "user", format = "html" }))
    assert.equal("0 0", facts.loaded .. " " .. facts.strange)
    assert.is_truthy(facts.text:find("<script>document.title=1</script>", 1, true), facts.text)
    assert.equal("", facts.console)
  end)

  it("would be seen to load something if it did", function()
    local broken = page({}):gsub("</body>", '<img src="http://127.0.0.1:9/x.png"></body>')
    local facts = browser.look(broken)
    assert.equal("1", facts.strange)
    assert.matches("Content Security Policy", facts.console)
  end)
end)
