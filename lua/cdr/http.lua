-- Asks a server over HTTP: the handler waits for the answer, events of other sessions go on.
--
--   local answer, why = cdr.http.get("https://api.example/users/" .. id, { timeout = 5 })
--   if answer and answer.status == 200 then event.user = cdr.json.decode(answer.body) end
--
-- An answer is { status = 200, headers = { ["content-type"] = ... }, body = "..." }, whatever its
-- status, names of headers in lower case. Where there is none: nil and a sentence, "deadline" when
-- the time was over. 64 requests run at a time, 8 to a host; more wait in line, within their time.
local host = require "cdr.host"

local http = {}

local TIMEOUT_S, LONGEST_S = 30, 3600
local MAX_SIZE, LARGEST = 1 << 20, 64 << 20 -- bytes
local REDIRECTS_MOST = 20

-- What may be said, and its type.
local OPTIONS = {
  url = "string", method = "string", headers = "table", timeout = "number", max_size = "number",
  user = "string", password = "string", token = "string", ca = "string", cert = "string",
  key = "string", insecure = "boolean", redirects = "number",
}

local function check(given)
  for name, value in pairs(given) do
    local wanted = OPTIONS[name]
    if name ~= "body" and not wanted then
      error(('cdr.http: no option "%s"'):format(tostring(name)), 0)
    elseif wanted and type(value) ~= wanted then
      error(("cdr.http: %s: must be a %s, not a %s"):format(name, wanted, type(value)), 0)
    end
  end
  if not given.url then error("cdr.http: url: is missing", 0) end
end

local function number(given, name, usual, least, most)
  local value = given[name] or usual
  if value >= least and value <= most then return value end
  error(("cdr.http: %s: must be from %s to %s"):format(name, least, most), 0)
end

-- { name, value, name, value... }, and whether one of them is the body's type.
local function list(headers)
  local all, typed = {}, false
  for name, value in pairs(headers or {}) do
    if type(name) ~= "string" or (type(value) ~= "string" and type(value) ~= "number") then
      error("cdr.http: headers: names and values must be texts", 0)
    end
    all[#all + 1], all[#all + 2] = name, tostring(value)
    typed = typed or name:lower() == "content-type"
  end
  return all, typed
end

-- As text: a table becomes JSON.
local function text_of(body)
  if type(body) == "table" then return host.json_encode(body) end
  if body == nil or type(body) == "string" then return body end
  error(("cdr.http: body: must be a text or a table, not a %s"):format(type(body)), 0)
end

-- What the host is asked for.
local function prepare(given)
  check(given)
  local headers, typed = list(given.headers)
  if type(given.body) == "table" and not typed then
    table.move({ "Content-Type", "application/json" }, 1, 2, #headers + 1, headers)
  end
  return {
    url = given.url, method = given.method, headers = headers, body = text_of(given.body),
    timeout = number(given, "timeout", TIMEOUT_S, 0.001, LONGEST_S),
    max_size = number(given, "max_size", MAX_SIZE, 0, LARGEST),
    redirects = number(given, "redirects", 0, 0, REDIRECTS_MOST),
    user = given.user, password = given.password, token = given.token,
    ca = given.ca, cert = given.cert, key = given.key, insecure = given.insecure,
  }
end

-- A text would be cut there.
local function with_nul(prepared)
  for name, value in pairs(prepared) do
    if name ~= "body" and type(value) == "string" and value:find("\0", 1, true) then return name end
  end
  for _, text in ipairs(prepared.headers) do
    if text:find("\0", 1, true) then return "headers" end
  end
end

-- The options with what the call says itself.
local function with(options, own)
  if options ~= nil and type(options) ~= "table" then
    error(("cdr.http: options: must be a table, not a %s"):format(type(options)), 0)
  end
  for name, value in pairs(options or {}) do
    if own[name] == nil then own[name] = value end
  end
  return own
end

--- Asks with what the table says: url, method (GET, or POST with a body), headers { name = value },
--- body (a text, or a table, which becomes JSON), timeout (s, 30), max_size of the answer (bytes,
--- 1 MiB; more is a failure), redirects (how many are followed, 0), user and password, or token
--- (bearer); ca, cert, key (PEM files); insecure = true believes any certificate. Raises for what
--- is none of these, while the script loads, and in a coroutine of the script's own.
function http.request(given)
  if type(given) ~= "table" then error("cdr.http.request: takes a table", 2) end
  local right, prepared = pcall(prepare, given)
  if not right then error(prepared, 2) end
  local name = with_nul(prepared)
  if name then return nil, name .. ": has a NUL" end
  return host.http_request(prepared)
end

--- The same with GET.
function http.get(url, options)
  return http.request(with(options, { url = url, method = "GET" }))
end

--- The same with POST.
function http.post(url, body, options)
  if body == nil then body = "" end
  return http.request(with(options, { url = url, method = "POST", body = body }))
end

return http
