-- Times that come again, in the machine's time zone: "02:30", "hourly", a line of cron.
--
-- A line has five fields, minute hour day month weekday: numbers, `*`, lists `1,15`, ranges `8-18`,
-- steps `*/5`, and names (`mon`, `jan`). As in cron, where both day and weekday are said one of
-- them is enough. A local time that the change of summer time leaves out does not come on that day,
-- one that it has twice comes twice; "02:30" comes exactly once a day.
local cron = {}

local MINUTE, HOUR = 60, 3600
local YEARS = 9 -- 29 February may be that far

local fields = {
  { name = "minute", first = 0, last = 59 },
  { name = "hour", first = 0, last = 23 },
  { name = "day", first = 1, last = 31 },
  { name = "month", first = 1, last = 12,
    names = "jan feb mar apr may jun jul aug sep oct nov dec" },
  { name = "weekday", first = 0, last = 7, names = "sun mon tue wed thu fri sat" },
}

for _, field in ipairs(fields) do
  local numbers, n = {}, field.first
  for name in (field.names or ""):gmatch "%a+" do
    numbers[name], n = n, n + 1
  end
  field.numbers = numbers
end

local function number(field, word)
  local n = field.numbers[word:lower()] or math.tointeger(tonumber(word))
  if n and n >= field.first and n <= field.last then return n end
end

local function range(field, text)
  if text == "*" then return field.first, field.last end
  local from, to = text:match "^(%w+)%-(%w+)$"
  from, to = number(field, from or text), number(field, to or text)
  if from and to and from <= to then return from, to end
end

-- { [n] = true } for the numbers that the field matches.
local function parse_field(field, text)
  local set = {}
  for part in (text .. ","):gmatch "([^,]*)," do
    local span, step = part:match "^(.-)/(%d+)$"
    step = step and math.tointeger(tonumber(step)) or 1
    local from, to = range(field, span or part)
    if not from or step < 1 then return nil, ('"%s" is no %s'):format(part, field.name) end
    if span and from == to then to = field.last end
    for n = from, to, step do set[n] = true end
  end
  return set
end

local function parse_line(line)
  local words, sets = {}, {}
  for word in line:gmatch "%S+" do words[#words + 1] = word end
  if #words ~= 5 then return nil, ('"%s": a line of cron has five fields'):format(line) end
  for i, field in ipairs(fields) do
    local set, problem = parse_field(field, words[i])
    if not set then return nil, problem end
    sets[field.name], sets[field.name .. "_said"] = set, words[i]:sub(1, 1) ~= "*"
  end
  if sets.weekday[7] then sets.weekday[0] = true end
  return sets
end

local function has_day(sets, date)
  local day, weekday = sets.day[date.day], sets.weekday[date.wday - 1]
  if sets.day_said and sets.weekday_said then return day or weekday end
  return day and weekday
end

-- The first second behind `t` at which the first field that does not match may change.
local function skip(sets, t, date)
  if not sets.month[date.month] then
    return os.time { year = date.year, month = date.month + 1, day = 1, hour = 0 }
  elseif not has_day(sets, date) then
    return os.time { year = date.year, month = date.month, day = date.day + 1, hour = 0 }
  elseif not sets.hour[date.hour] then
    return t + HOUR - date.min * MINUTE
  elseif not sets.minute[date.min] then
    return t + MINUTE
  end
end

local function next_match(sets, after)
  local t = (after // 60000 + 1) * MINUTE
  local latest = t + YEARS * 366 * 24 * HOUR
  while t < latest do
    local to = skip(sets, t, os.date("*t", t))
    if not to then return t * 1000 end
    t = math.max(to, t + MINUTE)
  end
end

local function next_daily(hour, minute, after)
  local date = os.date("*t", after // 1000)
  for day = date.day, date.day + 2 do
    date.day, date.hour, date.min, date.sec, date.isdst = day, hour, minute, 0, nil
    local due = os.time(date) * 1000
    if due > after then return due end
  end
end

--- The function that tells the next time, both in milliseconds since 1970: next(after_ms), nil when
--- there is none. `nil, sentence` for a text that is none of the above.
function cron.parse(text)
  if type(text) ~= "string" then
    return nil, 'a time is needed, such as "02:30" or "*/5 * * * *"'
  end
  local hour, minute = text:match "^(%d%d?):(%d%d)$"
  hour, minute = math.tointeger(tonumber(hour)), math.tointeger(tonumber(minute))
  if hour and hour < 24 and minute < 60 then
    return function(after) return next_daily(hour, minute, after) end
  end
  local sets, problem = parse_line(text == "hourly" and "0 * * * *" or text)
  if not sets then return nil, problem end
  if not next_match(sets, 0) then return nil, ('"%s" never comes'):format(text) end
  return function(after) return next_match(sets, after) end
end

return cron
