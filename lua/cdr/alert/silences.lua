-- Silences: whose labels match is not told of, from one time until another, on the run's clock.
--
-- They are rows of the state table "cdr.silences", by id, which commands write and a run reads:
-- match = { label = text or { pattern = glob } } (all of them; * and ? in a glob), from, until.
local glob = require "cdr.alert.glob"
local host = require "cdr.host"
local time = require "cdr.time"

local silences = {}

local shared = host.state "cdr.alerts" -- by the scripts of a run: `silences`, in order of their ids

local function compile(id, row)
  local silence = { id = id, from = row.from, until_ms = row["until"], texts = {}, globs = {} }
  for label, wanted in pairs(row.match) do
    if type(wanted) == "table" then
      silence.globs[label] = glob.new(wanted.pattern)
    else
      silence.texts[label] = wanted
    end
  end
  return silence
end

local function read()
  local list = {}
  for _, pair in ipairs(host.kept "cdr.silences") do list[#list + 1] = compile(pair[1], pair[2]) end
  table.sort(list, function(a, b) return a.id < b.id end)
  shared.silences = list
end

--- fn(at) is called when they may be others than before.
function silences.listen(fn)
  host.on("silences.changed", function()
    read()
    fn(time.now())
  end)
end

-- A label of the alert; its key is one too, also where that has another name.
local function label_of(alert, name)
  return alert.labels[name] or name == "key" and alert.key or nil
end

local function matches(silence, alert)
  for name, text in pairs(silence.texts) do
    if label_of(alert, name) ~= text then return false end
  end
  for name, is_like in pairs(silence.globs) do
    if not is_like(label_of(alert, name) or "") then return false end
  end
  return true
end

--- The id of a silence for an alert (key and labels) at that time, and when it ends; or nil.
function silences.find(alert, at)
  for _, silence in ipairs(shared.silences) do
    if silence.from <= at and at < silence.until_ms and matches(silence, alert) then
      return silence.id, silence.until_ms
    end
  end
end

--- When the silence of that id ends; nil when there is none.
function silences.end_of(id)
  for _, silence in ipairs(shared.silences) do
    if silence.id == id then return silence.until_ms end
  end
end

read()

return silences
