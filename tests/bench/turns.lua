-- Programs that do the same, run in turn; what each takes beside the first.
local turns = {}

function turns.capture(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

-- A folder with so many megabytes of a CDR file and rules that do nothing: its path, and theirs.
function turns.folder(megabytes)
  local folder = turns.capture "mktemp -d"
  local log, rules = folder .. "/cdr.log", folder .. "/rules.lua"
  assert(os.execute(("lua5.4 tests/bench/gen_cdr.lua --mb %s %s 2>/dev/null")
    :format(megabytes, log)))
  assert(io.open(rules, "w")):close()
  return folder, log, rules
end

-- Calls `work` with what a server wrote into its file, beside it while it runs.
function turns.beside(server, file, work)
  local pid = turns.capture(("touch %s; %s %s >/dev/null 2>&1 & echo $!")
    :format(file, server, file))
  while turns.capture("cat " .. file) == "" do os.execute "sleep 0.05" end
  local done, why = pcall(work, turns.capture("cat " .. file))
  os.execute("kill " .. pid)
  assert(done, why)
end

-- Seconds on the clock, and of processors, of one run.
local function measure(job)
  if job.before then assert(os.execute(job.before)) end
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  assert(file:write(job.run, " >/dev/null || echo failed\n"):flush())
  local text = turns.capture(([[bash -c 'TIMEFORMAT="%%3R %%3U %%3S"; time . %s' 2>&1]])
    :format(path))
  os.remove(path)
  local elapsed, user, system = text:match "^([%d.]+) ([%d.]+) ([%d.]+)$"
  if not elapsed then error(text) end
  return tonumber(elapsed), user + system
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

-- Runs each job (`name`, `run`, and what to do `before`) so many times, in turn, and prints the
-- medians. Returns the seconds on the clock and of processors, by name.
function turns.compare(runs, jobs)
  local clock, processor = {}, {}
  for round = 0, runs do
    for _, job in ipairs(jobs) do
      local elapsed, cpu = measure(job)
      if round == 0 then clock[job.name], processor[job.name] = {}, {} end
      if round > 0 then -- the first one warms up
        table.insert(clock[job.name], elapsed)
        table.insert(processor[job.name], cpu)
      end
    end
  end
  local first = jobs[1].name
  for _, job in ipairs(jobs) do
    clock[job.name], processor[job.name] = median(clock[job.name]), median(processor[job.name])
    print(("%-26s %7.3f s  %5.2f times  %7.3f s of processors  %5.2f times"):format(job.name,
      clock[job.name], clock[job.name] / clock[first], processor[job.name],
      processor[job.name] / processor[first]))
  end
  return clock, processor
end

return turns
