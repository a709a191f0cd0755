-- cdr.options { name = default, ... }: what `--set name=value` says, else the default.
local host = require "cdr.host"

local truths = {
  ["true"] = true, yes = true, on = true, ["1"] = true,
  ["false"] = false, no = false, off = false, ["0"] = false,
}

--- By the type of the default: the value, or nil and what it should have been.
local readers = {
  string = function(text) return text end,
  number = function(text) return tonumber(text), "a number" end,
  boolean = function(text) return truths[text], "true or false" end,
  table = function(text)
    local list = {}
    for word in text:gmatch "[^,]+" do list[#list + 1] = word:match "^%s*(.-)%s*$" end
    return list
  end,
}

--- "script.key=value" and "key=value" in parts; a key of another script is nil.
local function parse(text, script)
  local name, value = text:match "^([^=]*)=(.*)$"
  local owner, key = name:match "^(.*)%.([^.]*)$"
  if owner and owner ~= script then return nil end
  return key or name, value
end

local function read(key, text, default)
  local reader = readers[type(default)]
  if not reader then
    error(('option "%s": a default is a text, a number, a boolean or a list'):format(key), 3)
  end
  local value, wanted = reader(text)
  if value == nil then
    error(("--set %s=%s: must be %s"):format(key, text, wanted), 0)
  end
  return value
end

--- Raises for a value of another type than its default; an option that no script has ends the run.
local function options(defaults)
  local script = host.args().script
  local values = {}
  for key, default in pairs(defaults) do values[key] = default end
  for i, text in ipairs(host.sets()) do
    local key, value = parse(text, script)
    if key and defaults[key] ~= nil then
      values[key] = read(key, value, defaults[key])
      host.use_set(i)
    end
  end
  return values
end

return options
