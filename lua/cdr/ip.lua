-- Hides internet addresses: cut to their network, or as a keyed hash.
local host = require "cdr.host"

local HASH_DIGITS = 16

local ip = {}

--- The address with its last bits cleared: the /24 of an IPv4 address, the /48 of an IPv6 one.
--- "unknown" for what is no address; nil and null stay.
function ip.truncate(address)
  if address == nil or address == host.null then return address end
  return type(address) == "string" and host.ip_text(address, 24, 48) or "unknown"
end

--- 16 hexadecimal digits of HMAC-SHA256 under `key` (a text), the same for each spelling of an
--- address. What is no text is "unknown"; nil and null stay. Raises without a key: there are so few
--- addresses that all of them can be tried.
function ip.hash(address, key)
  if type(key) ~= "string" or key == "" then error("cdr.ip.hash: the key must be a text", 2) end
  if address == nil or address == host.null then return address end
  if type(address) ~= "string" then return "unknown" end
  return host.hmac(key, host.ip_text(address) or address):sub(1, HASH_DIGITS)
end

--- The key for ip.hash: the first line of the file, or without one $CDRLUA_IP_KEY. Nil and a
--- sentence when there is none of at least 16 letters; the key itself is in no sentence.
function ip.key(path)
  local key, where = os.getenv "CDRLUA_IP_KEY", "CDRLUA_IP_KEY"
  if path then
    local file <close>, problem = io.open(path, "rb")
    if not file then return nil, problem end
    key, where = file:read "l", path
  end
  if not key then return nil, where .. ": holds no key" end
  if #key < 16 then return nil, where .. ": the key is shorter than 16 letters" end
  return key
end

local hiders = {
  keep = function() return function(address) return address end end,
  remove = function() return function() return nil end end,
  truncate = function() return ip.truncate end,
  hash = function(key_file)
    local key, problem = ip.key(key_file)
    if not key then error("ip=hash: " .. problem, 0) end
    return function(address) return ip.hash(address, key) end
  end,
}

--- What becomes of an address, by a word: a function for keep, remove, truncate or hash (with the
--- key of ip.key(key_file)). Raises for another word and without a key.
function ip.hider(how, key_file)
  if not hiders[how] then
    error(("ip=%s: must be keep, truncate, hash or remove"):format(how), 0)
  end
  return hiders[how](key_file)
end

return ip
