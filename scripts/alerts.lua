-- Tells of what goes wrong on a server (--set to=DEST shape=slack only=RULE,RULE RULE=off).
local cdr = require "cdr"
local output = require "cdr.alerts.output"
local sessions = require "cdr.alerts.sessions"
local settings = require "cdr.alerts.settings"

local rules = {}
for _, name in ipairs {
  "storms", "servers", "recordings", "lengths", "media", "calls", "quiet", "ghosts", "reconnects",
} do
  local some = require("cdr.alerts." .. name)
  table.move(some, 1, #some, #rules + 1, rules)
end

-- What each looks at, and what may be set: scripts/README.md.
local opt, on = settings.read(rules, { to = "", shape = "", only = {}, repeat_minutes = 0 })

if opt.repeat_minutes < 0 then
  error(("--set repeat_minutes=%s: must be 0 (never) or more"):format(opt.repeat_minutes), 0)
end

local sinks = output.sinks(opt.to, opt.shape)
local repeat_s = opt.repeat_minutes > 0 and opt.repeat_minutes * 60 or nil

-- An alert of a rule has the rule's name.
local function maker(name)
  return function(spec)
    spec.name, spec.to, spec.repeat_every = name, sinks, repeat_s
    return cdr.alert(spec)
  end
end

for _, entry in ipairs(on) do
  local rule, values = entry[1], entry[2]
  rule.start(maker(rule.name), values)
end
sessions.watch()
