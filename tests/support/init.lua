-- What specs of the program share: folders, files, processes and waiting with a deadline.
local native = require "native_process"

local support = {}

-- A sanitized program is many times slower; deadlines stretch with it.
local SLOWNESS = tonumber(os.getenv "CDRLUA_SLOWNESS") or 1
local SIGNALS = { HUP = 1, INT = 2, ABRT = 6, KILL = 9, USR1 = 10, TERM = 15, CONT = 18, STOP = 19 }

local folders, processes = {}, {}

support.slowness = SLOWNESS
support.soak = os.getenv "SOAK" == "1"
support.program = assert(native.realpath(os.getenv "CDRLUA" or "build/cdrlua")
  or os.getenv "CDRLUA" or "build/cdrlua")

-- The path of what was built for the specs beside the program.
function support.built(name)
  return assert(native.realpath(support.program:gsub("[^/]*$", "tests/" .. name)), name)
end

support.now, support.stat, support.mkdir = native.now, native.stat, native.mkdir
support.truncate, support.symlink, support.link = native.truncate, native.symlink, native.link
support.realpath = native.realpath

-- Time.

-- Calls `check` until it gives something true, and returns that; nil after `seconds` (10).
function support.wait_for(check, seconds)
  local deadline = native.now() + (seconds or 10) * SLOWNESS
  local pause_ms = 1
  while true do
    local found = check()
    if found then return found end
    if native.now() > deadline then return nil end
    native.sleep_ms(pause_ms)
    pause_ms = math.min(pause_ms * 2, 20)
  end
end

-- The same, and the spec fails when it does not come true. `what` may be a function.
function support.expect(check, what, seconds)
  local found = support.wait_for(check, seconds)
  if found then return found end
  if type(what) == "function" then what = what() end
  error("not within its time: " .. tostring(what or "the condition"), 2)
end

-- Files.

