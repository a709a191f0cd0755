-- The subject and the text of a mail, as the sink smtp: takes them.
local cdr = require "cdr"
local template = require "cdr.template"
local words = require "cdr.notify.words"

local usual_subject = template "{title}: {summary|or:no summary|cut:120}"

local function add(lines, ...) table.move({ ... }, 1, select("#", ...), #lines + 1, lines) end

-- Each of what comes from events is one line, so that none of them looks like another.
local function body(n, own)
  local lines = words.summaries(n, words.line)
  if n.status then add(lines, "", "status: " .. n.status, "began: " .. words.times(n)) end
  for _, label in ipairs(words.labels(n)) do
    add(lines, words.line(label[1] .. ": " .. label[2]))
  end
  if (n.repeats or 0) > 0 then add(lines, "repeat: " .. n.repeats) end
  if own.url then add(lines, "", own.url) end
  return table.concat(lines, "\n")
end

return function(own)
  local subject, text = own.template.subject, own.template.text
  return function(n)
    local fields = words.fields(n)
    return cdr.json.encode {
      subject = subject and subject(fields, words.line)
        or usual_subject({ title = words.title(n), summary = n.summary }, words.line),
      text = text and text(fields, words.plain) or body(n, own),
    }
  end
end
