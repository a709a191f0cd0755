-- A listener on a socket for specs, which keeps what it hears in a folder (listener.py).
local support = require "tests.support"

local listener = {}
listener.__index = listener

--- One of that kind ("tcp", "tls", "udp"; "unix" and "datagram" at FOLDER/socket), with the
--- certificate, the key and whom it believes.
function listener.start(kind, ...)
  local l = setmetatable({ kind = kind, files = { ... }, folder = support.folder() }, listener)
  return l:up()
end

--- Up again, at the same port, if it was down.
function listener:up()
  os.remove(self.folder .. "/port")
  self.process = support.spawn {
    program = "/usr/bin/python3", "-S", "tests/support/listener.py", self.folder, self.kind,
    self.port or 0, table.unpack(self.files),
  }
  self.port = support.expect(function() return support.read_file(self.folder .. "/port") end,
    function() return "the listener: " .. self.process:stderr() end)
  self.at = "127.0.0.1:" .. self.port
  self.socket = self.folder .. "/socket"
  return self
end

function listener:down()
  self.process:kill "KILL"
  self.process:wait()
end

--- It closes the connection after so many bytes, once.
function listener:most(bytes) support.write_file(self.folder .. "/most", tostring(bytes)) end

--- It answers what it hears.
function listener:answers() support.write_file(self.folder .. "/answers", "") end

function listener:heard() return support.read_file(self.folder .. "/heard") or "" end

--- Waits until so many bytes, or that text at the end, were heard.
function listener:hear(what, seconds)
  support.expect(function()
    local text = self:heard()
    return type(what) == "number" and #text >= what or text:sub(-#tostring(what)) == what
  end, function()
    local text = self:heard()
    return ("heard %d bytes: %s"):format(#text, text:sub(-300))
  end, seconds)
  return self:heard()
end

--- Counted octets (RFC 6587) as a list of messages.
function listener:messages()
  local all, list, at = self:heard(), {}, 1
  while at <= #all do
    local length, from = all:match("^(%d+) ()", at)
    list[#list + 1] = all:sub(from, from + tonumber(length) - 1)
    at = from + tonumber(length)
  end
  return list
end

return listener
