-- Texts for people: strangers' names made harmless, their width on a screen, readable numbers.
local text = {}

-- Steer a terminal or turn the writing round, and mean nothing here: C1 controls, signs of
-- direction, separators of lines, the byte order mark.
local STEERING = {
  { 0x80, 0x9F }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF },
}

-- Two columns wide on a terminal (East Asian, emoji), or none (combining).
local WIDE = {
  { 0x1100, 0x115F }, { 0x2E80, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F },
  { 0x1F680, 0x1F6FF }, { 0x1F900, 0x1FAFF }, { 0x20000, 0x3FFFD },
}
local NARROW = { { 0x0300, 0x036F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function columns(code)
  if code < 0x300 then return 1 end
  return is_in(NARROW, code) and 0 or is_in(WIDE, code) and 2 or 1
end

--- The text on one line and with no power over a terminal: what is steering becomes "?", and so
--- do all bytes beyond ASCII where they are no UTF-8.
function text.harmless(name)
  if not name:find "[%c\x80-\xFF]" then return name end
  name = name:gsub("%c", "?")
  if not utf8.len(name) then return (name:gsub("[\x80-\xFF]", "?")) end
  return (name:gsub(utf8.charpattern, function(letter)
    if is_in(STEERING, utf8.codepoint(letter)) then return "?" end
  end))
end

--- How many columns a harmless text takes on a terminal.
function text.width(name)
  if not name:find "[\x80-\xFF]" then return #name end
  local sum = 0
  for _, code in utf8.codes(name) do sum = sum + columns(code) end
  return sum
end

--- The beginning of a harmless text, in at most so many columns; what was cut is "…".
function text.cut(name, most)
  if text.width(name) <= most then return name end
  local used = 0
  for at, code in utf8.codes(name) do
    used = used + columns(code)
    if used > most - 1 then return name:sub(1, at - 1) .. "…" end
  end
end

--- Minutes with one digit behind the point, of seconds.
function text.minutes(seconds) return ("%.1f"):format(seconds / 60) end

--- Bytes in the largest unit of a thousand that leaves a digit before the point.
function text.size(bytes)
  if bytes < 1000 then return ("%d B"):format(bytes) end
  local units, at = { "kB", "MB", "GB", "TB", "PB", "EB" }, 0
  local value = bytes + 0.0
  while value >= 999.95 and units[at + 1] do
    value, at = value / 1000, at + 1
  end
  return ("%.1f %s"):format(value, units[at])
end

--- Hundredths with one digit behind the point, of a fraction of 1.
function text.share(fraction) return ("%.1f%%"):format(fraction * 100) end

return text
