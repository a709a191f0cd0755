-- Time as the events tell it, in milliseconds since 1970; from its first use on every line counts.
local host = require "cdr.host"

host.use_time()

return {
  --- The greatest timestamp seen on the road, 0 before the first.
  now = host.now,
  --- The time before which no event is expected any more: the clock less the lateness. Timers that
  --- are due up to it have run.
  watermark = host.watermark,
  --- The machine's clock: not for what a replay must repeat.
  wall = host.wall,
}
