-- Runs the built-in script validate on lines given as text.
local rules = require "tests.support.rules"
local support = require "tests.support"

local validate = { NAME = "CDR.2020-09-29_17-50-01.log" }

-- On a folder of files, { name = lines }; gives the lines it prints, without the folder's name,
-- the exit code and standard error.
function validate.files(files, ...)
  local folder = support.folder()
  for name, lines in pairs(files) do
    support.write_file(folder .. "/" .. name, table.concat(lines, "\n") .. "\n")
  end
  local code, out, errors = support.run {
    "run", "--once", "validate", folder, "--state", folder .. "/state", ...,
  }
  return rules.lines((out:gsub(folder:gsub("%p", "%%%0") .. "/", ""))), code, errors
end

-- On the lines of one file; gives the findings as "LINE: level: message", the summary and the
-- exit code.
function validate.findings(lines, ...)
  local printed, code = validate.files({ [validate.NAME] = lines }, ...)
  local summary = table.remove(printed)
  for i, line in ipairs(printed) do printed[i] = line:sub(#validate.NAME + 2) end
  return printed, summary, code
end

return validate
