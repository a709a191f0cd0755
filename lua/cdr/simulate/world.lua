-- A world of conferences: its clock, its agenda, its server, and what comes out of them.
--
-- Everybody just tries what he has in mind; the generator refuses what is impossible (the session
-- is over, the publisher gone), and then nothing happens.
local agenda = require "cdr.simulate.agenda"
local books = require "cdr.simulate.books"
local random = require "cdr.simulate.random"
local standard = require "cdr.standard"

local World = {}
World.__index = World

local world = {}

-- Bytes of a recorded second, and some chance in both: the file is a little shorter than the time.
local function recorder(chance)
  return function(recording, now)
    local ran = math.max(now - recording.startTime - chance:whole(300, 4000), 40)
    local rate = recording.hasVideo and chance:whole(120000, 240000) or chance:whole(6000, 9000)
    return ran * rate // 1000, ran / 1000
  end
end

--- A world that begins at `now` (milliseconds). Of `options`: seed, profile, autostop, users (how
--- many there are).
function world.new(now, options)
  local self = setmetatable({
    now = now, chance = random.new(options.seed), agenda = agenda.new(), users = options.users,
    books = books.new(), out = {}, first = 1, last = 0,
  }, World)
  self.server = standard.new({}, {
    profile = options.profile, autostop = options.autostop, recorder = recorder(self.chance),
    emit = function(event) self:write(event) end,
  })
  return self
end

--- Puts something in the queue of what comes out.
function World:write(event)
  books.note(self.books, event)
  self.last = self.last + 1
  self.out[self.last] = event
end

--- Puts down that `act(world, a, b, c)` happens in so many seconds.
function World:later(seconds, act, a, b, c)
  self.agenda:add(self.now + math.floor(seconds * 1000), act, a, b, c)
end

--- Tries it: true if it was possible.
function World:try(verb, signal)
  signal.timestamp = self.now
  return (self.server:happened(verb, signal))
end

--- The server's process begins anew; what comes out says so by false in the place of an event.
function World:restart()
  self:try("serverStarted", {})
  self.last = self.last + 1
  self.out[self.last] = false
end

--- The server is killed.
function World:crash()
  self:try("serverCrashed", {})
  books.lose(self.books)
end

local function take(self)
  local event = self.out[self.first]
  self.out[self.first] = nil
  self.first = self.first + 1
  return event
end

-- When nothing is to happen any more, an operator stops the server.
local function finish(self)
  if self.finished then return nil end
  self.finished = true
  return { at = self.now + 60000, act = function(w)
    w:try("serverStopped", {})
    books.lose(w.books)
  end }
end

--- What comes out next: an event, false where the server began anew, nil at the end of the world.
--- `now` tells then when it happened.
function World:next()
  while self.first > self.last do
    local entry = self.agenda:next() or finish(self)
    if not entry then return nil end
    self.server:advance(entry.at)
    self.now = entry.at
    entry.act(self, entry.a, entry.b, entry.c)
  end
  return take(self)
end

return world
