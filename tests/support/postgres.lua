-- A PostgreSQL server of the specs' own, in a temporary folder, on a free port of loopback.
local support = require "tests.support"

local Server = {}
Server.__index = Server

local function shell(command)
  local pipe <close> = assert(io.popen(command))
  return (pipe:read "a":gsub("%s+$", ""))
end

local bin = shell "ls -d /usr/lib/postgresql/*/bin | tail -1"
local is_root = shell "id -u" == "0"

-- PostgreSQL does not run as root.
local function command(program, words)
  local all = { bin .. "/" .. program }
  if is_root then
    all = { "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", all[1] }
    all.program = "setpriv"
  else
    all.program = table.remove(all, 1)
  end
  table.move(words, 1, #words, #all + 1, all)
  return all
end

local function free_port()
  return tonumber(shell([[python3 -c 'import socket; s = socket.socket(); ]]
    .. [[s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])']]))
end

-- A cluster whose user is "cdr", with that password; not running yet.
function Server.new(password)
  local self = setmetatable({ folder = support.folder(), port = free_port() }, Server)
  self.data = self.folder .. "/data"
  support.write_file(self.folder .. "/password", password .. "\n")
  if is_root then assert(os.execute("chown -R postgres " .. self.folder)) end
  local code, out, err = support.run(command("initdb", {
    "-D", self.data, "-U", "cdr", "-A", "scram-sha-256", "--pwfile", self.folder .. "/password",
    "-E", "UTF8", "--no-locale", "--no-sync", "--no-instructions",
  }))
  assert(code == 0, out .. err)
  self.url = ("postgres://cdr@127.0.0.1:%d/postgres"):format(self.port)
  self.password = password
  return self
end

local function spawn(self, fsync)
  self.process = support.spawn(command("postgres", {
    "-D", self.data, "-k", self.folder, "-p", tostring(self.port),
    "-c", "fsync=" .. (fsync or "off"),
    "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=20", "-c", "shared_buffers=16MB",
  }))
end

-- `fsync`: "on" for a server that writes as real ones do. While parts of a killed server are still
-- ending a new one does not start, so that it is tried again.
function Server:start(fsync)
  spawn(self, fsync)
  support.expect(function()
    if not self.process:is_alive() then spawn(self, fsync) end
    return (self:try "SELECT 1") == 0
  end, function() return "PostgreSQL: " .. self.process:stderr() end, 20)
end

-- "KILL": as a crash; "INT": as its owner would.
function Server:stop(signal)
  if not self.process then return end
  self.process:kill(signal or "INT")
  self.process:wait()
  self.process = nil
end

-- The exit code of psql, what it printed and what it said.
function Server:try(sql)
  return support.run { program = "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", self.url, "-c", sql,
    env = { PGPASSWORD = self.password, PGCONNECT_TIMEOUT = 5 } }
end

function Server:query(sql)
  local code, out, err = self:try(sql)
  if code ~= 0 then error(err, 2) end
  return (out:gsub("\n$", ""))
end

-- As it was when it was new.
function Server:empty()
  self:query "SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
end

return Server
