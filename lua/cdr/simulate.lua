-- A simulated OpenVidu server: a world of conferences in which sessions begin as people work.
local outage = require "cdr.simulate.outage"
local session = require "cdr.simulate.session"
local world = require "cdr.simulate.world"

-- How much of a day's sessions begin in each hour, from midnight (UTC).
local hours = {
  2, 1, 1, 1, 2, 5, 15, 40, 80, 100, 95, 80, 60, 75, 95, 90, 70, 50, 45, 40, 30, 20, 10, 5,
}
local sum = 0
for _, weight in ipairs(hours) do sum = sum + weight end

-- How many events a session has on average; it makes `rate` out of the sessions that begin.
local EVENTS_OF_A_SESSION = 37

local function gap_by_hour(perday)
  return function(w)
    local weight = hours[w.now // 3600000 % 24 + 1]
    return w.chance:lasting(3600 * sum / (perday * weight))
  end
end

local function gap_by_rate(rate)
  return function(w) return w.chance:lasting(EVENTS_OF_A_SESSION / rate) end
end

local function arrive(w, options, gap, left)
  session.begin(w)
  outage.perhaps(w, options.trouble)
  if left > 1 then w:later(gap(w), arrive, options, gap, left - 1) end
end

local simulate = {}

--- A world (cdr/simulate/world.lua) that begins at `now`, milliseconds. Of `options`:
---   sessions  how many begin
---   seed      any integer: the same options give the same events
---   perday    how many begin in a day, most of them at peak hours; or
---   rate      how many events there are in a second on average, day and night (0: by perday)
---   trouble   how much more often than usual the server or its media server fails (1)
---   profile   "2.16" or "2.32"; autostop, in seconds; users, how many different ones there are
function simulate.new(now, options)
  local w = world.new(now, options)
  local gap = options.rate > 0 and gap_by_rate(options.rate) or gap_by_hour(options.perday)
  w:later(gap(w), arrive, options, gap, options.sessions)
  return w
end

--- Midnight (UTC) of "yyyy-mm-dd" in milliseconds, or nil.
function simulate.midnight(date)
  local year, month, day = date:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)$"
  if not year then return nil end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  -- Days from 1970 in years that begin with March, so that a leap day is the last.
  if month <= 2 then year, month = year - 1, month + 12 end
  local days = 365 * year + year // 4 - year // 100 + year // 400
    + (153 * (month - 3) + 2) // 5 + day - 719469
  return days * 86400000
end

return simulate
