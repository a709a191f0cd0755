-- Where notifications of alerts go, and as what a person reads them.
local cdr = require "cdr"

local output = {}

-- Texts come from strangers: nothing in them may move the cursor.
local function plain(text) return (tostring(text):gsub("%c", "?")) end

local UNITS = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

-- "2 h 5 min"
local function lasting(ms)
  local seconds, words = ms // 1000, {}
  for _, unit in ipairs(UNITS) do
    local count = seconds // unit[1]
    seconds = seconds % unit[1]
    if count > 0 and #words < 2 then words[#words + 1] = count .. " " .. unit[2] end
  end
  return #words > 0 and table.concat(words, " ") or "0 s"
end

local function time_of(ms)
  return os.date("%Y-%m-%d %H:%M:%S", ms // 1000)
end

-- How it goes on, or how long it was.
local function more(notification)
  if notification.status == "resolved" then
    return (" (after %s)"):format(lasting(notification.ended - notification.started))
  elseif notification.repeats > 0 then
    return (" (for %s)"):format(lasting(notification.timestamp - notification.started))
  end
  return ""
end

--- A notification as a line.
function output.line(notification)
  return ("%s  %-8s  %-8s  %-16s  %s%s"):format(time_of(notification.timestamp),
    notification.status, plain(notification.severity), plain(notification.name),
    plain(notification.summary), more(notification))
end

local function open(dest, shape)
  local right, sink, problem = pcall(cdr.notify, dest, { shape = shape ~= "" and shape or nil })
  if right and sink then return sink end
  error("--set to: " .. (right and problem or tostring(sink):gsub("^[^ ]+:%d+: ", "")), 0)
end

local printer = { send = function(_, notification) print(output.line(notification)) end }

--- The sinks for an alert's `to`: the destination of that name, in that shape of cdr.notify ("":
--- the usual one); without one, lines on standard output where the script is alone and forwards
--- nothing; else none: notifications are events.
function output.sinks(dest, shape)
  if dest ~= "" then return { open(dest, shape) } end
  if shape ~= "" then error("--set shape=" .. shape .. ": says nothing without to", 0) end
  if #cdr.args.scripts == 1 and not cdr.args.forwards then return { printer } end
end

return output
