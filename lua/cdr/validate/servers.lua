-- The servers whose files are read: which file goes on from which, and what a server left open.
--
-- The time in CDR.<date>_<time>.log is when the server started: at midnight the same server goes
-- on in a file of another date and the same time; a file of another time is another server's.
local lifecycle = require "cdr.validate.lifecycle"

local servers = {}

local Servers = {}
Servers.__index = Servers

--- `report(place, level, format, ...)` is called for what was left open, and then `ended(file)`.
function servers.new(report, ended)
  return setmetatable({ report = report, ended = ended, list = {} }, Servers)
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

-- Tells what the server left open, where that began.
function Servers:leave(server, how)
  local files = {}
  local function report(thing, format, ...)
    self.report(thing.place, "warning", format:format(how), thing.id, ...)
    if not files[thing.place.file] then table.insert(files, thing.place.file) end
    files[thing.place.file] = true
  end
  for _, session in ipairs(sorted(server.sessions)) do
    report(session, "session %%s %s (%%d in it)", session.count)
  end
  for _, recording in ipairs(sorted(server.recordings)) do
    report(recording, "recording %%s %s (%%s)", recording.status)
  end
  for _, file in ipairs(files) do self.ended(file) end
end

--- The end of all that is read.
function Servers:close()
  local names = {}
  for name in pairs(self.list) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do self:leave(self.list[name], "is open at the end") end
  self.list = {}
end

return servers
