-- The report as an aligned table of at most 120 columns, for terminals and mails.
local columns = require "cdr.report.columns"
local text = require "cdr.report.text"

local WIDEST, LEAST_KEY, GAP = 120, 12, "  "

local function cell(column, row)
  local value = row[column.name]
  return value and column.show(value) or "-"
end

-- A group's title stands over its columns; where it is longer, the first of them becomes wider.
local function groups_of(widths)
  local groups = {}
  for i, column in ipairs(columns) do
    local group = groups[#groups]
    if group and group.title == column.group then
      group.width = group.width + #GAP + widths[i]
    else
      group = { title = column.group, width = widths[i], first = i }
      groups[#groups + 1] = group
    end
  end
  for _, group in ipairs(groups) do
    local missing = math.max(0, #group.title - group.width)
    group.width = group.width + missing
    widths[group.first] = widths[group.first] + missing
  end
  return groups
end

-- Formatting is dear where rows are many: a column is as wide as its greatest number, or as its
-- `width`, where a smaller number may be longer.
local function measure(report)
  local key, greatest, widths = #report.by, {}, {}
  local function look(row)
    key = math.max(key, text.width(text.harmless(row.key)))
    for i, column in ipairs(columns) do
      local value = row[column.name]
      if value and value > (greatest[i] or -1) then greatest[i] = value end
    end
  end
  for row in report.each() do look(row) end
  if report.others then look(report.others) end
  look(report.total)
  for i, column in ipairs(columns) do
    local number = greatest[i] and column.show(greatest[i]) or "-"
    widths[i] = math.max(#column.title, column.width or 0, #number)
  end
  return key, widths
end

local function right(word, width) return (" "):rep(width - #word) .. word end

local function line(first, width, words, widths)
  local parts = { first .. (" "):rep(width - text.width(first)) }
  for i, word in ipairs(words) do parts[i + 1] = right(word, widths[i]) end
  return table.concat(parts, GAP)
end

local function names(list, name)
  local found = {}
  for i, item in ipairs(list) do found[i] = item[name] end
  return found
end

--- Writes the report line by line: write(text).
return function(report, write)
  local key, widths = measure(report)
  local groups = groups_of(widths)
  local rest = 0
  for _, width in ipairs(widths) do rest = rest + #GAP + width end
  key = math.min(key, math.max(WIDEST - rest, LEAST_KEY))

  local function put(row)
    local words = {}
    for i, column in ipairs(columns) do words[i] = cell(column, row) end
    write(line(text.cut(text.harmless(row.key), key), key, words, widths))
  end

  write(line("", key, names(groups, "title"), names(groups, "width")))
  write(line(report.by, key, names(columns, "title"), widths))
  for row in report.each() do put(row) end
  if report.others then put(report.others) end
  write(("-"):rep(key + rest))
  put(report.total)
end
