-- The body of a Slack-compatible incoming webhook.
local chat = require "cdr.notify.chat"
local cdr = require "cdr"

-- Slack's three control characters, without which there is no mention and no hidden link (its
-- "Formatting message text"). A plain address would still become a link, so it is broken.
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function escape(text)
  return (text:gsub("[&<>]", ENTITIES):gsub("://", ":\u{200B}//"))
end

return function(own)
  local make = chat(own, { escape = escape, title = function(text) return text end })
  local formatted = own.template.text ~= nil
  return function(n)
    local body = make(n)
    if body.mrkdwn == nil then body.mrkdwn = formatted end
    return cdr.json.encode(body)
  end
end
