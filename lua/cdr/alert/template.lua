-- Texts with names in braces: "{key} was cut off: {event.reason}".
--
-- {key}, {name}, {severity}, {fired}, {labels.NAME} and {event.FIELD}, also a field of a field.
-- What is not there is written as nothing. A brace itself is written twice.
local template = {}

local PLAIN = { key = true, name = true, severity = true, fired = true }

-- The way to a value, as a list of names; nil and a sentence for what is none.
local function path_of(name)
  local path = {}
  for part in name:gmatch "[^.]+" do path[#path + 1] = part end
  if #path == 1 and PLAIN[name] then return path end
  if #path > 1 and (path[1] == "event" or path[1] == "labels") then return path end
  return nil, ("{%s} is none of {key}, {name}, {severity}, {fired}, {labels.NAME}, {event.FIELD}")
    :format(name)
end

local function text_of(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  return ""
end

local function find(values, path)
  for _, name in ipairs(path) do
    if type(values) ~= "table" then return nil end
    values = values[name]
  end
  return values
end

local ONE = { ["{{"] = "{", ["}}"] = "}" }

-- The next part of `text` from `at` on, a text or a path, and where it ends.
local function part_at(text, at)
  local plain = text:match("^[^{}]+", at)
  if plain then return plain, at + #plain end
  local twice = ONE[text:sub(at, at + 1)]
  if twice then return twice, at + 2 end
  local name = text:match("^{([%w_.]+)}", at)
  if not name then return nil, ("a brace that is not closed, or not opened: %s"):format(text) end
  local path, problem = path_of(name)
  if not path then return nil, problem end
  return path, at + #name + 2
end

--- A function that writes the text from { key =, name =, ..., event = {} }; nil and a sentence when
--- the text is wrong.
function template.new(text)
  local parts, at = {}, 1
  while at <= #text do
    local part, next_at = part_at(text, at)
    if not part then return nil, next_at end
    parts[#parts + 1], at = part, next_at
  end
  return function(values)
    local words = {}
    for i, part in ipairs(parts) do
      words[i] = type(part) == "string" and part or text_of(find(values, part))
    end
    return table.concat(words)
  end
end

template.text_of = text_of

return template
