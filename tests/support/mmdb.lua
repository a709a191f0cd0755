-- Databases for specs: bytes of a few ranges, by the writer that `make geodb` uses.
local path = package.path
package.path = "src/geodb/?.lua;" .. path
local data = require "data"
local writer = require "mmdb"
package.path = path

local mmdb = { float = data.float, uint16 = data.uint16 }

--- `ranges` is a list of { first, last, value }. about: version (6), epoch (1: it does not say),
--- type and description.
function mmdb.bytes(ranges, about)
  about = about or {}
  local tree = writer.new(about.version or 6)
  for _, range in ipairs(ranges) do tree:range(range[1], range[2], range[3]) end
  return tree:bytes { type = about.type or "Test-City", description = about.description or "A test",
    epoch = about.epoch or 1 }
end

--- A database where all addresses from 1.0.0.0 on are in that country.
function mmdb.country(name, about)
  local value = { country = { iso_code = "ZZ", names = { en = name } } }
  return mmdb.bytes({ { "1.0.0.0", "223.255.255.255", value } }, about)
end

return mmdb
