-- What a state table can keep: keys and values that JSON has, none too deep or too large.
local host = require "cdr.host"

local DEEPEST = 32
local LARGEST = 1 << 20 -- bytes

local storable = { string = true, number = true, boolean = true, table = true }

local function refuse(path, why) error(("%s: %s"):format(path, why), 0) end

local check

-- A list or names with their values, as JSON has them.
local function check_table(list, path, depth)
  local names, integers = 0, 0
  if getmetatable(list) == "cdr.state" then
    refuse(path, "a state table cannot be kept in another")
  end
  if depth > DEEPEST then refuse(path, "nested deeper than 32, or in itself") end
  for key, part in next, list do
    if type(key) == "string" then
      names = names + 1
    elseif math.type(key) == "integer" then
      integers = integers + 1
    else
      refuse(path, "a key must be a text or an integer")
    end
    check(part, ("%s.%s"):format(path, key), depth + 1)
  end
  if integers == 0 then return end
  if names > 0 then refuse(path, "has both texts and integers as keys") end
  if integers ~= rawlen(list) then refuse(path, "has a hole, or keys that are no names") end
end

function check(value, path, depth)
  local kind = type(value)
  if value == host.null then return end
  if not storable[kind] then refuse(path, ("a %s cannot be kept"):format(kind)) end
  if kind == "number" and (value ~= value or value - value ~= 0) then
    refuse(path, "not a finite number")
  end
  if kind == "string" and #value > LARGEST then refuse(path, "is larger than 1 MiB") end
  if kind == "table" then check_table(value, path, depth) end
end

--- Raises, where the script sets it, for a key or value that the table of that name cannot keep.
local function check_entry(name, key, value)
  local kind = type(key)
  if kind ~= "string" and not (kind == "number" and math.tointeger(key)) then
    error(('state "%s": a key must be a text or an integer'):format(name), 3)
  end
  if kind == "string" and #key > 1024 then
    error(('state "%s": the key %.40s... is longer than 1024 bytes'):format(name, key), 3)
  end
  if value == nil or math.type(value) == "integer" then return end
  if type(value) == "string" and #value <= LARGEST then return end
  local good, problem = pcall(check, value, tostring(key), 1)
  if not good then error(('state "%s": %s'):format(name, problem), 3) end
end

return check_entry
