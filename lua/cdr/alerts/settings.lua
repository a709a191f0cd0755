-- What may be set: which rules there are, and their numbers.
--
-- A rule is { name =, options =, start = fn(make, opt) }, switched off by `--set RULE=off`. Each of
-- its options is { usual, least, most } or a text, and set by `--set RULE_NAME=value`; where the
-- least is a whole number, all are. start makes the rule's alert with make { ... }; `deadline`
-- names what it may have left to be done when it was not yet switched off.
local cdr = require "cdr"
local deadlines = require "cdr.alerts.deadlines"
local host = require "cdr.host"

local settings = {}

local function usual(value) return type(value) == "table" and value[1] or value end

-- What cdr.options is asked for: everything that rules and the script may be told.
local function defaults_of(rules, more)
  local defaults = {}
  for name, value in pairs(more) do defaults[name] = value end
  for _, rule in ipairs(rules) do
    defaults[rule.name] = true
    for name, value in pairs(rule.options) do defaults[rule.name .. "_" .. name] = usual(value) end
  end
  return defaults
end

local function check(key, value, range)
  if type(range) ~= "table" then return value end
  local least, most = range[2], range[3] or 1000000
  local is_whole = math.tointeger(least) ~= nil
  if value ~= value or value < least or value > most then
    error(("--set %s=%s: must be from %s to %s"):format(key, value, least, most), 0)
  elseif is_whole and not math.tointeger(value) then
    error(("--set %s=%s: must be a whole number"):format(key, value), 0)
  end
  return is_whole and math.tointeger(value) or value
end

local function names_of(rules)
  local names, known = {}, {}
  for i, rule in ipairs(rules) do names[i], known[rule.name] = rule.name, true end
  return names, known
end

-- The rules of `only`, all where it is empty.
local function chosen(rules, only)
  local names, known = names_of(rules)
  local set = {}
  for _, name in ipairs(only) do
    if not known[name] then
      error(("--set only=%s: no such rule (did you mean \"%s\"?)"):format(name,
        host.nearest(name, names, 100) or names[1]), 0)
    end
    set[name] = true
  end
  return next(set) and set or known
end

--- Reads `--set`: gives the values of `more` and a list of { rule, its options } of those that are
--- switched on. Raises a sentence for what is wrong.
function settings.read(rules, more)
  local values = cdr.options(defaults_of(rules, more))
  local wanted, on = chosen(rules, values.only), {}
  for _, rule in ipairs(rules) do
    local opt = {}
    for name, range in pairs(rule.options) do
      local key = rule.name .. "_" .. name
      opt[name] = check(key, values[key], range)
    end
    if wanted[rule.name] and values[rule.name] then
      on[#on + 1] = { rule, opt }
    elseif rule.deadline then
      deadlines.drop(rule.deadline)
    end
  end
  if #on == 0 then error("--set: every rule is switched off", 0) end
  return values, on
end

return settings
