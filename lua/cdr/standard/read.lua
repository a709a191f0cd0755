-- Reads a signal: whether all is said that must be, and nothing else.
local host = require "cdr.host"
local signals = require "cdr.standard.signals"

local is = {
  string = function(value) return type(value) == "string" end,
  integer = function(value) return math.type(value) == "integer" and value >= 0 end,
  number = function(value) return type(value) == "number" and value >= 0 end,
  boolean = function(value) return type(value) == "boolean" end,
  list = function(value)
    if type(value) ~= "table" then return false end
    for i = 1, #value do
      if type(value[i]) ~= "string" then return false end
    end
    return true
  end,
}

local article = {
  integer = "an integer, 0 or more", number = "a number, 0 or more", list = "a list of strings",
}

local function check_key(verb, key, wanted, value)
  local kind, optional = wanted:match "^(%a+)(%??)$"
  if value == nil and optional == "?" then return true end
  if value == nil or value == "" and optional == "" then
    return nil, ("%s: %s is missing"):format(verb, key)
  end
  if not is[kind](value) then
    return nil, ("%s: %s must be %s"):format(verb, key, article[kind] or "a " .. kind)
  end
  return true
end

local function check_reason(verb, given)
  local known = signals.reasons[verb]
  if not known then return true end
  given.reason = given.reason or known[1]
  for _, word in ipairs(known) do
    if word == given.reason then return true end
  end
  return nil, ("%s: reason %q is none of %s"):format(verb, given.reason, table.concat(known, ", "))
end

-- In one order, so that the same mistake is told each time.
local sorted = {}
for verb, keys in pairs(signals.keys) do
  sorted[verb] = {}
  for key in pairs(keys) do table.insert(sorted[verb], key) end
  table.sort(sorted[verb])
end

local verbs = {}
for verb in pairs(signals.keys) do verbs[#verbs + 1] = verb end
table.sort(verbs)

local function unknown(verb)
  local near = host.nearest(verb, verbs)
  return ("unknown signal %q"):format(verb)
    .. (near and (' (did you mean "%s"?)'):format(near) or "")
end

-- A copy without what is null.
local function given_in(verb, signal)
  local keys, given = signals.keys[verb], {}
  for key, value in pairs(signal) do
    if key ~= "timestamp" and key ~= "event" and not keys[key] then
      return nil, ("%s: unknown key %q"):format(verb, tostring(key))
    end
    if value ~= host.null then given[key] = value end
  end
  return given
end

--- What is said of `verb`: a copy of `signal` without its nulls and with a reason where one
--- belongs; or nil and a sentence.
local function read(verb, signal)
  if not signals.keys[verb] then return nil, unknown(verb) end
  local given, problem = given_in(verb, signal)
  if not given then return nil, problem end
  local ok
  ok, problem = check_key(verb, "timestamp", "integer", given.timestamp)
  for _, key in ipairs(sorted[verb]) do
    if ok then ok, problem = check_key(verb, key, signals.keys[verb][key], given[key]) end
  end
  if ok then ok, problem = check_reason(verb, given) end
  return ok and given, problem
end

return read
