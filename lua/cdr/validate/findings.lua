-- What was found, by file and line: printed up to a limit, told once if only a note, counted.
--
-- A finding is a level, a format and what the format takes. The format makes it distinct: the
-- limit holds for each format and file. Notes are told at the end of a file, each text once.
local findings = {}

local ranks = { error = 3, warning = 2, note = 1 }
local MOST_NOTES = 1000 -- distinct ones in a file; a stranger can make as many as there are lines
local LONGEST = 100 -- bytes of one value in a message

--- The text without what could move a cursor.
function findings.plain(text)
  text = text:gsub("%c", "?"):gsub("\xC2[\x80-\x9F]", "?")
  return utf8.len(text) and text or (text:gsub("[\x80-\xFF]", "?"))
end

-- A value of the file's, harmless and not too long.
local function value(given)
  if math.type(given) then return given end
  given = tostring(given)
  if #given <= LONGEST then return findings.plain(given) end
  return findings.plain(given:sub(1, utf8.offset(given, 0, LONGEST + 1) - 1)) .. "..."
end

local function message(format, ...)
  local count = select("#", ...)
  if count == 0 then return format end
  local values = { ... }
  for i = 1, count do values[i] = value(values[i]) end
  return format:format(table.unpack(values, 1, count))
end

local Findings = {}
Findings.__index = Findings

--- `options`: level, the least that is printed ("error", "warning", "note"); limit, the most
--- prints of a distinct finding in a file. `print` takes a line.
function findings.new(options, print)
  if not ranks[options.level] then
    error(("--set level=%s: must be error, warning or note"):format(options.level), 0)
  end
  return setmetatable({
    least = ranks[options.level], limit = math.floor(options.limit), print = print, files = {},
    counts = { error = 0, warning = 0, note = 0 },
  }, Findings)
end

--- What is kept of a file while it is read.
function Findings:file(name)
  local file = self.files[name]
  if not file then
    file = { name = findings.plain(name), seen = {}, order = {}, notes = {}, note_count = 0 }
    self.files[name] = file
  end
  return file
end

local function tell(self, file, line, level, text)
  if ranks[level] >= self.least then
    self.print(("%s:%d: %s: %s"):format(file.name, line, level, text))
  end
end

local function note(self, file, line, format, ...)
  local text = file.notes[format] and format or message(format, ...)
  local old = file.notes[text]
  if old then
    old.times = old.times + 1
  elseif file.note_count < MOST_NOTES then
    self.counts.note = self.counts.note + 1
    file.note_count = file.note_count + 1
    file.notes[text] = { line = line, times = 1, text = text }
  end
end

--- A finding at `place` ({ file =, line = }).
function Findings:add(place, level, format, ...)
  local file = self.files[place.file] or self:file(place.file)
  if level == "note" then return note(self, file, place.line, format, ...) end
  self.counts[level] = self.counts[level] + 1
  local seen = file.seen[format]
  if not seen then
    seen = { times = 0, level = level, format = format }
    file.seen[format] = seen
    table.insert(file.order, seen)
  end
  seen.times = seen.times + 1
  if seen.times <= self.limit then tell(self, file, place.line, level, message(format, ...)) end
  if seen.times >= self.limit then seen.line = place.line end
end

local function tell_rest(self, file)
  for _, seen in ipairs(file.order) do
    local rest = seen.times - self.limit
    if rest > 0 then
      local text = seen.format:gsub("%%[%a]", "..."):gsub("%%%%", "%%")
      tell(self, file, seen.line, seen.level, ("... and %d more: %s"):format(rest, text))
    end
  end
end

local function tell_notes(self, file)
  local notes = {}
  for _, each in pairs(file.notes) do notes[#notes + 1] = each end
  table.sort(notes, function(a, b)
    if a.line ~= b.line then return a.line < b.line end
    return a.text < b.text
  end)
  for _, each in ipairs(notes) do
    local times = each.times > 1 and (" (%d times)"):format(each.times) or ""
    tell(self, file, each.line, "note", each.text .. times)
  end
end

--- The end of a file: tells what was kept back, and forgets it.
function Findings:ended(name)
  local file = self.files[name]
  if not file then return end
  tell_rest(self, file)
  tell_notes(self, file)
  self.files[name] = nil
end

local function some(count, noun)
  return ("%d %s%s"):format(count, noun, count == 1 and "" or "s")
end

--- The end of all: the files not told yet, and the sum of `lines` lines in `files` files.
function Findings:summary(lines, files)
  local names = {}
  for name in pairs(self.files) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do self:ended(name) end
  local counts = self.counts
  self.print(("%s, %s, %s, %s in %s"):format(some(lines, "line"), some(counts.error, "error"),
    some(counts.warning, "warning"), some(counts.note, "note"), some(files, "file")))
end

return findings
