-- Compares forwarding over HTTP in batches with a plain libcurl program that posts the same bodies:
-- make build/cdrlua build/bench/http && lua5.4 tests/bench/http.lua build MEGABYTES RUNS
--
-- Both post to the same receiver, in turn.
package.path = "./tests/bench/?.lua;" .. package.path
local turns = require "turns"

local build, megabytes, runs = arg[1] or "build", arg[2] or "60", tonumber(arg[3] or 5)
local folder, log, rules = turns.folder(megabytes)

turns.beside(build .. "/bench/http serve", folder .. "/port", function(port)
  local url = "http://127.0.0.1:" .. port .. "/"
  local forward = ("%s/cdrlua run --log-level error --once %s %s -w '%s#body=ndjson&shape=%%s'")
    :format(build, rules, log, url)
  turns.compare(runs, {
    { name = "plain libcurl", run = ("%s/bench/http post %s %s 100"):format(build, url, log) },
    { name = "cdrlua, lines as they are", run = forward:format "same" },
    { name = "cdrlua, webhook's shape", run = forward:format "webhook" },
  })
end)
os.execute("rm -r " .. folder)
