-- Texts with `*` for any text and `?` for any character, as commands take them.
--
-- What stands between two stars is looked for from the left, and never again: so a text that
-- strangers wrote costs no more than its length.
local glob = {}

local CHARACTER = ".[\x80-\xBF]*"

-- Between two stars, as a pattern.
local function pattern_of(part)
  return (part:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%?", CHARACTER))
end

-- The patterns between stars: the first stands at the text's begin.
local function parts_of(text)
  local parts = {}
  for part in (text .. "*"):gmatch "([^*]*)%*" do parts[#parts + 1] = pattern_of(part) end
  return parts
end

--- The function that says whether a text is like that.
function glob.new(text)
  local parts = parts_of(text)
  local first, last = "^" .. table.remove(parts, 1), table.remove(parts)
  if not last then
    return function(word) return word:find(first .. "$") ~= nil end
  end
  return function(word)
    local _, at = word:find(first)
    for _, part in ipairs(parts) do
      if at then _, at = word:find(part, at + 1) end
    end
    return at ~= nil and word:find(last .. "$", at + 1) ~= nil
  end
end

return glob
