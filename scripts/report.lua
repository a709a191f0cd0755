-- Sums up calls (--set by=day|session|user|country|platform format=table|csv|json|html top=N).
local cdr = require "cdr"
local books = require "cdr.report.books"
local calls = require "cdr.calls"
local keys = require "cdr.report.keys"
local summary = require "cdr.report.summary"

local opt = cdr.options { by = "day", format = "table", top = 0, user = "clientData" }

local FORMATS = { table = true, csv = true, json = true, html = true }
if not FORMATS[opt.format] then
  error(("--set format=%s: must be table, csv, json or html"):format(opt.format), 0)
end

if opt.top < 0 or opt.top % 1 ~= 0 then
  error(("--set top=%s: must be 0 or a number of rows"):format(opt.top), 0)
end

local write_report = require("cdr.report." .. opt.format)
local output = cdr.sink "-"
local account = books.new(keys.by(opt.by, opt.user))

-- Rows stay, and little else does: a third of what is kept may be old garbage.
collectgarbage("generational", 20, 30)

calls.on("participant.joined", function(participant) account:joined(participant) end)
calls.on("participant.left", function(participant) account:left(participant) end)
calls.on("session.closed", function(session) account:closed(session) end)
calls.on("recording.ready", function(recording) account:recorded(recording) end)

cdr.on("input.ended", function()
  write_report(summary.close(account, opt.top), function(line) output:write(line) end)
end)
