-- The report as one HTML page with charts that opens from disk: nothing is loaded, nothing runs.
local chart = require "cdr.report.chart"
local columns = require "cdr.report.columns"
local style = require "cdr.report.style"

local MOST_BARS = 30

local escape = chart.escape

local HEAD = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Calls by %s</title>
<style>
%s</style>
</head>
<body>
<h1>Calls by %s</h1>]]

-- What the charts show: the last days, or the rows with the most minutes.
local function shown(report)
  local rows, first = {}, report.in_order and math.max(0, report.count - MOST_BARS) or 0
  local i = 0
  for row in report.each() do
    i = i + 1
    if i > first + MOST_BARS then break end
    if i > first then rows[#rows + 1] = row end
  end
  return rows
end

local function note(report)
  if report.count <= MOST_BARS then return "" end
  return (" (%s %d of %d)"):format(report.in_order and "the last" or "the first", MOST_BARS,
    report.count)
end

local function find(name)
  for _, column in ipairs(columns) do
    if column.name == name then return column end
  end
end

local function items_of(rows, name)
  local items, column = {}, find(name)
  for i, row in ipairs(rows) do
    items[i] = { key = row.key, value = row[name], label = column.show(row[name]) }
  end
  return items
end

local function items_of_reasons(reasons)
  local items = {}
  for i, reason in ipairs(reasons) do
    items[i] = { key = reason.key, value = reason.count, label = tostring(reason.count),
      abnormal = reason.abnormal }
  end
  return items
end

local function figure(title, items, write)
  write(("<section><h2>%s</h2>"):format(escape(title)))
  if #items == 0 then
    write "<p>Nothing to show.</p>"
  else
    chart.bars(title, items, write)
  end
  write "</section>"
end

local function charts(report, write)
  local rows, behind = shown(report), note(report)
  write '<div class="charts">'
  figure("Minutes of participants by " .. report.by .. behind,
    items_of(rows, "participantSeconds"), write)
  figure("Most participants at once by " .. report.by .. behind, items_of(rows, "peak"), write)
  figure("Endings by reason", items_of_reasons(report.reasons), write)
  write "</div>"
end

local function tiles(total, write)
  write '<dl class="tiles">'
  for _, column in ipairs(columns) do
    local value = total[column.name]
    local name = (column.group .. " " .. column.title):gsub("^ ", ""):gsub(" count$", "")
    write(("<div><dt>%s</dt><dd>%s</dd></div>"):format(name, value and column.show(value) or "-"))
  end
  write "</dl>"
end

local function head_rows(by, write)
  local groups, i = {}, 1
  while columns[i] do
    local first = i
    while columns[i] and columns[i].group == columns[first].group do i = i + 1 end
    groups[#groups + 1] = ('<th colspan="%d">%s</th>'):format(i - first, columns[first].group)
  end
  local titles = {}
  for n, column in ipairs(columns) do titles[n] = "<th>" .. column.title .. "</th>" end
  write("<thead><tr><th></th>" .. table.concat(groups) .. "</tr>")
  write("<tr><th>" .. by .. "</th>" .. table.concat(titles) .. "</tr></thead>")
end

local function table_row(row, write)
  local cells = {}
  for i, column in ipairs(columns) do
    local value = row[column.name]
    cells[i] = "<td>" .. (value and column.show(value) or "-") .. "</td>"
  end
  write("<tr><th>" .. escape(row.key) .. "</th>" .. table.concat(cells) .. "</tr>")
end

local function whole_table(report, write)
  write '<div class="wide"><table>'
  head_rows(report.by, write)
  write "<tbody>"
  for row in report.each() do table_row(row, write) end
  if report.others then table_row(report.others, write) end
  write "</tbody><tfoot>"
  table_row(report.total, write)
  write "</tfoot></table></div>"
end

--- Writes the page line by line: write(text).
return function(report, write)
  write(HEAD:format(report.by, style, report.by))
  tiles(report.total, write)
  charts(report, write)
  whole_table(report, write)
  write "</body>\n</html>"
end
