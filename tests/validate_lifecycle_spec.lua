-- The built-in script validate: what the lines of a server say one after the other.
local calls = require "tests.support.calls"
local support = require "tests.support"
local validate = require "tests.support.validate"

local created, destroyed, joined, left = calls.created, calls.destroyed, calls.joined, calls.left
local opened, closed, recorded = calls.opened, calls.closed, calls.recorded

-- The lines of the good call with some left out (0), changed, or put before others.
local function call(changes)
  local lines = {}
  for i, line in ipairs(calls.good()) do
    local change = changes[i]
    if type(change) == "table" then
      table.move(change, 1, #change, #lines + 1, lines)
      change = nil
    end
    if change ~= 0 then lines[#lines + 1] = change or line end
  end
  return lines
end

local function swapped(i, j)
  local good = calls.good()
  return call { [i] = good[j], [j] = good[i] }
end

-- What is done, the lines, and the findings; {} where it is right.
local lives = {
  { "a session created twice in a moment", call { [2] = { created(0) } },
    { "2: error: sessionCreated of ses_1, which is open (line 1)" } },
  { "a session created again that people are in", call { [16] = { created(9100) } }, {
    "16: error: sessionCreated of ses_1, which is open (line 1)",
    "17: error: webrtcConnectionDestroyed of bob, who is not in session ses_1",
    "18: error: participantLeft of bob, not seen to join session ses_1",
    "19: error: sessionDestroyed of ses_1: startTime is not the timestamp of its sessionCreated "
      .. "(line 16)" } },
  { "a session created again that nobody came to", call { [2] = { created(500) }, [18] = 0 }, {
    "2: warning: sessionCreated of ses_1, which is open (line 1)",
    "2: warning: session ses_1 is open at the end (0 in it)" } },
  { "a session created late, with its true time",
    call { [1] = joined(1000, "ann"), [2] = created(0) }, {} },
  { "an id used again", { created(0), destroyed(0, 9), created(10), destroyed(10, 19) }, {} },
  { "a session destroyed twice", { created(0), destroyed(0, 9), destroyed(0, 10) },
    { "3: error: sessionDestroyed of session ses_1, which was destroyed (line 2)" } },
  { "a session destroyed with somebody in it", call { [17] = 0 },
    { "17: error: sessionDestroyed of ses_1 with 1 still in it" } },
  { "a session destroyed while it is recorded", call { [10] = 0, [11] = 0 }, {
    "16: error: sessionDestroyed of ses_1: its recording rec has not stopped",
    "8: warning: recording rec is open at the end (started)" } },
  { "a session that began at another time", call { [18] = destroyed(1, 9502) },
    { "18: error: sessionDestroyed of ses_1: startTime is not the timestamp of its "
      .. "sessionCreated (line 1)" } },
  { "something after the session", { created(0), destroyed(0, 9), joined(10, "ann") },
    { "3: error: participantJoined of session ses_1, which was destroyed (line 2)" } },
  { "a recording that is ready after the session",
    { created(0), recorded("started", 1, 1, "rec"), recorded("stopped", 1, 8, "rec"),
      destroyed(0, 9), recorded("ready", 1, 900, "rec") }, {} },

  { "somebody who joins twice", call { [4] = { joined(1900, "bob") } },
    { "5: error: participantJoined of bob, who is in session ses_1 already" } },
  { "somebody who leaves and never joined", call { [2] = { left(500, 900, "eve") } },
    { "2: error: participantLeft of eve, not seen to join session ses_1" } },
  { "somebody who joined at another time", call { [17] = left(2001, 9501, "bob") },
    { "17: error: participantLeft of bob: startTime is not the timestamp of its "
      .. "participantJoined" } },
  { "somebody who comes back", call { [18] = {
    joined(9600, "bob"), left(9600, 9700, "bob", "networkDisconnect") } }, {} },
  { "streams of somebody who is not there", call { [2] = { opened(500, "eve") } },
    { "2: error: webrtcConnectionCreated of eve, who is not in session ses_1" } },
  { "a filter of somebody who is not there", call { [9] = calls.filtered(2900, "eve") },
    { "9: warning: filterEventDispatched of eve, who is not in session ses_1" } },

  { "a second publication", call { [4] = { opened(1600, "ann") } }, {
    "4: error: webrtcConnectionCreated of ann, who publishes already",
    "15: error: webrtcConnectionDestroyed of ann: startTime is not the timestamp of its "
      .. "webrtcConnectionCreated" } },
  { "a second subscription", call { [6] = { opened(2500, "bob", "ann") } },
    { "6: error: webrtcConnectionCreated of bob, who receives from ann already" } },
  { "what nobody publishes", call { [3] = 0, [14] = 0 },
    { "4: error: webrtcConnectionCreated of bob: receivingFrom ann, who does not publish" } },
  { "another stream than is published",
    call { [5] = (opened(2500, "bob", "ann"):gsub("AbCd", "EfGh")) }, {
      "5: error: webrtcConnectionCreated of bob: streamId is not that of ann",
      "12: error: webrtcConnectionDestroyed of bob: streamId is not that of its "
        .. "webrtcConnectionCreated" } },
  { "the end of a stream that never began", call { [4] = { closed(1500, 1600, "ann", "bob") } },
    { "4: error: webrtcConnectionDestroyed of ann, INBOUND, not seen to begin" } },
  { "an end from another beginning", call { [14] = closed(1501, 9000, "ann") },
    { "14: error: webrtcConnectionDestroyed of ann: startTime is not the timestamp of its "
      .. "webrtcConnectionCreated" } },
  { "the others' streams and one's own in any order", swapped(12, 13), {} },
  { "a leave that ends what is sent before what is received", swapped(12, 14), {
    "12: error: webrtcConnectionDestroyed of ann, OUTBOUND, reason disconnect: received streams "
      .. "must end before" } },
  { "a leave before its streams end", swapped(14, 15), {
    "14: error: participantLeft of ann before the end of its streams, sent or received (1)",
    "15: error: webrtcConnectionDestroyed of ann, who is not in session ses_1" } },
  { "an unpublish, and another publication", call { [12] = 0, [13] = {
    closed(1500, 8000, "ann", nil, "unpublish"), closed(2500, 8000, "bob", "ann", "unpublish"),
    opened(8500, "ann"), opened(8600, "bob", "ann"), closed(8600, 9000, "bob", "ann") },
    [14] = closed(8500, 9000, "ann") }, {} },
  { "an unpublish in the order of a leave", call {
    [12] = closed(2500, 8000, "bob", "ann", "unpublish"),
    [14] = closed(1500, 9000, "ann", nil, "unpublish") }, {
    "12: error: webrtcConnectionDestroyed of bob, INBOUND, reason unpublish: the stream of ann "
      .. "must end before" } },
  { "an unsubscribe", call { [12] = closed(2500, 8000, "bob", "ann", "unsubscribe") }, {} },
  { "a media server that comes back", call {
    [12] = closed(2700, 9000, "ann", "bob", "mediaServerReconnect"),
    [13] = closed(1500, 9000, "ann", nil, "mediaServerReconnect"),
    [14] = closed(2500, 9000, "bob", "ann", "mediaServerReconnect") },
    { "12: note: reason mediaServerReconnect came with OpenVidu 2.18 (3 times)" } },

  { "a recording that starts twice", call { [9] = recorded("started", 2800, 2800, "rec") },
    { "9: error: recording rec started twice" } },
  { "a second recording of an id while the first runs", call {
    [9] = recorded("started", 5000, 5000, "rec"), [10] = recorded("stopped", 5000, 6000, "rec"),
    [11] = recorded("ready", 5000, 6001, "rec") },
    { "9: error: recording rec starts, and the one before (started) never ended" } },
  { "a second recording of an id before the first is ready", call {
    [11] = recorded("started", 5000, 5000, "rec"), [12] = { recorded("stopped", 5000, 6000, "rec"),
    recorded("ready", 5000, 6001, "rec") } },
    { "11: warning: recording rec starts, and the one before (stopped) never ended" } },
  { "a recording that is ready before it stopped", swapped(10, 11), {
    "10: error: recording rec is ready before it stopped",
    "11: error: recording rec stopped after it was ready",
    "11: warning: recording rec is open at the end (stopped)" } },
  { "a recording that stops twice", call { [11] = { recorded("stopped", 2800, 4000, "rec") } },
    { "11: error: recording rec stopped twice" } },
  { "a recording that began at another time", call { [10] = recorded("stopped", 2801, 3900, "rec"),
    [11] = recorded("ready", 2801, 4100, "rec") },
    { "10: error: recording rec: startTime is not that of its start" } },
  { "a recording that is ready twice", call { [12] = { recorded("ready", 2800, 4200, "rec") } },
    { "12: note: recordings told to be ready more than once, as by OpenVidu 2.22" } },
  { "a recording whose id is used again", call { [12] = { recorded("started", 5000, 5000, "rec"),
    recorded("stopped", 5000, 6000, "rec"), recorded("failed", 5000, 6001, "rec") } }, {} },
  { "a recording that stops while it starts", call { [8] = 0, [11] = recorded("failed", 2800, 4100,
    "rec") }, { "9: warning: recording rec stopped, not seen to start" } },
  { "a recording that fails to start", call { [8] = 0, [10] = 0,
    [11] = recorded("failed", 2800, 4100, "rec") },
    { "9: note: recordings that fail to start are told by OpenVidu 2.32" } },
  { "a recording that ends for two reasons", call { [11] = (recorded("ready", 2800, 4100, "rec")
    :gsub("recordingStoppedByServer", "automaticStop")) },
    { "11: warning: recording rec: ready with another reason than it stopped with" } },
  { "a recording that never gets ready", call { [11] = 0 },
    { "8: warning: recording rec is open at the end (stopped)" } },

  { "a file that begins in the middle", { table.unpack(calls.good(), 6) }, {
    "7: warning: webrtcConnectionDestroyed of bob, INBOUND, not seen to begin",
    "9: warning: webrtcConnectionDestroyed of ann, OUTBOUND, not seen to begin",
    "10: warning: participantLeft of ann, not seen to join session ses_1",
    "12: warning: participantLeft of bob, not seen to join session ses_1",
    "13: warning: sessionDestroyed of ses_1, not seen to begin" } },
  { "an end without a beginning, of what began after the file did",
    { left(-9000, 0, "ann"), left(1000, 5000, "bob"), left(1001, 5000, "eve"),
      destroyed(1000, 6000, nil, "ses_2"), destroyed(1001, 6000, nil, "ses_3") }, {
      "1: warning: participantLeft of ann, not seen to join session ses_1",
      "2: warning: participantLeft of bob, not seen to join session ses_1",
      "3: error: participantLeft of eve, not seen to join session ses_1",
      "4: warning: sessionDestroyed of ses_2, not seen to begin",
      "5: error: sessionDestroyed of ses_3, not seen to begin",
      "1: warning: session ses_1 is open at the end (0 in it)" } },
}

-- With the key that came with 2.17; `id` of the line is a function of its number.
local function with_unique(lines, id)
  for i, line in ipairs(lines) do
    lines[i] = line:gsub('"timestamp"', function(key)
      return ('"uniqueSessionId":"%s",'):format(id(i)) .. key
    end, 1)
  end
  return lines
end

describe("validate, on lives:", function()
  after_each(support.clean)

  it("a session keeps its uniqueSessionId", function()
    local id = "ses_1_" .. calls.BASE
    assert.same({}, (validate.findings(with_unique(call {}, function() return id end))))
    local lines = with_unique(call {}, function(i) return i == 4 and "ses_1_1" or id end)
    assert.same({
      "4: error: participantJoined of session ses_1: uniqueSessionId is not that of its "
        .. "sessionCreated" }, (validate.findings(lines)))
  end)

  it("a uniqueSessionId is made of the id and the time", function()
    local lines = with_unique(call {}, function() return "ses_1" end)
    assert.same({ "1: error: sessionCreated: uniqueSessionId ses_1 is not sessionId_timestamp" },
      (validate.findings(lines)))
  end)

  for _, life in ipairs(lives) do
    local name, lines, expected = table.unpack(life)
    it(name, function()
      assert.same(expected, (validate.findings(lines, "--set", "level=note")))
    end)
  end
end)
