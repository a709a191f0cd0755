-- The words that OpenVidu writes where only some are allowed: sets of them, and the reasons.
--
-- In a set, true is the specification of 2.16; else it says which version brought the word.
local words = {}

--- What servers of that time write although the specification does not say so.
words.UNDOCUMENTED = "undocumented"

--- A set of the specification's words, from a text of them.
function words.set(text)
  local values = {}
  for word in text:gmatch "%S+" do values[word] = true end
  return values
end

--- The same set with more words, that came with `since`.
function words.with(values, text, since)
  for word in text:gmatch "%S+" do values[word] = since end
  return values
end

local set, with = words.set, words.with
local cut = "sessionClosedByServer openviduServerStopped "
local gone = "disconnect forceDisconnectByUser forceDisconnectByServer networkDisconnect "

--- Why something ended, by what it is.
words.reasons = {
  session = with(set("lastParticipantLeft " .. cut),
    "automaticStop recordingStoppedByServer mediaServerDisconnect", words.UNDOCUMENTED),
  participant = with(set(gone .. cut), "mediaServerDisconnect", words.UNDOCUMENTED),
  stream = set(gone .. cut .. "unsubscribe unpublish forceUnpublishByUser "
    .. "forceUnpublishByServer mediaServerDisconnect"),
  recording = set("recordingStoppedByServer lastParticipantLeft automaticStop "
    .. "mediaServerDisconnect " .. cut),
}
for _, reasons in pairs(words.reasons) do
  with(reasons, "mediaServerReconnect nodeCrashed", "2.18")
end
with(words.reasons.session, "broadcastStoppedByServer", "2.26")

return words
