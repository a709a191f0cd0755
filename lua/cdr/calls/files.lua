-- What the names of files tell: which process of the server wrote them.
--
-- CDR.<date>_<start>.log: the date goes on, the start stays, as long as the process lives. So the
-- process is the first date seen with a start, and one that is later has followed a dead one.
local files = {}

--- Folder, date and start of a file that OpenVidu named (or its .gz); else nil.
local function parse(path)
  local folder, name = path:match "^(.*/)([^/]*)$"
  local date, start = (name or path):match "^CDR%.(%d%d%d%d%-%d%d%-%d%d)_(%d%d%-%d%d%-%d%d)%.log"
  return folder or "", date, start
end

--- Takes note of the file; true when the process that wrote to its folder before is dead.
function files.open(memory, path)
  local folder, date, start = parse(path)
  if not date then return false end
  memory.folder = folder
  local process = memory.folders[folder]
  local born = date .. "_" .. start
  if not process then
    memory.folders[folder] = { born = born, start = start, last = 0 }
    memory.several = memory.several or next(memory.folders, next(memory.folders)) ~= nil
    return false
  end
  if start == process.start or born < process.born then return false end
  process.born, process.start = born, start
  return true
end

--- Takes note of where the event in hand comes from: for folders that are read side by side.
function files.at(memory, path)
  local folder, date = parse(path)
  if date then memory.folder = folder end
end

return files
