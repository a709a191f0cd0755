-- The specification's keys, made ready: what each event's keys must be, with the words for it.
local events = require "cdr.events"
local host = require "cdr.host"

local kinds = {
  string = { "a string", function(value) return type(value) == "string" end },
  id = { "a string, not empty", function(value) return type(value) == "string" and value ~= "" end },
  integer = { "an integer", function(value) return math.type(value) == "integer" end },
  count = { "an integer, 0 or more", function(value)
    return math.type(value) == "integer" and value >= 0
  end },
  seconds = { "a float, 0.0 or more", function(value)
    return math.type(value) == "float" and value >= 0
  end },
  boolean = { "true or false", function(value) return type(value) == "boolean" end },
  list = { "a list", function(value) return type(value) == "table" end },
}

-- Where the key says more than its type.
local finer = {
  sessionId = "id", participantId = "id", connectionId = "id", streamId = "id", id = "id",
  receivingFrom = "id", size = "count", frameRate = "count", networkCache = "count",
}
local finer_duration = { integer = "count", float = "seconds" }

-- To what a key belongs that is not always there.
local belongs = {
  receivingFrom = "an INBOUND connection", reason = "the end of a recording",
  videoSource = "video", videoFramerate = "video", videoDimensions = "video",
  resolution = "a COMPOSED recording with video", frameRate = "a COMPOSED recording with video",
  recordingLayout = "a COMPOSED recording with video", customLayout = "the layout CUSTOM",
}

-- For an allowed value: false, or what to note of it.
local function values_of(name, one_of)
  local values = {}
  for value, since in pairs(one_of) do
    if since == true then
      values[value] = false
    elseif since:find "%d" then
      values[value] = ("%s %s came with OpenVidu %s"):format(name, value, since)
    else
      values[value] = ("%s %s is %s"):format(name, value, since)
    end
  end
  return values
end

local function rule_of(event, key)
  local name, kind = key[1], key[2]
  local words = kinds[name == "duration" and finer_duration[kind] or finer[name] or kind]
  return {
    key = name, null = key.null and host.null, when = key.when,
    must = not key.since and not key.optional, is = words[2],
    values = key.one_of and values_of(name, key.one_of),
    note = key.since and ("key %s came with OpenVidu %s"):format(name, key.since),
    wrong = ("%s: %s is %%s, must be %s"):format(event, name, words[1]),
    missing = ("%s: %s is missing"):format(event, name),
    none = ("%s: %s %%s is none of the specification's"):format(event, name),
    alien = ("%s: %s belongs to %s only"):format(event, name, belongs[name] or "an IP camera"),
    expected = name == "reason",
  }
end

local function note_of(name, event)
  if event.since then return ("event %s came with OpenVidu %s"):format(name, event.since) end
  return event.to and ("event %s is of OpenVidu up to %s"):format(name, event.to)
end

local function compile(name, event)
  local ready = { note = note_of(name, event), by_key = {}, always = {}, sometimes = {} }
  for _, key in ipairs(event.keys) do
    local rule = rule_of(name, key)
    ready.by_key[rule.key] = rule
    if rule.when or rule.expected then
      table.insert(ready.sometimes, rule)
    elseif rule.must then
      table.insert(ready.always, rule)
    end
  end
  return ready
end

--- By name of the event: `by_key`, `always` and `sometimes` (lists), and a `note` or nil.
local rules = {}
for name, event in pairs(events.known) do rules[name] = compile(name, event) end

return rules
