-- What is due later unless something comes first; tables in cdr.state keep which timer is theirs.
local time = require "cdr.time"
local timers = require "cdr.timers"

local deadlines = {}

local LEAST_S = 0.001 -- of a timer

local Deadline = {}
Deadline.__index = Deadline

--- fn(value, at) is called when one of that name is due.
function deadlines.new(name, fn)
  local deadline = setmetatable({ name = "alerts." .. name }, Deadline)
  timers.timer(deadline.name, fn)
  return deadline
end

--- Nothing happens any more at what is still due of that name.
function deadlines.drop(name) deadlines.new(name, function() end) end

--- Calls with the value at that time (ms), or at once when it is over: gives the number by which it
--- is taken back.
function Deadline:at(due, value)
  return timers.after(math.max(LEAST_S, (due - time.now()) / 1000), self.name, value).id
end

--- Takes back the one whose number stands in that field of a table.
function deadlines.clear(holder, field)
  if holder[field] then timers.cancel(holder[field]) end
  holder[field] = nil
end

--- Puts the number of a new one there: there is one at a time.
function Deadline:set(holder, field, due, value)
  deadlines.clear(holder, field)
  holder[field] = self:at(due, value)
end

--- Takes one back by its number.
deadlines.cancel = timers.cancel

return deadlines