-- A new folder, removed by support.clean.
function support.folder()
  local folder = assert(native.mkdtemp(os.getenv "TMPDIR" or "/tmp"))
  folders[#folders + 1] = folder
  return folder
end

function support.read_file(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a"
end

local function put(path, mode, text)
  local file <close> = assert(io.open(path, mode))
  assert(file:write(text))
end

function support.write_file(path, text) put(path, "wb", text) end
function support.append(path, text) put(path, "ab", text) end
function support.rename(from, to) assert(os.rename(from, to)) end
function support.remove(path) assert(os.remove(path)) end

-- The names in a folder, sorted.
function support.list(folder)
  local _, text = support.run { program = "ls", "-A", folder }
  local names = {}
  for name in text:gmatch "[^\n]+" do names[#names + 1] = name end
  return names
end

-- Makes PATH.gz beside PATH, which stays.
function support.gzip(path)
  assert(support.run { program = "gzip", "-kf", path } == 0)
  return path .. ".gz"
end

-- Processes.

local Process = {}
Process.__index = Process

function Process:kill(name)
  return native.kill(self.pid, assert(SIGNALS[name or "TERM"], name))
end

-- What it has written so far; only where it was not given a pipe or a path.
function Process:stdout() return support.read_file(self.stdout_path) or "" end
function Process:stderr() return support.read_file(self.stderr_path) or "" end

-- How often it has said that on standard error.
function Process:said(text)
  return select(2, self:stderr():gsub(text:gsub("%p", "%%%0"), ""))
end

-- Waits until it has.
function Process:expect_said(text, seconds)
  support.expect(function() return self:said(text) > 0 end,
    function() return ("%q in: %s"):format(text, self:stderr()) end, seconds)
end

-- To its standard input, where that is "pipe".
function Process:write(text) return native.write(self.stdin, text) end

function Process:close_stdin()
  if self.stdin then native.close(self.stdin) end
  self.stdin = nil
end

-- From its standard output, where that is "pipe": bytes, "" at the end, nil after `seconds`.
function Process:read(seconds) return native.read(self.output, (seconds or 10) * SLOWNESS) end

-- Waits for its end: the exit code, or nil and "SIGNAL n". Fails after `seconds` (30).
function Process:wait(seconds)
  if not self.how then
    local how, number, use = native.wait(self.pid, (seconds or 30) * SLOWNESS)
    if not how then error(("%s after %s s: %s"):format(number, seconds or 30, self.command), 2) end
    self.how, self.number, self.use = how, number, use
    processes[self.pid] = nil
  end
  if self.how == "exit" then return self.number end
  return nil, "SIGNAL " .. self.number
end

function Process:is_alive()
  if self.how then return false end
  local how, number, use = native.wait(self.pid, 0)
  if how then
    self.how, self.number, self.use = how, number, use
    processes[self.pid] = nil
  end
  return not how
end

-- Asks it to end, and waits.
function Process:stop(seconds)
  self:kill "TERM"
  return self:wait(seconds)
end

-- A number of /proc/PID/status: "RssAnon" and "VmHWM" in KiB, "voluntary_ctxt_switches".
function Process:status(key)
  local text = support.read_file(("/proc/%d/status"):format(self.pid))
  return text and tonumber(text:match("\n" .. key .. ":%s*(%d+)"))
end

-- Seconds of processor time so far.
function Process:cpu()
  local text = support.read_file(("/proc/%d/schedstat"):format(self.pid))
  return text and tonumber(text:match "^%d+") / 1e9
end

-- Waits until the process has slept for so many seconds without once waking up.
function Process:expect_sleep(seconds)
  local count, since = -1, native.now()
  support.expect(function()
    local now = self:status "voluntary_ctxt_switches"
    if now ~= count then count, since = now, native.now() end
    return native.now() - since > seconds
  end, seconds .. " s without a wake-up", 20)
end

local function environment(given, folder)
  local words = { "env" }
  local options = os.getenv "CDRLUA_ASAN_OPTIONS"
  -- what the interpreter runs under is not the program's; another interpreter needs it too
  if options and given.program ~= "lua5.4" then
    words = { "env", "-u", "LD_PRELOAD", "ASAN_OPTIONS=" .. options }
  end
  local fixed = {
    "HOME=" .. folder, "XDG_STATE_HOME=" .. folder .. "/.state", "TZ=UTC", "LC_ALL=C.UTF-8",
    "no_proxy=127.0.0.1",
  }
  table.move(fixed, 1, #fixed, #words + 1, words)
  for name, value in pairs(given.env or {}) do words[#words + 1] = name .. "=" .. value end
  return words
end

local function open_output(how, path)
  if how == "pipe" then
    local from, to = assert(native.pipe())
    return to, from
  end
  return assert(native.open(how or path, how and "a" or "w"))
end

-- Starts cdrlua (or `program`) with the words given. Also: cwd; env = { NAME = value };
-- fsize, the most bytes a file may have; stdin = path | "pipe" (default: empty);
-- stdout, stderr = path (appended to) | "pipe" (stdout only); default: files to ask for.
function support.spawn(given)
  local folder = support.folder()
  local p = setmetatable({}, Process)
  local argv = environment(given, folder)
  argv[#argv + 1] = given.program or support.program
  table.move(given, 1, #given, #argv + 1, argv)
  p.command = table.concat(argv, " ")
  p.stdout_path = given.stdout or folder .. "/stdout"
  p.stderr_path = given.stderr or folder .. "/stderr"

  local input
  if given.stdin == "pipe" then
    input, p.stdin = assert(native.pipe())
  else
    input = assert(native.open(given.stdin or "/dev/null", "r"))
  end
  local output, from = open_output(given.stdout, p.stdout_path)
  local errors = open_output(given.stderr, p.stderr_path)
  p.output = from
  p.pid = assert(native.start {
    argv = argv, cwd = given.cwd, stdin = input, stdout = output, stderr = errors,
    fsize = given.fsize,
  })
  native.close(input)
  native.close(output)
  native.close(errors)
  processes[p.pid] = p
  return p
end

-- Runs to the end (`seconds`: 30, `input`: its standard input); gives the exit code (nil when a
-- signal ended it), standard output and standard error.
function support.run(given)
  if given.input then
    given.stdin = support.folder() .. "/input"
    support.write_file(given.stdin, given.input)
  end
  local p = support.spawn(given)
  local code = p:wait(given.seconds)
  return code, p:stdout(), p:stderr()
end

-- For after_each: ends what still runs and removes what was made.
function support.clean()
  for pid, p in pairs(processes) do
    native.kill(pid, SIGNALS.KILL)
    p:wait()
  end
  for _, folder in ipairs(folders) do os.execute("rm -rf '" .. folder .. "'") end
  folders, processes = {}, {}
end

return support
