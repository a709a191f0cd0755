-- Who a participant is, by a path into clientData or serverData, such as "clientData.user.id".
local host = require "cdr.host"
local memo = require "cdr.report.memo"

local user = {}

local SHORT = 200 -- texts that are remembered

local SCALARS = { string = true, number = true, boolean = true }

local function words(path)
  local list = {}
  for word in path:gmatch "[^.]+" do list[#list + 1] = word end
  return list
end

-- An array's members go by their number, from 1.
local function walk(value, path)
  for i = 2, #path do
    if type(value) ~= "table" then return nil end
    local name = path[i]
    local inner = value[name]
    if inner == nil then inner = value[math.tointeger(name)] end
    value = inner
  end
  return value
end

--- The function that tells a participant's user: what stands at the path, when that is a text, a
--- number or a truth; the data themselves when they are no JSON and the path ends there; else nil.
--- Raises when the path, which `option` said (user), leads elsewhere.
function user.reader(path, option)
  local way = words(path)
  local field = way[1]
  if field ~= "clientData" and field ~= "serverData" then
    error(("--set %s=%s: must begin with clientData or serverData"):format(option or "user", path),
      0)
  end
  local function read(text)
    local data = host.json_decode(text)
    if data == nil then return #way == 1 and text end
    local found = walk(data, way)
    return SCALARS[type(found)] and tostring(found)
  end
  local read_short = memo(read) -- the same people come again
  return function(participant)
    local text = participant[field]
    if type(text) ~= "string" then return nil end
    return (#text <= SHORT and read_short or read)(text) or nil
  end
end

return user
