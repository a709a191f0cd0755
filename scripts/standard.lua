-- Makes the standard events out of signals (--set profile=2.16|2.32 autostop=120 geo=PATH,PATH).
local cdr = require "cdr"
local standard = require "cdr.standard"

local opt = cdr.options { profile = "2.16", autostop = 120, geo = {} }

-- --set geo=auto: the usual databases; without it, `location` is what the signals say.
local geo = opt.geo[1] and cdr.geo.open(opt.geo[1] ~= "auto" and opt.geo or nil)

local server = standard.new({}, {
  profile = opt.profile, autostop = opt.autostop, emit = cdr.emit, geo = geo,
})

-- What is no signal is no event either.
cdr.fail_closed()

-- Alone on the road and without -w, the events are meant for standard output.
local output = #cdr.args.scripts == 1 and not cdr.args.forwards and cdr.sink "-"
if output then server.options.emit = function(event) output:send(event) end end

cdr.on("*", function(signal)
  local now = math.tointeger(signal.timestamp)
  if now then server:advance(now) end
  local ok, problem = server:happened(signal.event, signal)
  if not ok then error(problem, 0) end
  if signal.event == "serverStarted" then cdr.begin_file() end
  return false
end)
