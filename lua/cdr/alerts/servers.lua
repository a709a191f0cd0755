-- A media server, a node or the whole server fails.
--
-- Up to 2.17 all that ends with a media server has the reason mediaServerDisconnect; from 2.18 on
-- it is nodeCrashed, or mediaServerReconnect for streams and recordings that end because it began
-- anew. OpenVidu Pro writes an event nodeCrashed before, without a session, and from 2.22 on
-- nodeRecovered. A server that was killed writes nothing: its next process begins a new file.
local cdr = require "cdr"
local sessions = require "cdr.alerts.sessions"
local time = require "cdr.time"
local values = require "cdr.calls.values"

local REASONS = { mediaServerDisconnect = true, mediaServerReconnect = true, nodeCrashed = true }

local ENDS = {
  "participantLeft", "webrtcConnectionDestroyed", "recordingStatusChanged", "sessionDestroyed",
}

local media_server = { name = "media_server", options = { seconds = { 300, 10, 86400 } } }

function media_server.start(make, opt)
  local alert = make {
    severity = "critical", resolve_after = opt.seconds, inhibited_by = "node_crashed",
    summary = "a media server was lost ({event.reason}): what it carried has ended",
  }
  cdr.on(ENDS, function(event)
    if REASONS[event.reason] then
      alert:fire { timestamp = event.timestamp, reason = event.reason }
    end
  end)
  -- before the crash of the node is over, which has held this back
  cdr.on("nodeRecovered", function(event) alert:resolve(event) end)
end

local node_crashed = { name = "node_crashed", options = { seconds = { 3600, 10, 86400 } } }

local function node_of(event)
  return values.text(event.ip) or values.text(event.id) or "unknown"
end

local function how_many(list) return type(list) == "table" and #list or 0 end

function node_crashed.start(make, opt)
  local alert = make {
    severity = "critical", resolve_after = opt.seconds, key = "node",
    summary = "{event.role} {key} crashed (sessions: {event.sessions}, recordings:"
      .. " {event.recordings})",
  }
  cdr.on("nodeCrashed", function(event)
    alert:fire(node_of(event), { timestamp = event.timestamp,
      role = values.text(event.nodeRole) or "node",
      sessions = how_many(event.sessionIds), recordings = how_many(event.recordingIds) })
  end)
  cdr.on("nodeRecovered", function(event) alert:resolve(node_of(event), event) end)
end

local server_crashed = { name = "server_crashed", options = { seconds = { 300, 10, 86400 } } }

function server_crashed.start(make, opt)
  local alert = make {
    severity = "critical", resolve_after = opt.seconds, key = "folder",
    summary = "the server began anew: it had crashed (sessions: {event.sessions}, people in"
      .. " them: {event.people})",
  }
  sessions.on("restarted", function(folder, lost)
    local people, busy = 0, 0
    for _, row in ipairs(lost) do
      people, busy = people + row.inside, busy + (row.inside > 0 and 1 or 0)
    end
    if people == 0 then return end
    alert:fire(folder, { timestamp = time.now(), people = people, sessions = busy })
  end)
end

return { media_server, node_crashed, server_crashed }
