-- An SMTP server on loopback for specs, with or without TLS (mailserver.py).
local native = require "native_decode"
local receiver = require "tests.support.receiver"
local support = require "tests.support"

local mailserver = {}
mailserver.__index = mailserver

--- Starts one. `given.tls`: a certificate for STARTTLS, with `given.implicit` for smtps://;
--- `given.auth`: "USER:PASSWORD" of who may send.
function mailserver.start(given)
  given = given or {}
  local s = setmetatable({ folder = support.folder(), given = given }, mailserver)
  return s:up()
end

--- Up again, at the same port, if it was down.
function mailserver:up()
  local words = { program = "/usr/bin/python3", "-S", "tests/support/mailserver.py", self.folder }
  local function add(...) table.move({ ... }, 1, select("#", ...), #words + 1, words) end
  if self.port then add("--port", self.port) end
  if self.given.tls then add("--cert", self.given.tls.cert, "--key", self.given.tls.key) end
  if self.given.implicit then add "--implicit" end
  if self.given.auth then add("--auth", self.given.auth) end
  self.process, self.port = receiver.spawn(words, self.folder)
  self.url = (self.given.implicit and "smtps" or "smtp") .. "://127.0.0.1:" .. self.port
  return self
end

mailserver.down = receiver.down

--- What it answers to the next commands of a kind, one text each: "END 451 later".
mailserver.plan = receiver.plan

--- The mails so far: from, to, data, text, headers, names, faults, tls, user, connection.
function mailserver:mails()
  local all = {}
  for line in (support.read_file(self.folder .. "/mails") or ""):gmatch "([^\n]*)\n" do
    all[#all + 1] = assert(native.value(line))
  end
  return all
end

--- Waits for that many.
function mailserver:expect(n, seconds)
  support.expect(function() return #self:mails() >= n end,
    function() return ("%d of %d mails"):format(#self:mails(), n) end, seconds)
  return self:mails()
end

return mailserver
