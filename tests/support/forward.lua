-- Runs that forward numbered lines to a destination: for the specs of sinks.
local cdr = require "tests.support.cdr"
local support = require "tests.support"

local forward = {}

--- A folder for such runs.
function forward.folder()
  local folder = support.folder()
  support.write_file(folder .. "/pass.lua", "")
  support.mkdir(folder .. "/in")
  return folder
end

--- Lines 1 to `n`, forwarded by `cdrlua run --once`: its exit code and what it said. `more`: other
--- words, and `env`. What is refused is in rejects.jsonl.
function forward.once(folder, url, n, more)
  more = more or {}
  support.write_file(folder .. "/input.jsonl", cdr.lines(1, n))
  local words = { "run", "--once", "pass.lua", "input.jsonl", "-w", url, "--rejects",
    "rejects.jsonl", cwd = folder, env = more.env }
  table.move(more, 1, #more, #words + 1, words)
  local code, _, errors = support.run(words)
  return code, errors
end

--- A following run, which is given its lines by forward.write.
function forward.follow(folder, url, more)
  local words = { "run", "pass.lua", folder .. "/in", "-w", url, "--state", folder .. "/state",
    cwd = folder }
  table.move(more or {}, 1, #(more or {}), #words + 1, words)
  return support.spawn(words)
end

--- Appends lines `from` to `to` to what is followed.
function forward.write(folder, from, to)
  support.append(folder .. "/in/CDR.2020-09-29_17-50-01.log", cdr.lines(from, to))
end

--- How often that stands in the text.
function forward.count(text, what)
  local _, n = text:gsub(what:gsub("%p", "%%%0"), "")
  return n
end

return forward
