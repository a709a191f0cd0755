-- The columns of a report: their names for programs, and how people read them.
local text = require "cdr.report.text"

local function whole(number) return ("%d"):format(number) end

--- In order: name (csv and json), group and title (table and html, where it stands under the
--- group), show = how to write it for people; width, where the total may be shorter.
return {
  { name = "sessions", group = "", title = "sessions", show = whole },
  { name = "participants", group = "participants", title = "count", show = whole },
  { name = "peak", group = "participants", title = "peak", show = whole },
  { name = "participantSeconds", group = "minutes", title = "present", show = text.minutes },
  { name = "sentSeconds", group = "minutes", title = "sent", show = text.minutes },
  { name = "receivedSeconds", group = "minutes", title = "received", show = text.minutes },
  { name = "recordings", group = "recordings", title = "count", show = whole },
  { name = "recordingSeconds", group = "recordings", title = "minutes", show = text.minutes },
  { name = "recordingBytes", group = "recordings", title = "size", show = text.size,
    width = #"999.9 MB" },
  { name = "abnormal", group = "abnormal", title = "count", show = whole },
  { name = "abnormalShare", group = "abnormal", title = "share", show = text.share,
    width = #"100.0%" },
}
