-- What a table of options gives: known names and types, times, whole numbers; raises a sentence for
-- what is wrong.
local host = require "cdr.host"

local checks = {}

local LONGEST_S = 366 * 86400

--- Raises a sentence, formatted.
function checks.fail(text, ...) error(text:format(...), 0) end
local fail = checks.fail

local function names_of(types)
  local names = {}
  for name in pairs(types) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- The option that was meant by a word: one that it begins, or nearly is.
local function meant(word, types)
  local names = names_of(types)
  for _, name in ipairs(names) do
    if #word >= 3 and name:sub(1, #word) == word then return name end
  end
  return host.nearest(word, names, 2)
end

--- All of `options` has a name and a type among `types`; `what` stands before the names.
function checks.types(options, types, what)
  for name, value in pairs(options) do
    local kind = types[name]
    if not kind then
      local near = meant(tostring(name), types)
      fail('unknown option "%s%s"%s', what, tostring(name),
        near and (' (did you mean "%s"?)'):format(near) or "")
    end
    if not kind:find(type(value), 1, true) then
      fail("%s%s: must be a %s, not a %s", what, name, kind:gsub(" ", " or a "), type(value))
    end
  end
end

--- Seconds as milliseconds; nil where nothing, or false, is said.
function checks.time(options, name, least, what)
  local seconds = options[name]
  if seconds == nil or seconds == false then return nil end
  if seconds == true or seconds ~= seconds or seconds < least or seconds > LONGEST_S then
    fail("%s%s: must be seconds from %s to a year", what or "", name, least)
  end
  return math.floor(seconds * 1000 + 0.5)
end

--- A whole number from 1 to `most`.
function checks.whole(options, name, usual, most)
  local n = options[name] == nil and usual or options[name]
  if not math.tointeger(n) or n < 1 or n > most then
    fail("%s: must be a whole number from 1 to %d", name, most)
  end
  return math.tointeger(n)
end

return checks
