-- Where geolocation databases usually are.
local host = require "cdr.host"

local FOLDERS = { "/var/lib/GeoIP/", "/usr/share/GeoIP/", "/usr/local/share/GeoIP/" }
local NAMES = { "GeoIP2-City.mmdb", "GeoLite2-City.mmdb", "GeoIP2-Country.mmdb",
  "GeoLite2-Country.mmdb" }
local NETWORKS = { "GeoLite2-ASN.mmdb" }

-- What `make geodb` makes: beside the program in the checkout, and where `make install` puts it.
local OWN = { "/geo/country.mmdb", "/../share/cdrlua/country.mmdb" }

local function is_there(path)
  local file <close> = io.open(path, "rb")
  return file ~= nil
end

local function first(folders, names)
  for _, folder in ipairs(folders) do
    for _, name in ipairs(names) do
      if is_there(folder .. name) then return folder .. name end
    end
  end
end

local places = {}

--- The paths in a text that separates them by commas.
function places.list(text)
  local paths = {}
  for path in text:gmatch "[^,]+" do paths[#paths + 1] = path end
  return paths
end

--- The paths in $CDRLUA_GEODB; else the first database of cities or countries that is in a folder
--- of the system, or was made with the program, and that of networks. Nil and a sentence: none.
function places.usual()
  local said = os.getenv "CDRLUA_GEODB" or ""
  if said:find "[^,]" then return places.list(said) end
  local found = first(FOLDERS, NAMES) or first({ host.program_folder() }, OWN)
  if not found then
    return nil, "geolocation: no database in " .. table.concat(FOLDERS, ", ")
      .. ": name one, set CDRLUA_GEODB, or make one with `make geodb`"
  end
  return { found, first(FOLDERS, NETWORKS) }
end

return places
