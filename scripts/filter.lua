-- Lets only some events pass (--set event=NAME,NAME sessionId=ID where='duration > 60').
local cdr = require "cdr"

local opt = cdr.options { event = "", sessionId = "", where = "" }

local names = {}
for name in opt.event:gmatch "[^,%s]+" do
  names[name] = true
  cdr.on(name, print):off() -- is told of a slip in the name
end

local seen, failed, reason = 0, 0, nil

--- The expression sees the event's fields by name; a missing field is nil.
local function compile(expression)
  local fields = setmetatable({}, { __index = function(self, key) return rawget(self, 0)[key] end })
  local chunk, problem = load("return " .. expression, "=where", "t", fields)
  if not chunk then error("--set where: " .. problem:gsub("^where:1: ", ""), 0) end
  return function(event)
    fields[0] = event
    local ran, verdict = pcall(chunk)
    seen = seen + 1
    if ran then return verdict end
    failed, reason = failed + 1, verdict -- comparing a field that is not there: no match
  end
end

local matches = opt.where ~= "" and compile(opt.where)

local function passes(event)
  if next(names) and not names[event.event] then return false end
  if opt.sessionId ~= "" and event.sessionId ~= opt.sessionId then return false end
  return not matches or not not matches(event)
end

-- Alone on the road and without -w, what passes is meant for standard output.
local output = #cdr.args.scripts == 1 and not cdr.args.forwards and cdr.sink "-"

cdr.on("*", function(event)
  if not passes(event) then return false end
  if output then output:send(event) end
end)

cdr.on("input.ended", function()
  if seen > 0 and failed == seen then
    cdr.log.warn("where failed on every event: %s", (reason:gsub("^where:1: ", "")))
  end
end)
