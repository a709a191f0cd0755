-- Runs scripts given as text on input given as lines: for specs of what scripts can do.
local support = require "tests.support"

local rules = {}

-- The lines of a text, without their newlines.
function rules.lines(text)
  local list = {}
  for line in (text or ""):gmatch "([^\n]*)\n" do list[#list + 1] = line end
  return list
end

-- Lines of a session, numbered; of that time (milliseconds), or of one for each number.
local JOINED = '{"participantJoined":{"sessionId":"%s","timestamp":%d,"n":%d}}'
local LEFT = '{"participantLeft":{"sessionId":"%s","timestamp":%d,"n":%d}}'
function rules.joined(session, n, ms) return JOINED:format(session, ms or 1000 + n, n) end
function rules.left(session, n, ms) return LEFT:format(session, ms or 1000 + n, n) end

-- Runs `cdrlua run --once` in a new folder. `scripts` is one text or a list, each begun with
-- `local cdr = require "cdr"` in its first line; `input` is a list of lines, nil for no input.
-- Gives code, lines (of standard output), errors, rejects (lines) and the folder.
function rules.run(scripts, input, options)
  local folder = support.folder()
  local words = { "run", "--once", "--rejects", folder .. "/rejects.jsonl",
    "--max-time", tostring(10 * support.slowness), cwd = folder }
  if type(scripts) == "string" then scripts = { scripts } end
  for i, text in ipairs(scripts) do
    local name = folder .. "/rules" .. (i > 1 and i or "") .. ".lua"
    support.write_file(name, 'local cdr = require "cdr"\n' .. text .. "\n")
    table.move({ "-s", name }, 1, 2, #words + 1, words)
  end
  table.move(options or {}, 1, #(options or {}), #words + 1, words)
  if input then
    local path = folder .. "/input.jsonl"
    support.write_file(path, #input > 0 and table.concat(input, "\n") .. "\n" or "")
    words[#words + 1] = path
  end
  local code, out, errors = support.run(words)
  return {
    code = code, lines = rules.lines(out), errors = errors, folder = folder,
    rejects = rules.lines(support.read_file(folder .. "/rejects.jsonl")),
  }
end

return rules
