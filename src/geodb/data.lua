-- Encodes values as databases in MaxMind's format (version 2.0) keep them.
local data = {}

local Kind = {}
local function kind(type, size)
  return function(n) return setmetatable({ type = type, size = size, n = n }, Kind) end
end

--- Numbers with the width that the format wants in some places. Else a Lua integer is a uint32,
--- a float a double.
data.uint16, data.uint32, data.uint64 = kind(5, 2), kind(6, 4), kind(9, 8)

--- A float of four bytes.
function data.float(n) return setmetatable({ type = 15, float = n }, Kind) end

local function head(type, size)
  local first, more = size, ""
  if size >= 285 then
    first, more = 30, (">I2"):pack(size - 285)
  elseif size >= 29 then
    first, more = 29, string.char(size - 29)
  end
  if type > 7 then return string.char(first, type - 7) .. more end
  return string.char(type << 5 | first) .. more
end

local encode

local function encode_number(value)
  if value.float then return head(value.type, 4) .. (">f"):pack(value.float) end
  local bytes = (">I8"):pack(value.n):gsub("^\0+", "")
  return head(value.type, #bytes) .. bytes
end

local function encode_table(value)
  if getmetatable(value) == Kind then return encode_number(value) end
  local parts, keys = {}, {}
  if #value > 0 then
    for i, item in ipairs(value) do parts[i] = encode(item) end
    return head(11, #value) .. table.concat(parts)
  end
  for key in pairs(value) do keys[#keys + 1] = key end
  table.sort(keys)
  for i, key in ipairs(keys) do parts[i] = encode(key) .. encode(value[key]) end
  return head(7, #keys) .. table.concat(parts)
end

--- The bytes of a text, a number, a list or a table of those, its keys sorted.
encode = function(value)
  if type(value) == "string" then return head(2, #value) .. value end
  if type(value) == "table" then return encode_table(value) end
  if math.type(value) == "float" then return head(3, 8) .. (">d"):pack(value) end
  return encode_number(data.uint32(value))
end

data.encode = encode

return data
