-- The report as CSV (RFC 4180), with exact seconds and bytes, for spreadsheets and programs.
local columns = require "cdr.report.columns"
local text = require "cdr.report.text"

-- A spreadsheet takes such a beginning for a formula: an apostrophe makes it a text.
local function defuse(name)
  if name:find "^[%s?]*[=+%-@]" then return "'" .. name end
  return name
end

local function quote(name)
  if name:find '[,"\r\n]' then return '"' .. name:gsub('"', '""') .. '"' end
  return name
end

local function number(value)
  if value == nil then return "" end
  if math.type(value) == "integer" then return tostring(value) end
  return (("%.4f"):format(value):gsub("%.?0+$", ""))
end

--- Writes the report line by line: write(text), to which the writer adds the line feed.
return function(report, write)
  local function put(first, cells)
    table.insert(cells, 1, quote(first))
    write(table.concat(cells, ",") .. "\r")
  end
  local function row_of(row)
    local cells = {}
    for i, column in ipairs(columns) do cells[i] = number(row[column.name]) end
    return cells
  end

  local titles = {}
  for i, column in ipairs(columns) do titles[i] = column.name end
  put(report.by, titles)
  for row in report.each() do put(defuse(text.harmless(row.key)), row_of(row)) end
  if report.others then put(report.others.key, row_of(report.others)) end
  put(report.total.key, row_of(report.total))
end
