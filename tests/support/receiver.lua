-- An HTTP or HTTPS server on loopback for specs, with certificates made for them (receiver.py).
local native = require "native_decode"
local support = require "tests.support"

local receiver = {}
receiver.__index = receiver

local function openssl(...)
  local code, _, errors = support.run { program = "openssl", ... }
  assert(code == 0, errors)
end

--- A certificate for 127.0.0.1 (or `name`) that is its own authority, as `cert` and `key` in that
--- folder. `days` below 0: it is over.
function receiver.certificate(folder, days, name)
  local cert, key = folder .. "/cert.pem", folder .. "/key.pem"
  local config = folder .. "/openssl.cnf"
  support.write_file(config, ("[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=127.0.0.1\n"
    .. "[ext]\nsubjectAltName=%s\nbasicConstraints=CA:true\n"):format(name or "IP:127.0.0.1"))
  openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-keyout", key, "-out", folder .. "/request.pem", "-config", config)
  openssl("x509", "-req", "-in", folder .. "/request.pem", "-signkey", key, "-out", cert,
    "-extfile", config, "-extensions", "ext", "-days", tostring(days or 1))
  return { cert = cert, key = key }
end

--- Starts a server that writes its port to FOLDER/port: its process and the port.
function receiver.spawn(words, folder)
  os.remove(folder .. "/port")
  local process = support.spawn(words)
  return process, support.expect(function() return support.read_file(folder .. "/port") end,
    function() return "the server: " .. process:stderr() end)
end

--- Starts one. `given.tls`: a certificate; `given.client_ca`: whom it believes; `given.http2`: it
--- speaks HTTP/2 alone (receiver_h2.py).
function receiver.start(given)
  given = given or {}
  local r = setmetatable({ folder = support.folder(), tls = given.tls,
    client_ca = given.client_ca, program = given.http2 and "receiver_h2.py" or "receiver.py" },
    receiver)
  return r:up()
end

--- Up again, at the same port, if it was down.
function receiver:up()
  local words = { program = "/usr/bin/python3", "-S", "tests/support/" .. self.program,
    self.folder }
  local function add(...) table.move({ ... }, 1, select("#", ...), #words + 1, words) end
  if self.port then add("--port", self.port) end
  if self.tls then add("--cert", self.tls.cert, "--key", self.tls.key) end
  if self.client_ca then add("--client-ca", self.client_ca) end
  self.process, self.port = receiver.spawn(words, self.folder)
  self.url = (self.tls and "https" or "http") .. "://127.0.0.1:" .. self.port
  return self
end

function receiver:down()
  self.process:kill "KILL"
  self.process:wait()
end

--- What it does with the next requests, one text each, and with those behind them.
function receiver:plan(...)
  support.write_file(self.folder .. "/plan", table.concat({ ... }, "\n") .. "\n")
end
function receiver:always(step) support.write_file(self.folder .. "/always", step .. "\n") end
function receiver:check_with(...)
  support.write_file(self.folder .. "/secrets", table.concat({ ... }, "\n") .. "\n")
end

--- The requests so far: tables with method, path, headers, body, at, connection, signed.
function receiver:requests()
  local all = {}
  for line in (support.read_file(self.folder .. "/requests") or ""):gmatch "([^\n]*)\n" do
    all[#all + 1] = assert(native.value(line))
  end
  return all
end

--- Whether that text stands in one of them.
function receiver:has(text)
  return (support.read_file(self.folder .. "/requests") or ""):find(text, 1, true) ~= nil
end

--- How many have come, without reading them.
function receiver:count()
  local _, n = (support.read_file(self.folder .. "/requests") or ""):gsub("\n", "")
  return n
end

--- Waits for that many.
function receiver:expect(n, seconds)
  support.expect(function() return self:count() >= n end,
    function() return ("%d of %d requests"):format(self:count(), n) end, seconds)
  return self:requests()
end

return receiver
