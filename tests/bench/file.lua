-- Compares `-w FILE` with a plain C program that writes the same lines:
-- make build/cdrlua build/bench/file && lua5.4 tests/bench/file.lua build MEGABYTES RUNS
--
-- Both read the same file, split it, and write its lines 256 KiB at a time without fsync. What the
-- sink costs is a run with `-w FILE` less one without; what writing costs is the plain program's
-- copy less its reading.
package.path = "./tests/bench/?.lua;" .. package.path
local turns = require "turns"

local build, megabytes, runs = arg[1] or "build", arg[2] or "200", tonumber(arg[3] or 9)
local folder, log, rules = turns.folder(megabytes)
local plain, out = build .. "/bench/file", folder .. "/out"
local cdrlua = ("%s/cdrlua run --log-level error --once %s %s"):format(build, rules, log)

local clock, processor = turns.compare(runs, {
  { name = "plain copy", before = "rm -f " .. out,
    run = ("%s copy %s %s"):format(plain, log, out) },
  { name = "plain read", run = ("%s read %s"):format(plain, log) },
  { name = "cdrlua -w FILE", before = "rm -f " .. out, run = cdrlua .. " -w " .. out },
  { name = "cdrlua", run = cdrlua },
})
assert(os.execute(("cmp %s %s"):format(log, out)))
for what, seconds in pairs { ["on the clock"] = clock, ["of processors"] = processor } do
  local writing = seconds["plain copy"] - seconds["plain read"]
  local with, without = seconds["cdrlua -w FILE"], seconds["cdrlua"]
  print(("%s: the sink alone %.2f times the writing; the run %.2f times the run without it and "
    .. "the writing"):format(what, (with - without) / writing, with / (without + writing)))
end
os.execute("rm -r " .. folder)
