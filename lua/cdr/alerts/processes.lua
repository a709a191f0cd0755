-- Which of a server's processes writes, as the names of its files tell; kept over a restart.
local cdr = require "cdr"
local files = require "cdr.calls.files"
local state = require "cdr.state"

local processes = {}

local servers = { folders = state "alerts.servers", folder = "" } -- for cdr.calls.files

--- The folder of the file that the event in hand stands in.
function processes.folder()
  local place = cdr.place()
  if place then files.at(servers, place.file) end
  return servers.folder
end

--- Calls fn(folder) when a server has begun anew: a file has a later start in its name.
function processes.on_restart(fn)
  cdr.on("file.opened", function(event)
    if files.open(servers, event.file) then fn(servers.folder) end
  end)
end

return processes
