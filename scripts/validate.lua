-- Checks files against the specification (--set level=error|warning|note limit=20).
local cdr = require "cdr"
local findings = require "cdr.validate.findings"
local line = require "cdr.validate.line"
local servers = require "cdr.validate.servers"

local opt = cdr.options { level = "warning", limit = 20 }

local found = findings.new(opt, print)
local all = servers.new(function(...) found:add(...) end, function(file) found:ended(file) end)
local lines, files, seen, current = 0, 0, {}, nil

local here
local function report(...) found:add(here, ...) end

local function enter(file)
  if file == current then return end
  current = file
  if not seen[file] then seen[file], files = true, files + 1 end
  all:enter(file)
end

cdr.on("file.opened", function(event) enter(event.file) end)

cdr.on("*", function(event)
  lines = lines + 1
  here = cdr.place() or { file = "events", line = lines } -- made by another script
  enter(here.file)
  line.check(event, report)
  all:follow(event, here, report)
end)

cdr.on("line.rejected", function(event)
  here = event
  lines = lines + 1
  enter(event.file)
  report("error", "the line cannot be used: %s", event.reason)
end)

cdr.on("file.ended", function(event) found:ended(event.file) end)

cdr.on("input.ended", function(event)
  if event.why == "end" then all:close() end
  found:summary(lines, files)
  if found.counts.error > 0 then cdr.exit_code(1) end
end)
