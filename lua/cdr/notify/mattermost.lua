-- The body of a Mattermost incoming webhook, which shows Markdown everywhere.
local chat = require "cdr.notify.chat"
local cdr = require "cdr"

-- No backslash takes a mention or a plain address away: a space of no width does.
local function escape(text)
  text = text:gsub("[\\`*_~%[%]()#|<>!]", "\\%0")
  return (text:gsub("@", "@\u{200B}"):gsub("://", ":\u{200B}//"):gsub("www%.", "www\u{200B}."))
end

local function bold(title) return "**" .. title .. "**" end

return function(own)
  local make = chat(own, { escape = escape, title = bold })
  return function(n) return cdr.json.encode(make(n)) end
end
