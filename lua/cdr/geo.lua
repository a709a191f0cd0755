-- Where addresses are: databases in MaxMind's format, watched and replaced while the script runs.
--
--   local geo = cdr.geo.open "GeoLite2-City.mmdb"
--   event.location = geo:location(event.ip)             -- "Madrid, Spain", "Spain" or "unknown"
local host = require "cdr.host"
local countries = require "cdr.geo.countries"
local places = require "cdr.geo.places"

local SWEEP_S = 60
local REMEMBERED = 10000 -- addresses
local LONGEST = 45       -- letters of an address; what is longer is none, and not remembered

local Geo = {}
Geo.__index = Geo

-- What is remembered: locations by address, and by what the databases have of it.
local function forget(geo)
  geo.remembered, geo.known = {}, {}
  geo.count, geo.swaps = 0, geo.databases:swaps()
end

local function place(city, country, iso)
  country = country or countries[iso] or iso
  if not country then return "unknown" end
  return city and city .. ", " .. country or country
end

local function locate(geo, ip)
  local id, location, city, country, iso = geo.databases:names(ip, geo.known)
  if location then return location end
  location = place(city, country, iso)
  if id and id ~= 0 then geo.known[id] = location end
  return location
end

--- Where the address `ip` is, in OpenVidu's form: "City, Country", "Country" or "unknown". That is
--- also said of private and other special addresses, and of whatever is no address.
function Geo:location(ip)
  if self.databases:swaps() ~= self.swaps or self.count >= REMEMBERED then forget(self) end
  local location = self.remembered[ip or false]
  if location then return location end
  if type(ip) ~= "string" or #ip > LONGEST then return "unknown" end
  location = locate(self, ip)
  self.remembered[ip] = location
  self.count = self.count + 1
  return location
end

--- What is known of the address: a table with those of country, iso, city, subdivision, latitude,
--- longitude, time_zone, asn and organisation that a database has, each from the first that has it;
--- or nil and why nothing is known (without the address, so that it may be logged).
function Geo:lookup(ip)
  if type(ip) ~= "string" then return nil, "no internet address" end
  local found, why = self.databases:lookup(ip)
  if not found then return nil, why end
  found.country = found.country or countries[found.iso]
  return found
end

--- How old the oldest of the databases' data are, in seconds; nil when none says so.
function Geo:age() return self.databases:age() end

local geo = {
  --- The names of what lookup gives.
  fields = { "country", "iso", "city", "subdivision", "latitude", "longitude", "time_zone", "asn",
    "organisation" },
}

local MOST = 8 -- databases

local function check(paths, options)
  if type(paths) ~= "table" or #paths < 1 or #paths > MOST then
    error("cdr.geo.open: takes a path, or a list of 1 to 8 paths", 3)
  end
  for _, path in ipairs(paths) do
    if type(path) ~= "string" then error("cdr.geo.open: a path is a text", 3) end
  end
  if options ~= nil and type(options) ~= "table" then
    error(("cdr.geo.open: options: must be a table, not a %s"):format(type(options)), 3)
  end
  for name, value in pairs(options or {}) do
    if name ~= "sweep" then error(('cdr.geo.open: no option "%s"'):format(tostring(name)), 3) end
    if type(value) ~= "number" or not (value >= 0.01 and value < 1e9) then
      error("cdr.geo.open: sweep: must be seconds, 0.01 or more", 3)
    end
  end
end

--- Opens a database, a list of them (the first that knows a field is believed), or without paths
--- the usual ones (cdr/geo/places.lua). Paths are relative to the current folder. A replaced file
--- is read anew; a broken or a removed one is told of, and what was read before stays in use.
--- options.sweep: how often to look at the files, in seconds, where the system tells of no changes
--- (60). When a database cannot be read: raises while the script is loading, else gives nil and a
--- sentence.
function geo.open(paths, options)
  local problem, databases, loading
  if paths == nil then paths, problem = places.usual() end
  if not paths then error(problem, 0) end
  if type(paths) == "string" then paths = { paths } end
  check(paths, options)
  databases, problem, loading = host.geo_open(paths, options and options.sweep or SWEEP_S)
  if loading then error(problem, 0) end
  if not databases then return nil, problem end
  local self = setmetatable({ databases = databases }, Geo)
  forget(self)
  return self
end

return geo
