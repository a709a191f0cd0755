-- Adds where addresses are (--set db=PATH fields=iso,city overwrite=yes ip=truncate|hash|remove).
local cdr = require "cdr"

local opt = cdr.options { db = {}, fields = {}, overwrite = false, ip = "keep", key_file = "" }

-- An event on which this fails goes no further: its address would go with it.
cdr.fail_closed()

local geo = cdr.geo.open(opt.db[1] and opt.db)
local hide = cdr.ip.hider(opt.ip, opt.key_file ~= "" and opt.key_file or nil)

local known = {}
for _, field in ipairs(cdr.geo.fields) do known[field] = true end
for _, field in ipairs(opt.fields) do
  if not known[field] then
    local all = table.concat(cdr.geo.fields, ", ")
    error(("--set fields: no field %s (there are %s)"):format(field, all), 0)
  end
end

local function is_open(location)
  return location == nil or location == cdr.null or location == "unknown"
end

-- What is known replaces what the server said only where that is wanted, and nothing by "unknown".
local function locate(event)
  local location = geo:location(event.ip)
  if is_open(event.location) or (opt.overwrite and location ~= "unknown") then
    event.location = location
  end
end

local function describe(event)
  local found = geo:lookup(event.ip) or {}
  for _, field in ipairs(opt.fields) do event["geo_" .. field] = found[field] end
end

-- Alone on the road and without -w, the events are meant for standard output.
local output = #cdr.args.scripts == 1 and not cdr.args.forwards and cdr.sink "-"

cdr.on("*", function(event)
  if event.ip ~= nil then
    locate(event)
    if opt.fields[1] then describe(event) end
    event.ip = hide(event.ip)
  end
  if output then output:send(event) end
end)
