-- The library that scripts require: the host's functions, and what Lua says better.
local host = require "cdr.host"

local cdr = {
  on = host.on,
  emit = host.emit,
  key_order = host.key_order,
  raw = host.raw,
  id = host.id,
  place = host.place,
  sink = host.sink,
  begin_file = host.begin_file,
  sleep = host.sleep,
  source = host.source,
  ordered = host.ordered,
  fail_closed = host.fail_closed,
  exit_code = host.exit_code,
  array = host.array,
  null = host.null,
  args = host.args(),
  json = {
    decode = host.json_decode,
    encode = host.json_encode,
    encode_cdr = host.json_encode_cdr,
    encode_webhook = host.json_encode_webhook,
  },
}

--- Takes handlers off again: the same as handle:off().
function cdr.off(handle)
  return handle:off()
end

--- cdr.log.info("text") or cdr.log.info("%d calls", n): the station's name is put before it.
cdr.log = {}
for _, level in ipairs { "debug", "info", "warn", "error" } do
  cdr.log[level] = function(text, ...)
    host.log(level, select("#", ...) > 0 and string.format(text, ...) or tostring(text))
  end
end

-- Functions that stand in a module of another name.
local module_of = {}
for _, name in ipairs { "every", "at", "timer", "after", "cancel" } do
  module_of[name] = "timers"
end

-- The other modules (options, time) are loaded when they are first named.
return setmetatable(cdr, {
  __index = function(library, name)
    if module_of[name] then
      rawset(library, name, require("cdr." .. module_of[name])[name])
      return library[name]
    end
    local found, module = pcall(require, "cdr." .. tostring(name))
    if not found then
      if tostring(module):find("module 'cdr." .. tostring(name) .. "' not found", 1, true) then
        error(('cdr has no "%s"'):format(tostring(name)), 2)
      end
      error(module, 2)
    end
    rawset(library, name, module)
    return module
  end,
})
