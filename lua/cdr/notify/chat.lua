-- A message with a coloured attachment, as Slack and those who are like it take it.
local cdr = require "cdr"
local words = require "cdr.notify.words"

local COLOURS = { critical = "#D00000", warning = "#DAA038", info = "#439FE0" }
local GOOD, OTHER = "#2EB886", "#808080"
local MOST_FIELDS = 10

local function colour(n)
  if n.status == "resolved" then return GOOD end
  return COLOURS[n.severity] or OTHER
end

local function fields(n, escape)
  local list = cdr.array {}
  for _, label in ipairs(words.labels(n)) do
    if #list == MOST_FIELDS then break end
    list[#list + 1] = { title = escape(label[1]), value = escape(label[2]), short = true }
  end
  if n.started then list[#list + 1] = { title = "began", value = words.times(n), short = true } end
  return list
end

--- Makes bodies. `style`: escape(text) of what comes from events, title(text) of ours.
return function(own, style)
  local render = own.template.text
  local function escape(text) return style.escape(words.line(text)) end
  return function(n)
    local title = words.title(n, escape)
    local body = {
      text = render and render(words.fields(n), escape) or style.title(title),
      attachments = not render and cdr.array { {
        color = colour(n), fallback = title, title = own.url and "Details", title_link = own.url,
        text = table.concat(words.summaries(n, escape), "\n"),
        fields = fields(n, escape),
      } } or nil,
    }
    for key, value in pairs(own.extra or {}) do body[key] = value end
    return body
  end
end
