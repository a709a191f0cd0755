-- What can be asked of a window, whatever its kind: methods that Ring and Open share.
--
-- Both have self:cells_of(key), which gives a row and how many of its cells count; self.spots says
-- where they are.
local host = require "cdr.host"
local read = require "cdr.window.read"
local rows = require "cdr.window.rows"

local ask = {}

--- The last millisecond that counts: now, or in a timer's run the one before its due time.
function ask.moment()
  return host.is_timer() and host.now() - 1 or host.now()
end

--- What the n cells hold that self.spots tells of, as a table of what was asked for with `of`.
--- (`at` is where the one of an Open begins.)
function ask:result_of(row, n, at)
  local result = {}
  for _, word in ipairs(self.of) do
    local percent = self.percents[word]
    if percent then
      result[word] = read.percentile(self, row, n, percent)
    else
      result[word] = read[word](self, row, n, at)
    end
  end
  return result
end

local function asker(name, slot)
  return function(self, key)
    if slot and not self[slot] then
      error(('%s does not keep "%s": say so with of = { "%s" }'):format(self.title, name, name), 2)
    end
    return read[name](self, self:cells_of(key))
  end
end

--- Of what the key has in the window now: 0 or, where that would mean something, nil when nothing.
ask.count, ask.rate = asker "count", asker "rate"
ask.sum, ask.mean = asker("sum", "sum_at"), asker("mean", "sum_at")
ask.min, ask.max = asker("min", "min_at"), asker("max", "max_at")
ask.distinct = asker("distinct", "distinct_at")

--- percent is from 0 to 100; within 1 % of the value that has the rank.
function ask:percentile(key, percent)
  if not self.quantile_at then
    error(('%s keeps no percentiles: say so with of = { "p%s" }'):format(self.title, percent), 2)
  elseif type(percent) ~= "number" or not (percent >= 0 and percent <= 100) then
    error(self.title .. ": a percentile is a number from 0 to 100", 2)
  end
  local row, n = self:cells_of(key)
  return read.percentile(self, row, n, percent)
end

--- All that was asked for with `of` as one table; nil when the key has nothing in the window now.
function ask:get(key)
  local row, n, at = self:cells_of(key)
  return n > 0 and self:result_of(row, n, at) or nil
end

--- For each key that has something in the window now, in their order: key, result.
function ask:each()
  local keys, i = {}, 0
  for key in next, self.rows do keys[#keys + 1] = key end
  keys = rows.in_order(keys)
  return function()
    local result
    repeat
      i = i + 1
      result = keys[i] ~= nil and self:get(keys[i])
    until result or i > #keys
    return keys[i], result
  end
end

--- Forgets what was added to a key.
function ask:forget(key)
  if self.rows[key] then rows.drop(self, key) end
end

--- How many keys there are, and what was lost since the window began: events that came too late,
--- keys that went because there were too many.
function ask:stats()
  local note = rows.note(self)
  return { keys = self.store.count, late = note.late, evicted = note.evicted }
end

-- A time ahead of the clock is the clock's: one event from the far future must not end all windows.
function ask.check_time(w, time, now)
  if math.type(time) == "integer" then return time < now and time or now end
  error(w.title .. ": a time is an integer, in milliseconds", 3)
end

local function check_number(w, value)
  if type(value) == "number" and value - value == 0 then return end
  error(("%s: add(key, value): the value must be a finite number, not %s"):format(w.title,
    type(value) == "number" and value or "a " .. type(value)), 3)
end

local function check_any(w, value)
  if type(value) == "string" or type(value) == "number" then return end
  error(("%s: add(key, value): the value must be a text or a number, not a %s"):format(w.title,
    type(value)), 3)
end

--- What add has to check a value with; nil when any will do.
function ask.checker(w)
  return w.is_numeric and check_number or w.distinct_at and check_any or nil
end

return ask
