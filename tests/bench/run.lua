-- Compares cdrlua with Node and with Lua + lua-cjson: run.lua BUILD MEGABYTES RUNS
--
-- Whole processes, in turn (A B C A B C ...), pinned to one processor, after one round that is not
-- counted; the figures are medians of user + system time. Every output is compared with the first
-- program's, whatever the order of lines and keys. Compare only rows of one run with each other:
-- machines drift.
package.path = "./?.lua;./?/init.lua;" .. package.path
local build, megabytes, runs = arg[1], tonumber(arg[2]), tonumber(arg[3])
package.cpath = build .. "/tests/?.so;" .. package.cpath

local json = require "cjson"
local native = require "native_process"

local JOBS = { "h1", "h2", "h3", "sel" }
local folder = build .. "/bench"
local cdrlua = build .. "/cdrlua"

-- Running.

local function start(words, output)
  local empty = assert(native.open("/dev/null", "r"))
  local to = assert(native.open(output, "w"))
  local pid = assert(native.start { argv = words, stdin = empty, stdout = to })
  native.close(empty)
  native.close(to)
  return pid
end

local function finish(pid, words)
  local how, number, use = native.wait(pid, 600)
  if how ~= "exit" or number ~= 0 then
    error(("%s: %s %s"):format(table.concat(words, " "), how, number))
  end
  return use
end

