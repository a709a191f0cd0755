-- Fails on C functions over 60 lines, files over 450 and lines over 80 columns.
local FUNCTION_LINES, FILE_LINES_WARN, FILE_LINES, COLUMNS = 60, 350, 450, 80

local problems = 0

local function tell(file, line, what) io.stderr:write(("%s:%d: %s\n"):format(file, line, what)) end

local function problem(file, line, what)
  tell(file, line, what)
  problems = problems + 1
end

-- A function is its body's braces in the first column, as clang-format leaves them.
local function check_file(file)
  local number, began, name = 0, nil, nil
  for text in io.lines(file) do
    number = number + 1
    if (utf8.len(text) or #text) > COLUMNS then problem(file, number, "over 80 columns") end
    name = text:match "^([%a_][%w_]*)%(" or name
    if text == "{" then began = number end
    if text == "}" and began then
      local lines = number - began - 1
      if lines > FUNCTION_LINES then
        problem(file, began, ("%s has %d lines, over %d"):format(name, lines, FUNCTION_LINES))
      end
      began = nil
    end
  end
  if not file:find "%.c$" then return end
  if number > FILE_LINES then
    problem(file, number, ("%d lines, over %d"):format(number, FILE_LINES))
  elseif number > FILE_LINES_WARN then
    tell(file, number, ("note: %d lines, over %d"):format(number, FILE_LINES_WARN))
  end
end

for _, file in ipairs(arg) do check_file(file) end
os.exit(problems == 0)
