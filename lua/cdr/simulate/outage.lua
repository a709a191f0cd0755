-- What befalls the simulated server.
local outage = {}

local function restart(w) w:restart() end

local function stop(w)
  if w:try("serverStopped", {}) then w:later(10 + w.chance:lasting(20), restart) end
end

local function crash(w)
  if w.server.memory.stopped then return end
  w:crash()
  w:later(2 + w.chance:lasting(30), restart)
end

local function media_back(w, restarted) w:try("mediaServerBack", { restarted = restarted }) end

local function media_lost(w)
  if w:try("mediaServerLost", {}) then
    w:later(1 + w.chance:lasting(4), media_back, w.chance:chance(0.7))
  end
end

local function node_crashed(w)
  w:try("nodeCrashed", { id = "kms_" .. w.chance:whole(1000, 9999), ip = "192.0.2.7",
    uri = "ws://192.0.2.7:8888/kurento", clusterId = "MY_CLUSTER" })
end

-- How often of ten thousand.
local all = { { 20, stop }, { 12, crash }, { 25, media_lost }, { 8, node_crashed } }

--- Perhaps something is on its way; asked once for each session that begins. `trouble`: so much
--- more often than on a server that is looked after.
function outage.perhaps(w, trouble)
  for _, kind in ipairs(all) do
    if w.chance:chance(kind[1] * trouble / 10000) then w:later(w.chance:lasting(600), kind[2]) end
  end
end

return outage
