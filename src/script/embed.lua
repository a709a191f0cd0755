-- Writes the Lua files named as one C file: the table that script/builtin.h declares.
-- Bytes are numbers, since ISO C promises string literals of no more than 4095 characters.

local PER_LINE = 18

local function write_bytes(text)
  for at = 1, #text, PER_LINE do
    io.write("    ", table.concat({ text:byte(at, at + PER_LINE - 1) }, ", "), ",\n")
  end
end

local names = { table.unpack(arg) }
table.sort(names)

io.write('/* Made by embed.lua. */\n#include "script/builtin.h"\n')
local lengths = {}
for i, name in ipairs(names) do
  local file <close> = assert(io.open(name, "rb"))
  local text = file:read "a"
  lengths[i] = #text
  io.write(("\n/* %s */\nstatic const unsigned char text_%d[] = {\n"):format(name, i))
  write_bytes(text)
  io.write "    0\n};\n"
end

io.write "\nconst struct builtin_file builtin_files[] = {\n"
for i, name in ipairs(names) do
  io.write(("    { %q, (const char *)text_%d, %d },\n"):format(name, i, lengths[i]))
end
io.write "    { NULL, NULL, 0 },\n};\n"
