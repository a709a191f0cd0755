-- Fails when a C file looks upwards, takes a library that is not its layer's, or has no header.

-- Who may include whom. "" is src itself: main, options and the pipeline; what works beside a run
-- stands in command.
local MAY = {
  [""] = { "", "command", "input", "script", "state", "decode", "action", "base" },
  command = { "command", "", "script", "state", "decode", "action", "base" },
  script = { "script", "decode", "action", "base" },
  input = { "input", "base" },
  state = { "state", "base" },
  decode = { "decode", "base" },
  action = { "action", "base" },
  base = { "base" },
}

-- Each outside library has one home; what is spoken everywhere (libc, uthash) is not listed.
local HOME = {
  ["cJSON.h"] = { "decode" },
  ["libpq-fe.h"] = { "action" },
  ["sqlite3.h"] = { "action", "state" },
  ["zlib.h"] = { "input", "action" },
  ["maxminddb.h"] = { "action" },
  ["curl/curl.h"] = { "action" },
  ["openssl/hmac.h"] = { "action" },
  ["openssl/evp.h"] = { "action" },
  ["xxhash.h"] = { "base" },
  ["lua.h"] = { "decode", "script" },
  ["lauxlib.h"] = { "decode", "script" },
  ["lualib.h"] = { "script" },
  ["ev.h"] = { "", "command", "input", "action", "script" },
}

local problems = 0

local function problem(file, line, what)
  io.stderr:write(("%s:%d: %s\n"):format(file, line, what))
  problems = problems + 1
end

local function has(list, item)
  for _, one in ipairs(list) do
    if one == item then return true end
  end
  return false
end

local function layer_of(path) return path:match "^(.*)/[^/]*$" or "" end

local function check_include(file, number, layer, text)
  local own = text:match '^#include "(.-)"'
  if own then
    if own == "main.h" or not has(MAY[layer], layer_of(own)) then
      problem(file, number, ("%s may not include %s"):format(layer, own))
    end
    return own
  end
  local library = text:match "^#include <(.-)>"
  if library and HOME[library] and not has(HOME[library], layer) then
    problem(file, number, ("%s belongs to %s"):format(library, table.concat(HOME[library], ", ")))
  end
end

local function is_there(path)
  local file <close> = io.open(path)
  return file ~= nil
end

-- A .c file that has a header includes it first; one of a family (sink_file.c, api_time.c) has the
-- header of the family, in its own folder.
local function check_headers(file, path, headers)
  local own = path:gsub("%.c$", ".h")
  if is_there("src/" .. own) then
    if headers[1] ~= own then problem(file, 1, "its own header does not come first") end
    return
  end
  for _, header in ipairs(headers) do
    if layer_of(header) == layer_of(path) then return end
  end
  problem(file, 1, "no header of its own, nor of its folder")
end

local function check_first_line(file, name, text)
  if not text:find("/* " .. name .. " -- ", 1, true) then
    problem(file, 1, ("the first line is not `/* %s -- what it is for. */`"):format(name))
  end
end

local function check_file(file)
  local path = file:gsub("^src/", "")
  local layer, name = layer_of(path), path:match "[^/]*$"
  if not MAY[layer] then return problem(file, 1, "a folder that the layers do not know") end
  local number, headers = 0, {}
  for text in io.lines(file) do
    number = number + 1
    if number == 1 then check_first_line(file, name, text) end
    headers[#headers + 1] = check_include(file, number, layer, text)
  end
  if name:find "%.c$" and name ~= "main.c" then check_headers(file, path, headers) end
end

for _, file in ipairs(arg) do check_file(file) end
os.exit(problems == 0)
