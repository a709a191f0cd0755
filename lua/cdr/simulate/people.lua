-- Who takes part in the simulated conferences: where from, with what, and with which media.
local host = require "cdr.host"

local people = {}

local places = {
  { 9, "Berlin", "Germany" }, { 6, "Munich", "Germany" }, { 8, "Madrid", "Spain" },
  { 5, "Barcelona", "Spain" }, { 7, "Paris", "France" }, { 4, "Lyon", "France" },
  { 6, "London", "United Kingdom" }, { 5, "New York", "United States" }, { 3, "Tokyo", "Japan" },
  { 3, "São Paulo", "Brazil" }, { 3, nil, "Netherlands" }, { 2, nil, "Ireland" }, { 14 },
}

local platforms = {
  { 30, "Chrome 85.0.4183.121 on Windows 10 64-bit" },
  { 16, "Chrome 85.0.4183.121 on OS X 10.15.6 64-bit" },
  { 9, "Chrome 85.0.4183.121 on Linux 64-bit" },
  { 12, "Firefox 81.0 on Windows 10 64-bit" }, { 6, "Firefox 81.0 on Ubuntu Linux 64-bit" },
  { 9, "Safari 14.0 on OS X 10.15.6" }, { 8, "Chrome Mobile 85.0.4183.101 on Android 10" },
  { 7, "Safari 14.0 on iOS 14.0" }, { 3, "Microsoft Edge 85.0.564.63 on Windows 10 64-bit" },
}

local names = {
  "Ada", "Björn", "Chloé", "Dario", "Elif", "Farid", "Grace", "Hana", "Íris", "Jonas", "Kemal",
  "Lucía", "Mike", "Noor", "Olga", "Paul", "Quentin", "Rosa", "Sofia", "Tomás", "Uma", "Victor",
  "Wei", "Ximena", "Yusuf", "Zoë",
}

local cameras = { { 30, 640, 480 }, { 25, 1280, 720 }, { 4, 1920, 1080 }, { 6, 320, 240 } }

local function dimensions(width, height)
  return ('{"width":%d,"height":%d}'):format(width, height)
end

-- Documentation addresses (RFC 5737): nobody's.
local networks = { "192.0.2.", "198.51.100.", "203.0.113." }

local function address(chance) return chance:pick(networks) .. chance:whole(1, 254) end

--- A person with all that a join says of him, but the session and the time. He joins with a new
--- connection each time: see people.connection.
function people.new(chance, users)
  local place, user = chance:weighted(places), chance:whole(1, users)
  local name = names[(user - 1) % #names + 1]
  return {
    ip = address(chance), city = place[2], country = place[3],
    platform = chance:weighted(platforms)[2],
    clientData = host.json_encode { clientData = name },
    serverData = chance:chance(0.9) and host.json_encode { user = ("u%d"):format(user) } or "",
  }
end

--- An IP camera, as its REST call makes it.
function people.camera(chance)
  return { ip = address(chance), platform = "IPCAM", clientData = "", serverData = "",
    is_camera = true }
end

--- Gives him a new connection.
function people.connection(chance, person)
  person.participantId = chance:id(person.is_camera and "ipc_" or "con_")
end

--- The media that he publishes: a camera, a microphone alone, a screen, an IP camera.
function people.media(chance, person)
  if person.is_camera then
    return { videoSource = "IPCAM", rtspUri = "rtsp://" .. person.ip .. "/live",
      adaptativeBitrate = true, networkCache = 2000, onlyPlayWithSubscribers = true }
  end
  if chance:chance(0.1) then return { videoEnabled = false } end
  local size = chance:weighted(cameras)
  return { videoDimensions = dimensions(size[2], size[3]), audioEnabled = chance:chance(0.97),
    videoFramerate = chance:chance(0.02) and -1 or 30 }
end

--- What he publishes when he shares his screen.
function people.screen(chance)
  return { videoSource = "SCREEN", videoDimensions = dimensions(1920, 1080),
    videoFramerate = chance:pick { 15, 30 }, audioEnabled = false }
end

return people
