-- Bars as inline SVG, for pages that load nothing.
local text = require "cdr.report.text"

local chart = {}

local WIDTH, LABEL, VALUE, ROW = 720, 190, 90, 26
local MOST_LETTERS = 26

local ENTITIES = {
  ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
}

--- A stranger's text for HTML, in content and in quoted attributes.
function chart.escape(name) return (text.harmless(name):gsub("[&<>\"']", ENTITIES)) end

local BAR = '<g%s><title>%s: %s</title><text class="label" x="%d" y="%d">%s</text>'
  .. '<rect x="%d" y="%d" width="%.1f" height="%d" rx="2"/>'
  .. '<text class="value" x="%.1f" y="%d">%s</text></g>'

local function bar(item, i, greatest)
  local y = (i - 1) * ROW
  local room = WIDTH - LABEL - VALUE
  local length = greatest > 0 and math.max(item.value / greatest * room, 1) or 1
  local short = chart.escape(text.cut(text.harmless(item.key), MOST_LETTERS))
  return BAR:format(item.abnormal and ' class="abnormal"' or "", chart.escape(item.key),
    item.label, LABEL - 8, y + 17, short, LABEL, y + 4, length, ROW - 8, LABEL + length + 6, y + 17,
    item.label)
end

--- One <svg> line by line: write(text). An item is { key =, value = at least 0, label = its value
--- for people, abnormal = }.
function chart.bars(title, items, write)
  local greatest = 0
  for _, item in ipairs(items) do greatest = math.max(greatest, item.value) end
  write(('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(WIDTH,
    math.max(#items, 1) * ROW, chart.escape(title)))
  for i, item in ipairs(items) do write(bar(item, i, greatest)) end
  write "</svg>"
end

return chart
