-- Compares forwarding over HTTP in batches with a plain libcurl program that posts the same bodies:
-- make build/cdrlua build/bench/http && lua5.4 tests/bench/http.lua build MEGABYTES RUNS
--
-- Both post to the same receiver, in turn; the figures are medians of elapsed time.
local build, megabytes, runs = arg[1] or "build", arg[2] or "60", tonumber(arg[3] or 5)

local function capture(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

local folder = capture "mktemp -d"
local log, port, rules = folder .. "/cdr.log", folder .. "/port", folder .. "/rules.lua"

local function elapsed(command)
  local text = capture(("/usr/bin/time -f %%e %s 2>&1 >/dev/null"):format(command))
  return tonumber(text:match "([%d.]+)$") or error(text)
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

local function run()
  assert(os.execute(("lua5.4 tests/bench/gen_cdr.lua --mb %s %s >&2"):format(megabytes, log)))
  assert(io.open(rules, "w")):close()
  while capture("cat " .. port) == "" do os.execute "sleep 0.05" end
  local url = "http://127.0.0.1:" .. capture("cat " .. port) .. "/"
  local forward = ("%s/cdrlua run --log-level error --once %s %s -w '%s#body=ndjson&shape=%%s'")
    :format(build, rules, log, url)
  local jobs = {
    { "plain libcurl", ("%s/bench/http post %s %s 100"):format(build, url, log) },
    { "cdrlua, lines as they are", forward:format "same" },
    { "cdrlua, webhook's shape", forward:format "webhook" },
  }
  for _ = 0, runs do
    for _, job in ipairs(jobs) do table.insert(job, elapsed(job[2])) end
  end
  local first
  for _, job in ipairs(jobs) do
    local seconds = median { table.unpack(job, 4) } -- the first round does not count
    first = first or seconds
    print(("%-26s %6.2f s  %5.2f times"):format(job[1], seconds, seconds / first))
  end
end

local server = capture(("touch %s; %s/bench/http serve %s >/dev/null 2>&1 & echo $!")
  :format(port, build, port))
local done, why = pcall(run)
os.execute("kill " .. server .. "; rm -r " .. folder)
assert(done, why)
