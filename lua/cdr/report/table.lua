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

-- No number is longer than that of the total, except where its column says so.
local function measure(report)
  local key, widths = #report.by, {}
  for i = 1, report.count do
    key = math.max(key, text.width(text.harmless(report.keys[i])))
  end
  if report.others then key = math.max(key, #report.others.key) end
  for i, column in ipairs(columns) do
    widths[i] = math.max(#column.title, column.width or 0, #cell(column, report.total))
  end
  return math.max(key, #report.total.key), widths
end

-- What formats the words of a line, each at the right of its width.
local function form_of(widths)
  local parts = {}
  for i, width in ipairs(widths) do parts[i] = ("%s%%%ds"):format(GAP, width) end
  return table.concat(parts)
end

local function line(first, width, form, words)
  return first .. (" "):rep(width - text.width(first)) .. form:format(table.unpack(words))
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

  local form = form_of(widths)
  local words = {}
  local function put(row)
    for i, column in ipairs(columns) do words[i] = cell(column, row) end
    write(line(text.cut(text.harmless(row.key), key), key, form, words))
  end

  write(line("", key, form_of(names(groups, "width")), names(groups, "title")))
  write(line(report.by, key, form, names(columns, "title")))
  for row in report.each() do put(row) end
  if report.others then put(report.others) end
  write(("-"):rep(key + rest))
  put(report.total)
end
