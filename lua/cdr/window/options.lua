-- What `cdr.window { ... }` may say, checked: gives what Ring and Open work with.
local host = require "cdr.host"
local cells = require "cdr.window.cells"

local options = {}

local KNOWN = {
  seconds = "number", every = "number", kind = "string", name = "string", keys = "number",
  lateness = "number", on_close = "function", of = "of",
}
local NAMES = { "seconds", "every", "kind", "name", "keys", "lateness", "on_close", "of" }
local KINDS = { "sliding", "tumbling", "session" }

-- What each word of `of` needs to have kept.
local WORDS = {
  count = {}, rate = {}, sum = { "sum" }, mean = { "sum" }, min = { "min" }, max = { "max" },
  distinct = { "distinct" },
}
local WORD_NAMES = { "count", "rate", "sum", "mean", "min", "max", "distinct" }
local MEANT = {
  avg = "mean", average = "mean", total = "sum", unique = "distinct", cardinality = "distinct",
  minimum = "min", maximum = "max", percentile = "p95", quantile = "p95", median = "p50",
}

local STEPS, STEPS_MOST = 5, 60
local KEYS, KEYS_MOST = 100000, 10000000
local LONGEST_S = 366 * 24 * 3600

local function fail(text, ...) error("cdr.window: " .. text:format(...), 0) end

local function instead(word, names)
  local meant = MEANT[word] or host.nearest(word, names)
  return meant and ('; did you mean "%s"?'):format(meant)
end

local function check_names(given)
  for name, value in pairs(given) do
    local wanted = KNOWN[name]
    if not wanted then
      name = tostring(name)
      fail('no option "%s"%s', name, instead(name, NAMES) or "")
    elseif wanted ~= "of" and type(value) ~= wanted then
      fail("%s: must be a %s, not a %s", name, wanted, type(value))
    end
  end
end

-- Seconds as whole milliseconds.
local function span(given, name, least)
  local seconds = given[name]
  if not seconds then return nil end
  local ms = math.tointeger(seconds * 1000)
  if ms and seconds >= least and seconds <= LONGEST_S then return ms end
  fail("%s: must be seconds from %s to a year, in whole milliseconds, not %s", name,
    least, seconds)
end

local function check_kind(w, given)
  w.kind = given.kind or "sliding"
  if w.kind ~= "sliding" and w.kind ~= "tumbling" and w.kind ~= "session" then
    fail('kind: no "%s"%s', w.kind,
      instead(w.kind, KINDS) or ': "sliding", "tumbling" or "session"')
  end
  if w.kind == "sliding" and given.on_close then
    fail('on_close: a sliding window never closes; say kind = "tumbling" or "session"')
  elseif given.lateness and not given.on_close then
    fail "lateness: is how long a window stays open behind its end, for those with on_close"
  end
end

local function set_step(w, given)
  local every = span(given, "every", 0.001)
  if w.kind == "tumbling" and every then
    fail "every: is for sliding windows and sessions; a tumbling window is told every `seconds`"
  elseif w.kind ~= "sliding" then
    w.step = w.span
    w.tick = every or math.max(1000, w.span // 10)
    return
  end
  w.step = every or math.max(1, w.span // STEPS)
  if w.span % w.step ~= 0 or w.span // w.step > STEPS_MOST then
    fail("every: must divide the %s seconds into at most %d steps, not into steps of %s",
      given.seconds, STEPS_MOST, given.every or w.step / 1000)
  end
end

local function set_words(w, given)
  local wanted = {}
  w.percents = {}
  w.of = given.of or { "count" }
  if type(w.of) == "string" then w.of = { w.of } end
  if type(w.of) ~= "table" or #w.of == 0 then
    fail('of: must be a word or a list of words, as { "count", "p95" }')
  end
  for _, word in ipairs(w.of) do
    word = tostring(word)
    local percent = tonumber(word:match "^p(%d+%.?%d*)$")
    if percent and percent <= 100 then
      w.percents[word], wanted.quantile = percent, true
    elseif not WORDS[word] then
      fail('of: no "%s"%s', word, instead(word, WORD_NAMES) or ": " .. table.concat(WORD_NAMES,
        ", ") .. ", or p and a percentage, as p95")
    else
      for _, slot in ipairs(WORDS[word]) do wanted[slot] = true end
    end
  end
  w.words = table.concat(w.of, " ")
  cells.lay_out(w, wanted)
end

local function set_name(w, given)
  w.name, w.title = given.name, "window"
  if not w.name then return end
  if #w.name == 0 or #w.name > 180 or w.name:find "%z" then
    fail "name: must be a text of 1 to 180 bytes"
  end
  w.title = ('window "%s"'):format(w.name)
end

--- Raises without a place when something in it is wrong.
function options.read(given)
  if type(given) ~= "table" then fail("must be told in a table: { seconds = 60 }") end
  check_names(given)
  if not given.seconds then fail("seconds: is missing") end
  local w = { span = span(given, "seconds", 0.001), on_close = given.on_close }
  check_kind(w, given)
  set_step(w, given)
  set_words(w, given)
  set_name(w, given)
  w.lateness = span(given, "lateness", 0) or 0
  w.most = math.tointeger(given.keys or KEYS)
  if not w.most or w.most < 1 or w.most > KEYS_MOST then
    fail("keys: must be an integer from 1 to %d, not %s", KEYS_MOST, given.keys)
  end
  return w
end

return options
