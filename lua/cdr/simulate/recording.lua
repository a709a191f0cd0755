-- The recordings of a simulated session.
local recording = {}

local sorts = {
  { 70, {} },
  { 12, { outputMode = "INDIVIDUAL" } },
  { 8, { hasVideo = false } },
  { 6, { resolution = "1280x720", frameRate = 30, recordingLayout = "PICTURE_IN_PICTURE" } },
  { 4, { recordingLayout = "CUSTOM", customLayout = "/layouts/logo" } },
}

local names = { "MyRecording", "Reunión de los lunes", "Kurs 7" }

local start

-- On OpenVidu Pro the file is fetched from another machine, and is ready later.
local function ready(w, s, id, verb)
  w:try(verb, { sessionId = s.sessionId, id = id, size = w.chance:whole(100000, 100000000),
    duration = w.chance:whole(4000, 900000) / 1000 })
end

local function stop(w, s, number)
  local live = w.server.memory.sessions[s.sessionId]
  local id = live and live.recording and live.recording.id
  local pending = w.chance:chance(0.1)
  if s.recordings ~= number or not id
    or not w:try("stopRecording", { sessionId = s.sessionId, pending = pending }) then
    return
  end
  if pending then
    w:later(w.chance:lasting(40), ready, s, id,
      w.chance:chance(0.1) and "recordingFailed" or "recordingReady")
  end
  if w.chance:chance(0.2) then w:later(w.chance:lasting(60), start, s) end
end

local function started(w, s, number)
  if s.recordings ~= number then return end
  if w.chance:chance(0.03) then
    w:try("recordingFailed", { sessionId = s.sessionId })
  elseif w:try("recordingStarted", { sessionId = s.sessionId }) and w.chance:chance(0.6) then
    w:later(5 + w.chance:lasting(s.seconds / 3), stop, s, number)
  end
end

function start(w, s)
  local signal = { sessionId = s.sessionId, pending = true }
  for key, value in pairs(w.chance:weighted(sorts)[2]) do signal[key] = value end
  if w.chance:chance(0.2) then signal.name = w.chance:pick(names) end
  if not w:try("startRecording", signal) then return end
  s.recordings = (s.recordings or 0) + 1
  w:later(0.5 + w.chance:lasting(1.5), started, s, s.recordings)
end

--- Somebody will have it recorded.
function recording.plan(w, s) w:later(3 + w.chance:lasting(s.seconds / 4), start, s) end

return recording
