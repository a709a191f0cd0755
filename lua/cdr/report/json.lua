-- The report as one JSON object: its rows, a row a line, the total, and the endings by reason.
local columns = require "cdr.report.columns"
local host = require "cdr.host"

local encode = host.json_encode

-- Thousandths of a second and of a share are enough: sums of floats have noise behind them.
local function number(value)
  if value == nil then return "null" end
  if math.type(value) == "integer" then return tostring(value) end
  return encode(tonumber(("%.4f"):format(value)))
end

local function numbers(row)
  local members = {}
  for i, column in ipairs(columns) do
    members[i] = encode(column.name) .. ":" .. number(row[column.name])
  end
  return table.concat(members, ",")
end

local function reasons_of(report)
  local members = {}
  for i, reason in ipairs(report.reasons) do
    members[i] = encode(reason.key) .. ":" .. reason.count
  end
  return table.concat(members, ",")
end

--- Writes the report line by line: write(text).
return function(report, write)
  write(('{"by":%s,"rows":['):format(encode(report.by)))
  local i = 0
  for row in report.each() do
    i = i + 1
    local head = ("{%s:%s,"):format(encode(report.by), encode(row.key))
    write(head .. numbers(row) .. (i < report.count and "}," or "}"))
  end
  write "],"
  if report.others then write('"others":{' .. numbers(report.others) .. "},") end
  write('"total":{' .. numbers(report.total) .. "},")
  write('"reasons":{' .. reasons_of(report) .. "}}")
end
