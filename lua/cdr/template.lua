-- cdr.template "{name}: {summary|cut:80}": a text with fields of a table in it.
--
-- {path} is a field; {alerts.1.summary} is one of a table in it. What is missing or null is "", a
-- table is its JSON. {path|filter|filter:argument} changes it first. {{ and }} are braces.
local host = require "cdr.host"

local LAST_MS = 253402300799999 -- of the year 9999
local UNITS = { { "d", 86400 }, { "h", 3600 }, { "min", 60 }, { "s", 1 } }

--- A date in UTC, so that a replay says the same on every machine.
local function date(format, ms)
  ms = math.tointeger(tonumber(ms))
  if not ms or ms < 0 or ms > LAST_MS then return nil end
  return os.date(format, ms // 1000), ms
end

--- The two largest units: "1 h 5 min".
local function duration(seconds)
  local rest = math.tointeger(math.floor(tonumber(seconds) or -1))
  if not rest or rest < 0 then return nil end
  local words = {}
  for _, unit in ipairs(UNITS) do
    local n = rest // unit[2]
    if #words < 2 and (n > 0 or (unit[1] == "s" and #words == 0)) then
      words[#words + 1] = ("%d %s"):format(n, unit[1])
    elseif #words == 1 then
      break
    end
    rest = rest % unit[2]
  end
  return table.concat(words, " ")
end

--- A field as text.
local function show(value)
  if value == nil or value == host.null then return "" end
  return type(value) == "table" and host.json_encode(value) or tostring(value)
end

--- At most so many characters, with a sign where something is missing.
local function cut(value, most)
  local text = show(value)
  local stop = utf8.len(text) and utf8.offset(text, most + 1) or most + 1
  return stop and stop <= #text and text:sub(1, stop - 1) .. "…" or text
end

local filters = {
  time = function(ms) return (date("!%Y-%m-%d %H:%M:%S UTC", ms)) end,
  iso = function(ms)
    local text, whole = date("!%Y-%m-%dT%H:%M:%S", ms)
    return text and ("%s.%03dZ"):format(text, whole % 1000)
  end,
  duration = duration,
  upper = function(value) return show(value):upper() end,
  lower = function(value) return show(value):lower() end,
  json = function(value) return value ~= nil and host.json_encode(value) or nil end,
  cut = cut,
  ["or"] = function(value, text) return show(value) ~= "" and value or text end,
}

--- What an argument must be, where there is one.
local arguments = {
  cut = function(text) return math.tointeger(tonumber(text)) end,
  ["or"] = tostring,
}

local function read_filter(text)
  local name, argument = text:match "^([^:]*):?(.*)$"
  local read = arguments[name]
  if not filters[name] then error(('cdr.template: no filter "%s"'):format(name), 0) end
  if not read and argument ~= "" then
    error(('cdr.template: the filter "%s" takes no argument'):format(name), 0)
  end
  local value = read and read(argument)
  if read and value == nil then
    error(('cdr.template: %s:%s is no number'):format(name, argument), 0)
  end
  return { change = filters[name], argument = value }
end

--- "a.1.b|upper" as { path = { "a", "1", "b" }, filters = { ... } }.
local function read_field(text)
  local path, rest = text:match "^([%w_.-]+)(.*)$"
  if not path or not rest:find "^|?" or (rest ~= "" and rest:sub(1, 1) ~= "|") then
    error(('cdr.template: no field: {%s}'):format(text), 0)
  end
  local field = { path = {}, filters = {} }
  for key in path:gmatch "[^.]+" do field.path[#field.path + 1] = key end
  for filter in rest:gmatch "|([^|]*)" do
    field.filters[#field.filters + 1] = read_filter(filter)
  end
  return field
end

--- The parts of a text: texts and fields in turn.
local function read(text)
  local parts, from = {}, 1
  while from <= #text do
    local at = text:find("[{}]", from) or #text + 1
    if at > from then parts[#parts + 1] = text:sub(from, at - 1) end
    local brace = text:sub(at, at)
    if brace ~= "" and text:sub(at + 1, at + 1) == brace then
      parts[#parts + 1], from = brace, at + 2
    elseif brace == "}" then
      error("cdr.template: a } has no { before it", 0)
    elseif brace == "{" then
      local stop = text:find("}", at, true) or error("cdr.template: a { has no } behind it", 0)
      parts[#parts + 1], from = read_field(text:sub(at + 1, stop - 1)), stop + 1
    else
      from = at
    end
  end
  return parts
end

local function find(value, path)
  for _, key in ipairs(path) do
    if type(value) ~= "table" then return nil end
    local found = value[key]
    if found == nil then found = value[tonumber(key)] end
    value = found
  end
  return value
end

local function fill(field, values)
  local value = find(values, field.path)
  if value == host.null then value = nil end
  for _, filter in ipairs(field.filters) do value = filter.change(value, filter.argument) end
  return show(value)
end

--- The text as a function render(values, escape): `escape(text)` is called with each field, not
--- with what stands around them. Raises for a text that is no template.
return function(text)
  if type(text) ~= "string" then error("cdr.template: takes a text", 2) end
  local right, parts = pcall(read, text)
  if not right then error(parts, 2) end
  return function(values, escape)
    local out = {}
    for i, part in ipairs(parts) do
      if type(part) == "table" then
        part = fill(part, values)
        if escape then part = escape(part) end
      end
      out[i] = part
    end
    return table.concat(out)
  end
end
