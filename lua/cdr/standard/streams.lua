-- Streams: who publishes, who receives whom, and how that ends (facts of OpenVidu 2.5 and later).
--
-- A participant publishes one stream at a time. What it receives is kept by the publisher's id in
-- `from`, and speaks of the media as they were published.
local order = require "cdr.standard.order"
local write = require "cdr.standard.write"

local streams = {}

local kinds = { CAMERA = "CAM", SCREEN = "SCR", CUSTOM = "CUS", IPCAM = "IPC" }
local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

-- Four letters that tell one publication from the next, as the server's random ones do.
local function tag(number)
  local text = ""
  number = number * 2654435761 % 0x100000000
  for _ = 1, 4 do
    text = text .. letters:sub(number % 52 + 1, number % 52 + 1)
    number = number // 52
  end
  return text
end

local function stream_id(participant, media, number)
  local kind = media.videoEnabled and kinds[media.videoSource] or "MIC"
  return ("str_%s_%s_%s"):format(kind, tag(number), participant.participantId)
end

-- What OpenVidu's browser library publishes when nothing else is asked for.
local function video(media, signal)
  media.videoSource = signal.videoSource or "CAMERA"
  if media.videoSource == "IPCAM" then return end
  media.videoFramerate = signal.videoFramerate or 30
  media.videoDimensions = signal.videoDimensions or '{"width":640,"height":480}'
end

local camera_keys = { "rtspUri", "adaptativeBitrate", "networkCache", "onlyPlayWithSubscribers" }

local function media_of(signal)
  local media = {
    startTime = signal.timestamp,
    audioEnabled = signal.audioEnabled ~= false,
    videoEnabled = signal.videoEnabled ~= false,
  }
  if media.videoEnabled then video(media, signal) end
  if signal.rtspUri then
    for _, key in ipairs(camera_keys) do media[key] = signal[key] end
  end
  return media
end

function streams.publish(server, session, participant, signal)
  local media = order.number(server.memory, media_of(signal))
  media.streamId = signal.streamId or stream_id(participant, media, media.order)
  participant.stream = media
  session.publishers = session.publishers + 1
  write.stream_created(server, session, signal.timestamp, participant)
end

function streams.subscribe(server, session, participant, publisher, now)
  participant.from[publisher.participantId] =
    order.number(server.memory, { startTime = now, participantId = publisher.participantId })
  write.stream_created(server, session, now, participant, publisher)
end

--- Ends what `participant` receives from `publisher`.
function streams.unsubscribe(server, session, participant, publisher, now, reason)
  local start = participant.from[publisher.participantId].startTime
  write.stream_destroyed(server, session, start, now, reason, participant, publisher)
  participant.from[publisher.participantId] = nil
end

--- Ends what all others receive from it.
function streams.close_watchers(server, session, publisher, now, reason)
  local watchers = {}
  for _, participant in pairs(session.participants) do
    local received = participant.from[publisher.participantId]
    if received then table.insert(watchers, { order = received.order, who = participant }) end
  end
  for _, watcher in ipairs(order.list(watchers)) do
    streams.unsubscribe(server, session, watcher.who, publisher, now, reason)
  end
end

--- Ends what it receives.
function streams.close_received(server, session, participant, now, reason)
  for _, received in ipairs(order.list(participant.from)) do
    local publisher = session.participants[received.participantId]
    streams.unsubscribe(server, session, participant, publisher, now, reason)
  end
end

--- Ends what it publishes, when it does.
function streams.close_published(server, session, participant, now, reason)
  local stream = participant.stream
  if not stream then return end
  write.stream_destroyed(server, session, stream.startTime, now, reason, participant)
  session.publishers = session.publishers - 1
end

--- An unpublish: the stream first, those who received it after.
function streams.unpublish(server, session, participant, now, reason)
  streams.close_published(server, session, participant, now, reason)
  streams.close_watchers(server, session, participant, now, reason)
  participant.stream = nil
end

return streams
