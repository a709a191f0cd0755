-- Adds the ends a crashed server did not write (--set reason=NAME timeout=86400 end=true|false).
local cdr = require "cdr"
local calls = require "cdr.calls"
local repair = require "cdr.repair"

local opt = cdr.options { reason = "openviduServerStopped", timeout = 86400, ["end"] = true }

local model = calls.new({}, { keep = true, timeout = opt.timeout })
local missing = {} -- what must stand before the event in hand

local function add(make)
  return function(record)
    if not record.synthetic then return end
    for _, event in ipairs { make(record, opt.reason) } do missing[#missing + 1] = event end
  end
end

model:on("stream.closed", add(repair.stream))
model:on("participant.left", add(repair.participant))
model:on("recording.failed", add(repair.recording))
model:on("session.closed", add(repair.session))

-- Alone on the road and without -w, all is meant for standard output.
local output = #cdr.args.scripts == 1 and not cdr.args.forwards and cdr.sink "-"

local function put_missing()
  for _, event in ipairs(missing) do
    if output then output:send(event) end
    cdr.emit(event)
  end
  missing = {}
end

cdr.on("*", function(event)
  if model.memory.several then model:from(cdr.place()) end
  model:feed(event)
  if #missing == 0 then
    if output then output:send(event) end
    return
  end
  put_missing()
  if output then output:send(event) end
  cdr.emit(event)
  return false
end)

cdr.on("file.opened", function(event)
  model:file(event.file)
  put_missing()
end)

cdr.on("input.ended", function(event)
  if event.why == "end" and opt["end"] then model:finish() end
  put_missing()
end)
