-- The specification's keys, made ready: what each event's keys must be, with the words for it.
local events = require "cdr.events"
local host = require "cdr.host"

-- In words; the function that tells a type, and the type; a value that it may not be.
local kinds = {
  string = { "a string", type, "string" },
  id = { "a string, not empty", type, "string", "" },
  integer = { "an integer", math.type, "integer" },
  float = { "a float", math.type, "float" },
  boolean = { "true or false", type, "boolean" },
  list = { "a list", type, "table" },
}

-- What names something is never empty.
local ids = {
  sessionId = true, participantId = true, connectionId = true, receivingFrom = true, id = true,
  streamId = true,
}

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
  local words = kinds[ids[name] and "id" or kind]
  return {
    key = name, null = key.null and host.null, when = key.when,
    must = not key.since and not key.optional,
    type_of = words[2], type = words[3], never = words[4],
    values = key.one_of and values_of(name, key.one_of),
    note = key.since and ("key %s came with OpenVidu %s"):format(name, key.since),
    wrong = ("%s: %s is %%s, must be %s"):format(event, name, words[1]),
    missing = ("%s: %s is missing"):format(event, name),
    none = ("%s: %s %%s is none of the specification's"):format(event, name),
    alien = ("%s: %s belongs to %s only"):format(event, name, belongs[name] or "an IP camera"),
    expected = name == "reason", weight = 0,
  }
end

local function note_of(name, event)
  if event.since then return ("event %s came with OpenVidu %s"):format(name, event.since) end
  return event.to and ("event %s is of OpenVidu up to %s"):format(name, event.to)
end

-- Conditions that are one function are asked once.
local function add_sometimes(ready, rule)
  local last = ready.sometimes[#ready.sometimes]
  if not last or last.when ~= rule.when then
    last = { when = rule.when }
    table.insert(ready.sometimes, last)
  end
  table.insert(last, rule)
end

local function compile(name, event)
  local ready = {
    note = note_of(name, event), by_key = {}, rules = {}, always = {}, sometimes = {},
  }
  for _, key in ipairs(event.keys) do
    local rule = rule_of(name, key)
    ready.by_key[rule.key] = rule
    table.insert(ready.rules, rule)
    if rule.when or rule.expected then
      add_sometimes(ready, rule)
    elseif rule.must then
      rule.weight = 1
      table.insert(ready.always, rule)
    end
  end
  ready.weight = #ready.always
  return ready
end

--- By name of the event: `by_key`; `rules`, in the server's order; `always`, the rules whose keys
--- must be there (their `weight` is 1, and the event's `weight` the sum); `sometimes`, groups of
--- rules with one condition (`when`); a `note` or nil.
local rules = {}
for name, event in pairs(events.known) do rules[name] = compile(name, event) end

return rules