local function capture(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

local processor = tonumber(capture "nproc") - 1

-- A child's peak begins at its parent's size, so that time(1) stands between.
local function measure(words, output)
  local all = { "taskset", "-c", tostring(processor), "/usr/bin/time", "-q", "-f", "%M",
    "-o", output .. ".peak" }
  table.move(words, 1, #words, #all + 1, all)
  local use = finish(start(all, output), all)
  local peak <close> = assert(io.open(output .. ".peak"))
  return { cpu = use.user + use.system, peak = peak:read "n" }
end

-- Data.

local function is_there(path) return native.stat(path) ~= nil end

local function run_shell(command) assert(os.execute(command), command) end

local function data(mb)
  local path = ("%s/cdr-%d.log"):format(folder, mb)
  if not is_there(path) then
    run_shell(("lua5.4 tests/bench/gen_cdr.lua --mb %d --seed 1 %s.new"):format(mb, path))
    assert(os.rename(path .. ".new", path))
  end
  return path
end

local function five_times(path)
  local path5 = path:gsub("%.log$", "-x5.log")
  if not is_there(path5) then
    run_shell(("cat %s %s %s %s %s > %s"):format(path, path, path, path, path, path5))
  end
  return path5
end

local function count_lines(path) return tonumber(capture("wc -l < " .. path)) end

-- Outputs, whatever their order: how often each line comes, keys sorted, {"NAME":{...}} as flat.

local function canonical(line)
  if line:sub(1, 1) ~= "{" then return line end
  local event = json.decode(line)
  local name, inner = next(event)
  if type(inner) == "table" and next(event, name) == nil then
    event, inner.event = inner, name
  end
  local members = {}
  for key, value in pairs(event) do members[#members + 1] = key .. "=" .. tostring(value) end
  table.sort(members)
  return table.concat(members, "\0")
end

local function lines_of(path)
  local counts = {}
  for line in io.lines(path) do
    line = canonical(line)
    counts[line] = (counts[line] or 0) + 1
  end
  return counts
end

local function are_equal(a, b)
  for line, count in pairs(a) do
    if b[line] ~= count then return false end
  end
  for line in pairs(b) do
    if not a[line] then return false end
  end
  return true
end

-- Programs.

local function cdrlua_words(job, file)
  local words = { cdrlua, "run", "--once", "tests/bench/" .. job .. ".lua", file }
  if job == "h2" then table.move({ "-w", "-" }, 1, 2, #words + 1, words) end
  return words
end

local programs = {
  { name = "cdrlua", words = cdrlua_words },
  {
    name = "Node " .. capture "node --version",
    words = function(job, file) return { "node", "tests/bench/peers/job.js", job, file } end,
  },
  {
    name = "Lua 5.4 + lua-cjson",
    words = function(job, file) return { "lua5.4", "tests/bench/peers/job.lua", job, file } end,
  },
}

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

local function run_job(job, file)
  local rows, reference = {}, nil
  for i, program in ipairs(programs) do rows[i] = { name = program.name, cpu = {}, peak = 0 } end
  for round = 0, runs do
    for i, program in ipairs(programs) do
      local output = ("%s/%s-%d.out"):format(folder, job, i)
      local use = measure(program.words(job, file), output)
      if round == 0 then
        local lines = lines_of(output)
        reference = reference or lines
        rows[i].same = are_equal(reference, lines)
      else
        table.insert(rows[i].cpu, use.cpu)
        rows[i].peak = math.max(rows[i].peak, use.peak)
      end
    end
  end
  for _, row in ipairs(rows) do row.cpu = median(row.cpu) end
  return rows
end

-- Telling.

local differs = false

local function say(...)
  print(string.format(...))
  io.stdout:flush()
end

local function bar(what, value, most)
  say("bar: %s %.3f <= %.3f: %s", what, value, most, value <= most and "yes" or "NO")
end

local function tell_job(job, rows, lines, bytes)
  for _, row in ipairs(rows) do
    say("| %s | %s | %.3f | %.0f | %.0f | %.2f | %.2f | %.1f | %s |", job, row.name, row.cpu,
      row.cpu / lines * 1e9, bytes / 1e6 / row.cpu, row.cpu / rows[2].cpu,
      row.cpu / rows[3].cpu, row.peak / 1024, row.same and "same" or "DIFFERS")
    differs = differs or not row.same
  end
end

local function compare(file)
  local lines, bytes = count_lines(file), native.stat(file).size
  say("%d lines, %.1f MB; median of %d runs, in turn; processor time, user + system\n",
    lines, bytes / 1e6, runs)
  say "| job | program | CPU s | ns/line | MB/s | of Node | of Lua | peak MiB | output |"
  say "|---|---|---|---|---|---|---|---|---|"
  local results = {}
  for _, job in ipairs(JOBS) do
    results[job] = run_job(job, file)
    tell_job(job, results[job], lines, bytes)
  end
  say ""
  for _, job in ipairs { "h1", "h2", "h3" } do
    local rows = results[job]
    bar(job .. ": of Node's time", rows[1].cpu / rows[2].cpu, 1.2)
    bar(job .. ": of Lua + lua-cjson's time", rows[1].cpu / rows[3].cpu, 0.65)
  end
  bar("a rule on 2 % of the events, of a rule on all", results.sel[1].cpu / results.h1[1].cpu,
    1 / 8)
end

-- RssAnon: without the shared libraries, whose pages belong to everybody. 0 before the program
-- stands in the place of this one, nil after its end.
local function rss_anon_kib(pid)
  local file <close> = io.open(("/proc/%d/status"):format(pid))
  local text = file and file:read "a" or ""
  if not text:find "^Name:%s*cdrlua" then return text:find "RssAnon" and 0 end
  return tonumber(text:match "RssAnon:%s*(%d+)")
end

local function peak_kib(words)
  local pid, most = start(words, folder .. "/memory.out"), 0
  for kib in rss_anon_kib, pid do
    most = math.max(most, kib)
    native.sleep_ms(5)
  end
  finish(pid, words)
  return most
end

local function memory(file)
  local most = peak_kib(cdrlua_words("h1", file))
  say("\nreading %.0f MB with a counting script: at most %.1f MiB (RssAnon)",
    native.stat(file).size / 1e6, most / 1024)
  bar("MiB while reading", most / 1024, 8)
end

-- The built-in report beside h3, in turn; then its memory, of which rows have their part.

local REPORTS = { "day", "country", "session", "user" }

local function report_words(by, file)
  return { cdrlua, "run", "--once", "report", file, "--set", "by=" .. by, "--set",
    "user=serverData.user" }
end

local function time_reports(file)
  local times = { h3 = {} }
  for _, by in ipairs(REPORTS) do times[by] = {} end
  for round = 0, runs do
    local function time(name, words)
      local use = measure(words, folder .. "/report.out")
      if round > 0 then table.insert(times[name], use.cpu) end
    end
    time("h3", cdrlua_words("h3", file))
    for _, by in ipairs(REPORTS) do time(by, report_words(by, file)) end
  end
  return times
end

local function reports(file)
  local times = time_reports(file)
  local h3, least = median(times.h3), nil
  for _, by in ipairs(REPORTS) do
    local kib = peak_kib(report_words(by, file))
    local rows = count_lines(folder .. "/memory.out") - 4
    say("\nreport by %s: %.2f s, %d rows, at most %.1f MiB (RssAnon)", by, median(times[by]),
      rows, kib / 1024)
    bar("of h3's time", median(times[by]) / h3, 2.5)
    if least and rows > 1000 then
      bar("bytes a row", (kib - least) * 1024 / rows, 400)
    else
      bar("MiB", kib / 1024, 64)
      least = kib
    end
  end
end

-- What latency.c tells of a command, by name; {FILE} is the file to follow.
local function follow(command)
  run_shell(("rm -rf %s/state"):format(folder))
  local live = folder .. "/live.log"
  local text = capture(("%s/latency %s 1000 100 10 %s 2> %s/latency.err"):format(folder, live,
    command:gsub("{FILE}", live), folder))
  local values = {}
  for name, value in text:gmatch "([%w_]+)=(%-?[%d.]+)" do values[name] = tonumber(value) end
  return setmetatable(values, { __index = function() return 1 / 0 end })
end

local CDRLUA_FOLLOWS = cdrlua .. " run tests/bench/forward.lua -w - --state " .. folder
  .. "/state {FILE}"
local TAIL_FOLLOWS = "tail -n +1 -F {FILE}"

-- Runs `measure` while every processor is kept from sleeping by work of the lowest priority.
local function awake(look)
  local spin = "for i in $(seq $(nproc)); do "
    .. "nice -n 19 timeout 60 sh -c 'while :; do :; done' > /dev/null 2>&1 & echo $!; done"
  local pids = capture(spin)
  local result = look()
  run_shell("kill " .. pids:gsub("%s+", " ") .. " 2> /dev/null || :")
  return result
end

-- A processor that sleeps takes its time to wake, on some machines more than the program takes:
-- `tail -F` shows how much. What the program itself takes is seen when they are kept awake.
local function latency()
  local rows = {
    { "cdrlua", follow(CDRLUA_FOLLOWS) },
    { "tail -F", follow(TAIL_FOLLOWS) },
    { "cdrlua, processors awake", awake(function() return follow(CDRLUA_FOLLOWS) end) },
    { "tail -F, processors awake", awake(function() return follow(TAIL_FOLLOWS) end) },
  }
  say "\n1000 appends, 100 a second, from append to output; then idle for 10 s\n"
  say "| program | median us | 99 %% us | max us | wake-ups | CPU us idle | RssAnon MiB idle |"
  say "|---|---|---|---|---|---|---|"
  for _, row in ipairs(rows) do
    local v = row[2]
    say("| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.1f |", row[1], v.median_us, v.p99_us, v.max_us,
      v.wakeups, v.cpu_us, v.rss_anon_kib / 1024)
  end
  say ""
  bar("median us from append to handler, awake", rows[3][2].median_us, 50)
  bar("99 % us from append to handler", rows[1][2].p99_us, 250)
  bar("MiB when idle", rows[1][2].rss_anon_kib / 1024, 4)
end

local file = data(megabytes)
compare(file)
memory(five_times(file))
reports(file)
latency()
os.exit(not differs)
