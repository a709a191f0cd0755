-- Keys, groups and labels: texts out of an event's fields.
local fields = {}

local LONGEST = 400 -- bytes; what is longer is cut, and told apart by a hash

-- FNV-1a, of 64 bits.
local function hash(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h)
end

--- The first `most` bytes at most, whole characters.
function fields.cut(text, most)
  if #text <= most then return text end
  return text:sub(1, utf8.offset(text, 0, most + 1) - 1)
end

local SIMPLE = { string = true, number = true, boolean = true }

--- A value as a text that is not too long to be kept; what is no simple one is "".
function fields.text(value)
  local text = SIMPLE[type(value)] and tostring(value) or ""
  if #text <= LONGEST then return text end
  return fields.cut(text, LONGEST) .. "~" .. hash(text)
end

local function reads_field(name)
  return function(event, labels)
    labels[name] = fields.text(event and event[name])
    return labels[name]
  end
end

local function reads_fields(names)
  return function(event, labels)
    local words = {}
    for i, name in ipairs(names) do
      words[i] = fields.text(event and event[name])
      labels[name] = words[i]
    end
    return fields.text(table.concat(words, ", "))
  end
end

--- What reads a text from an event by a field's name, a list of them or a function, and writes the
--- labels: the fields by their names, what a function gives under `label`. nil for nil.
function fields.reader(how, label)
  if how == nil then return nil end
  if type(how) == "function" then
    return function(event, labels)
      labels[label] = fields.text(how(event))
      return labels[label]
    end
  end
  local names = type(how) == "table" and how or { how }
  for _, name in ipairs(names) do
    if type(name) ~= "string" then error(label .. ": names of fields are texts", 0) end
  end
  return #names == 1 and reads_field(names[1]) or reads_fields(names)
end

--- What writes more labels: { "sessionId", team = "ops" } is a field of the event, and a text.
function fields.labels(given)
  for name, value in pairs(given or {}) do
    if type(value) ~= "string" then
      error(("labels.%s: must be a string, not a %s"):format(name, type(value)), 0)
    end
  end
  return function(event, labels)
    for name, value in pairs(given or {}) do
      if type(name) == "string" then
        labels[name] = fields.text(value)
      else
        labels[value] = fields.text(event and event[value])
      end
    end
  end
end

return fields
