-- A text made by a template: one line for a file or a syslog, a body for a URL.
local template = require "cdr.template"
local words = require "cdr.notify.words"

local usual = template "{title}: {summary}"

return function(own)
  local render = own.template.text
  return function(n)
    if render then return render(words.fields(n), words.line) end
    return usual({ title = words.title(n, words.line), summary = n.summary }, words.line)
  end
end
