-- Tells the specs as they run, one line each, and ends in `N passed, N failed`.
local new_base = require "busted.outputHandlers.base"

local MARKS = { success = "ok", pending = "skip", failure = "not ok", error = "not ok" }

local function indent(text)
  return "  " .. tostring(text):gsub("\n+$", ""):gsub("\n", "\n  ")
end

local function message_of(entry)
  local message = entry.message
  if message == nil then return "(no message)" end
  return type(message) == "string" and message or require("pl.pretty").write(message)
end

-- busted loses the count when a spec file does not load; `errors` has it.
local function tell_failures(entries)
  for _, entry in ipairs(entries) do
    local trace = entry.trace or {}
    print(("\nnot ok - %s"):format(entry.name))
    print(indent(message_of(entry)))
    if entry.isError and trace.traceback then print(indent(trace.traceback)) end
  end
end

local function tell_skipped(entries)
  for _, entry in ipairs(entries) do
    local why = type(entry.message) == "string" and ": " .. entry.message or ""
    print(("skipped - %s%s"):format(entry.name, why))
  end
end

return function()
  local busted = require "busted"
  local handler = new_base()
  local file

  local function on_test(element, _, status)
    local source = element.trace and element.trace.short_src
    if source ~= file then print("# " .. tostring(source)) end
    file = source
    print(("%s - %s"):format(MARKS[status], handler.getFullName(element)))
    io.stdout:flush()
    return nil, true
  end

  local function on_end()
    local passed = handler.successesCount
    local failed = handler.failuresCount + handler.errorsCount
    print()
    tell_skipped(handler.pendings)
    tell_failures(handler.failures)
    tell_failures(handler.errors)
    if passed + failed == 0 then
      print("no spec ran\n0 passed, 1 failed")
      os.exit(1, true)
    end
    print(("%d passed, %d failed"):format(passed, failed))
    return nil, true
  end

  busted.subscribe({ "test", "end" }, on_test, { predicate = handler.cancelOnPending })
  busted.subscribe({ "suite", "end" }, on_end)
  return handler
end
