-- What a track is, and what the stream of several tracks is.
local order = require "cdr.standard.order"
local read = require "cdr.livekit.read"

local media = {}

--- The stream that a track belongs to: "CAMERA" (with the microphone and all that is unknown) or
--- "SCREEN" (with its sound).
function media.group(track)
  local source = read.text(track, "source") or "UNKNOWN"
  if source == "UNKNOWN" then return track.stream == "screen_share" and "SCREEN" or "CAMERA" end
  return source:find "^SCREEN_SHARE" and "SCREEN" or "CAMERA"
end

local function dimensions(track)
  local width, height = read.integer(track, "width"), read.integer(track, "height")
  return ('{"width":%d,"height":%d}'):format(width or 0, height or 0)
end

local function video_source(track, is_ingress)
  if is_ingress then return "IPCAM" end
  if media.group(track) == "SCREEN" then return "SCREEN" end
  return track.source == "CAMERA" and "CAMERA" or "CUSTOM"
end

--- What is kept of a track: nothing of a sound (whose type, zero, is left out), nil of data.
function media.track(track, is_ingress)
  local kind = read.text(track, "type") or "AUDIO"
  if kind == "AUDIO" then return {} end
  if kind ~= "VIDEO" then return nil end
  return { videoSource = video_source(track, is_ingress), videoDimensions = dimensions(track) }
end

--- What tracks are together, as the generator's publish takes it: the picture is that of the
--- oldest video track. LiveKit tells no frame rate; OpenVidu writes -1 then.
function media.of(tracks)
  local all = { audioEnabled = false, videoEnabled = false, videoFramerate = -1 }
  for _, track in ipairs(order.list(tracks)) do
    if not track.videoSource then
      all.audioEnabled = true
    elseif not all.videoEnabled then
      all.videoEnabled = true
      all.videoSource, all.videoDimensions = track.videoSource, track.videoDimensions
    end
  end
  return all
end

return media
