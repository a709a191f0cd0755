-- The servers whose files are read: which file goes on from which, and what a server left open.
--
-- The time in CDR.<date>_<time>.log is when the server started: at midnight the same server goes
-- on in a file of another date and the same time; a file of another time is another server's.
local lifecycle = require "cdr.validate.lifecycle"

local servers = {}

local Servers = {}
Servers.__index = Servers

--- `report(place, level, format, ...)` is called for what was left open.
function servers.new(report)
  return setmetatable({ report = report, list = {} }, Servers)
end

local function name_of(file)
  local folder, time = file:match "^(.-)CDR%.%d+%-%d+%-%d+_(%d+%-%d+%-%d+)%.log[^/]*$"
  if not folder then return file end
  return folder .. time, folder
end

--- The lines that follow are of this file. A new server in a folder is the end of the one before.
function Servers:enter(file)
  local name, folder = name_of(file)
  local server = self.list[name]
  if not server then
    for other, old in pairs(self.list) do
      if folder and old.folder == folder then
        self:leave(old, "never ended: a later server's log begins")
        self.list[other] = nil
      end
    end
    server = lifecycle.new(folder)
    self.list[name] = server
  end
  self.current = server
end

--- An event of the file that was entered last.
function Servers:follow(event, place, report)
  lifecycle.follow(self.current, event, place, report)
end

local function by_place(a, b)
  if a.place.file ~= b.place.file then return a.place.file < b.place.file end
  return a.place.line < b.place.line
end

local function sorted(things)
  local list = {}
  for _, thing in pairs(things) do list[#list + 1] = thing end
  table.sort(list, by_place)
  return list
end

function Servers:leave(server, how)
  for _, session in ipairs(sorted(server.sessions)) do
    self.report(session.place, "warning", "session %s %s (%d in it)", session.id, how,
      session.count)
  end
  for _, recording in ipairs(sorted(server.recordings)) do
    self.report(recording.place, "warning", "recording %s %s (%s)", recording.id, how,
      recording.status)
  end
end

--- The end of all that is read.
function Servers:close()
  for _, server in pairs(self.list) do self:leave(server, "is open at the end") end
  self.list = {}
end

return servers
