-- Makes a country database of Tor's lists: country.lua COUNTRIES GEOIP GEOIP6 OUTPUT
--
-- The lists are those of Debian's tor-geoipdb: IPFire's location data, CC BY-SA 4.0. The same lists
-- give the same bytes: the database is as old as the data, not as the day on which it is made.
package.path = arg[0]:match "^(.*/)" .. "?.lua"
local mmdb = require "mmdb"

local countries = dofile(arg[1])
local SAID = "Countries of addresses, made for cdrlua from IPFire's location database by way of "
  .. "tor-geoipdb. CC BY-SA 4.0, IPFire Project, https://location.ipfire.org/"
local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9,
  Oct = 10, Nov = 11, Dec = 12 }

-- Seconds since 1970, without the local time zone.
local function utc(year, month, day, hour, min, sec)
  local y, m = month > 2 and year or year - 1, (month + 9) % 12
  local days = 365 * y + y // 4 - y // 100 + y // 400 + (153 * m + 2) // 5 + day - 719469
  return ((days * 24 + hour) * 60 + min) * 60 + sec
end

-- "# Generated: Thu, 25 Jun 2026 04:33:59 GMT"
local function epoch_of(line)
  local day, month, year, h, m, s =
    line:match "^# Generated: %a+, (%d+) (%a+) (%d+) (%d+):(%d+):(%d+) GMT"
  if not MONTHS[month] then return nil end
  return utc(tonumber(year), MONTHS[month], tonumber(day), tonumber(h), tonumber(m), tonumber(s))
end

local function dotted(number) return table.concat({ (">I4"):pack(number):byte(1, 4) }, ".") end

-- By code; "??", "EU" and the like are no countries.
local values = {}
for code, name in pairs(countries) do
  values[code] = { country = { iso_code = code, names = { en = name } } }
end
values.UK = values.GB

local tree, epoch = mmdb.new(6), 1

local function read(path, address)
  for line in assert(io.open(path)):lines() do
    epoch = epoch_of(line) or epoch
    local first, last, code = line:match "^([%x:]+),([%x:]+),(%u%u)$"
    if values[code] then tree:range(address(first), address(last), values[code]) end
  end
end

read(arg[2], function(text) return dotted(tonumber(text)) end)
read(arg[3], function(text) return text end)

local output <close> = assert(io.open(arg[4], "wb"))
assert(output:write(tree:bytes { type = "cdrlua-Country", description = SAID, epoch = epoch }))
