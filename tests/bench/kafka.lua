-- Compares forwarding to Kafka with a plain librdkafka producer of the same messages:
-- make build/cdrlua build/bench/kafka && lua5.4 tests/bench/kafka.lua build MEGABYTES RUNS
--
-- Both produce with the same settings to the same mock cluster, in turn.
package.path = "./tests/bench/?.lua;" .. package.path
local turns = require "turns"

local build, megabytes, runs = arg[1] or "build", arg[2] or "60", tonumber(arg[3] or 5)
local folder, log, rules = turns.folder(megabytes)

turns.beside(build .. "/bench/kafka serve", folder .. "/brokers", function(brokers)
  turns.compare(runs, {
    { name = "plain librdkafka",
      run = ("%s/bench/kafka produce %s calls %s"):format(build, brokers, log) },
    { name = "cdrlua",
      run = ("%s/cdrlua run --log-level error --once %s %s -w kafka://%s/calls")
        :format(build, rules, log, brokers) },
  })
end)
os.execute("rm -r " .. folder)
