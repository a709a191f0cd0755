-- An alert's clock: when a thing happened, and one named timer for each alert.
--
-- What is to be done later is a word and a text: "row" KEY, "group" KEY, "flap" KEY. Whoever waits
-- is a table in cdr.state, which remembers its timer: `timer`, its number, and `due`.
local time = require "cdr.time"
local timers = require "cdr.timers"

local clock = {}

local LEAST_S, MOST_S = 0.001, 366 * 86400 -- of a timer

--- Makes the alert's timer; fn(alert, key, at) of `tasks` by the word is called when it is due.
function clock.start(alert, tasks)
  alert.timer = "cdr.alert." .. alert.name
  timers.timer(alert.timer, function(value, due)
    tasks[value[1]](alert, value[2], due)
  end)
end

--- As far as the clock can still go back to: nothing counts before.
function clock.floor() return math.min(time.watermark(), time.now()) end

--- When the event happened, as far as the clock can still go back to; without one: now.
function clock.time_of(event)
  local now = time.now()
  local at = event and math.tointeger(event.timestamp)
  if not at or at >= now then return now end
  return math.max(at, clock.floor())
end

--- Nothing is to be done any more.
function clock.disarm(waiting)
  if waiting.timer then timers.cancel(waiting.timer) end
  waiting.timer, waiting.due = nil, nil
end

--- Whether the timer of `waiting` is none of ours: the alert was another script's before.
function clock.is_strange(alert, waiting)
  return waiting.timer ~= nil and not timers.has(waiting.timer, alert.timer)
end

--- The timer that `waiting` had has run, or will never.
function clock.ran(waiting)
  waiting.timer, waiting.due = nil, nil
end

--- Comes again at `due`, or before: who is called looks what is due, and asks again.
function clock.arm(alert, waiting, word, key, due)
  if due and waiting.due and waiting.due <= due then return end
  clock.disarm(waiting)
  if not due then return end
  local now = time.now()
  due = math.min(due, now + MOST_S * 1000) -- what is later, a silence's end, is asked for again
  local seconds = math.max(LEAST_S, (due - now) / 1000)
  waiting.due, waiting.timer = due, timers.after(seconds, alert.timer, { word, key }).id
end

return clock
