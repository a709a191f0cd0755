-- Whether an alert changes its state too often: more than `changes` times `within` a while. Then it
-- flaps until it has not changed for `calm`. Keeps nothing; times are milliseconds. A record has:
--   changes   when it changed, of late
--   flapping  true, or nothing
local flap = {}

--- Notes a change: "tell" it, be "quiet" of it, or tell that it is "flapping" from now on.
function flap.change(limits, record, at)
  local kept = {}
  for _, time in ipairs(record.changes) do
    if time > at - limits.within then kept[#kept + 1] = time end
  end
  kept[#kept + 1] = at
  if #kept > limits.changes + 1 then table.remove(kept, 1) end
  record.changes = kept
  if record.flapping then return "quiet" end
  if #kept <= limits.changes then return "tell" end
  record.flapping = true
  return "flapping"
end

--- When it is calm, or there is nothing more to remember.
function flap.due(limits, record)
  local last = record.changes[#record.changes]
  return last + (record.flapping and limits.calm or limits.within)
end

return flap
