-- Why participants left: which endings nobody chose, and how many there were of each.
local reasons = {}
reasons.__index = reasons

-- Specification: reasons of participantLeft; nodeCrashed comes with 2.18.
local ABNORMAL = { networkDisconnect = true, nodeCrashed = true, mediaServerDisconnect = true }

-- What stands for the reason where the model had to close a participant: because its session never
-- ended, which nobody chose either; or ended without it; or since the input ends.
local LOST = {
  timeout = "(never ended)", restart = "(server started anew)", reused = "(id used again)",
}
local CLOSED = setmetatable({
  session = "(with its session)", ["end"] = "(still there)",
}, { __index = LOST })

-- A file may hold any reason; so many are told apart.
local MOST, LONGEST = 50, 60

--- None yet: in `by_key`, { key =, count =, abnormal = } by the reason.
function reasons.new()
  return setmetatable({ by_key = {}, count = 0 }, reasons)
end

local function name_of(participant)
  local synthetic, reason = participant.synthetic, participant.reason
  if synthetic then return CLOSED[synthetic] or "(none)" end
  if type(reason) ~= "string" or reason == "" then return "(none)" end
  return #reason <= LONGEST and reason or "(others)"
end

--- Counts the end of a participant; true when it is abnormal.
function reasons:add(participant)
  local abnormal = (ABNORMAL[participant.reason] or LOST[participant.synthetic]) ~= nil
  local name = name_of(participant)
  if not self.by_key[name] and self.count >= MOST then name = "(others)" end
  local reason = self.by_key[name]
  if not reason then
    reason = { key = name, count = 0, abnormal = abnormal }
    self.by_key[name], self.count = reason, self.count + 1
  end
  reason.count = reason.count + 1
  return abnormal
end

--- A list of them, the most frequent first.
function reasons:sorted()
  local list = {}
  for _, reason in pairs(self.by_key) do list[#list + 1] = reason end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.key < b.key
  end)
  return list
end

return reasons
