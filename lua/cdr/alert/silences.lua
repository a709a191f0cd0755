-- Silences: whose labels match is not told of, from one time until another, on the run's clock.
--
-- The rows of the state table "cdr.silences", by id: match = { label = text or { pattern = glob } }
-- (all of them; * and ? in a glob), from, until. They are read while loading, and again when
-- whoever has changed the rows says so: silences.changed().
local host = require "cdr.host"
local state = require "cdr.state"
local time = require "cdr.time"

local silences = {}

local rows = state "cdr.silences"
local shared = host.state "cdr.silences" -- by the scripts of a run: `known`, in order of their ids

local function pattern_of(glob)
  return "^" .. glob:gsub("[%^%$%(%)%%%.%[%]%+%-]", "%%%0"):gsub("%*", ".*"):gsub("%?", ".") .. "$"
end

local function compile(id, row)
  local silence = { id = id, from = row.from, until_ms = row["until"], texts = {}, patterns = {} }
  for label, wanted in pairs(row.match) do
    if type(wanted) == "table" then
      silence.patterns[label] = pattern_of(wanted.pattern)
    else
      silence.texts[label] = wanted
    end
  end
  return silence
end

local function read()
  local known = {}
  for id, row in pairs(rows) do known[#known + 1] = compile(id, row) end
  table.sort(known, function(a, b) return a.id < b.id end)
  shared.known = known
end

--- Rows have changed: reads all anew, and tells what was held back. In a job, of any script.
function silences.changed()
  read()
  if shared.on_change then shared.on_change(time.now()) end
end

--- fn(at) is called when they are others than before; one for all scripts.
function silences.listen(fn) shared.on_change = fn end

local function matches(silence, labels)
  for label, text in pairs(silence.texts) do
    if labels[label] ~= text then return false end
  end
  for label, pattern in pairs(silence.patterns) do
    if not (labels[label] or ""):find(pattern) then return false end
  end
  return true
end

--- The id of a silence for those labels at that time, and when it ends; or nil.
function silences.find(labels, at)
  for _, silence in ipairs(shared.known) do
    if silence.from <= at and at < silence.until_ms and matches(silence, labels) then
      return silence.id, silence.until_ms
    end
  end
end

read()

return silences
