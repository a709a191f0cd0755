-- Outboxes of the program's own, as the specs of destinations use them.
local support = require "tests.support"
local native = require "native_action"

local outbox = {}

-- An outbox that writes down what it says.
function outbox.new_box(dest, more)
  local heard = { taken = {}, notes = {}, room = 0 }
  local calls = {
    taken = function(ticket) heard.taken[#heard.taken + 1] = ticket end,
    room = function() heard.room = heard.room + 1 end,
    note = function(sentence) heard.notes[#heard.notes + 1] = sentence end,
    gone = function(sentence) heard.gone = sentence end,
  }
  for name, call in pairs(more or {}) do calls[name] = call end
  local box, why = native.outbox(dest, calls)
  return box, heard, why, calls
end

function outbox.open_box(dest, known, more)
  local box, heard, _, calls = outbox.new_box(dest, more)
  assert(box:open(known))
  return box, heard, calls
end

function outbox.run_until(check, what, seconds)
  support.expect(function()
    native.run(0.002)
    return check()
  end, what, seconds)
end

function outbox.numbered(from, to)
  local lines = {}
  for n = from, to do lines[#lines + 1] = n .. "\n" end
  return table.concat(lines)
end

function outbox.send_numbers(box, from, to)
  for n = from, to do box:send(n, tostring(n)) end
end

-- By hand, as luassert is slow.
function outbox.assert_ascending(row)
  for n, value in ipairs(row) do
    if value ~= n then error(("%d in place of %d"):format(value, n), 2) end
  end
end

return outbox
