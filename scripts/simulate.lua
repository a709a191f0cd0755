-- Simulates a server with its conferences (--set sessions=100 seed=1 rate=0 profile=2.16).
local cdr = require "cdr"
local simulate = require "cdr.simulate"

local opt = cdr.options {
  sessions = 100, seed = 1, rate = 0, perday = 1000, start = "", users = 200, autostop = 120,
  profile = "2.16", trouble = 1, books = "",
}

local function check(good, what) if not good then error("--set " .. what, 0) end end
check(opt.sessions >= 1, "sessions: must be at least 1")
check(math.tointeger(opt.seed), "seed: must be an integer")
check(opt.perday > 0 and opt.rate >= 0, "perday: must be above 0, and rate 0 or more")

-- With a rate it is live: it begins now, and each event comes when it happens.
local live = opt.rate > 0
local date = opt.start ~= "" and opt.start or "2020-09-29"
local begins = live and opt.start == "" and cdr.time.wall() or simulate.midnight(date)
check(begins, "start: must be a date, as 2020-09-29")

local world = simulate.new(begins, opt)
local ahead = begins - cdr.time.wall()

-- Alone on the road and without -w, the events are meant for standard output.
if #cdr.args.scripts == 1 and not cdr.args.forwards then
  local output = cdr.sink "-"
  cdr.on("*", function(event) output:send(event) end)
end

local function wait()
  local early = world.now - ahead - cdr.time.wall()
  if early > 0 then cdr.sleep(early / 1000) end
end

cdr.source(function()
  local event = world:next()
  while event == false do
    cdr.begin_file()
    event = world:next()
  end
  if live and event then wait() end
  return event
end)

-- --set books=FILE: what a reader of the events must come to, as one line of JSON.
cdr.on("input.ended", function()
  if opt.books ~= "" then cdr.sink(opt.books):write(cdr.json.encode(world.books)) end
end)
