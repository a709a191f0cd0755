-- Scripts with a geolocation database open: for specs of what they are told.
local rules = require "tests.support.rules"
local support = require "tests.support"

local geo = {}

geo.CITY = assert(support.realpath "tests/fixtures/city.mmdb")

function geo.quoted(text) return ("%q"):format(text) end

-- Runs a script with `geo` open on paths; gives its lines.
function geo.run(text, paths, before)
  local list = {}
  for i, path in ipairs(paths or { geo.CITY }) do list[i] = geo.quoted(path) end
  local result = rules.run(("%s local geo = cdr.geo.open { %s }\n%s"):format(before or "",
    table.concat(list, ", "), text), {})
  assert(result.code == 0, result.errors)
  return result.lines, result.errors
end

-- The location of each of the expressions.
function geo.locations(expressions, paths)
  local calls = {}
  for i, text in ipairs(expressions) do calls[i] = ("print(geo:location(%s))"):format(text) end
  return geo.run(table.concat(calls, "\n"), paths)
end

-- The path of a file with those bytes.
function geo.database(bytes)
  local path = support.folder() .. "/db.mmdb"
  support.write_file(path, bytes)
  return path
end

return geo
