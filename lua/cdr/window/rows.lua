-- The rows of a window: one for each key, a flat table whose first slot says when it was last used.
--
-- A named window has them in the state table "cdr.window.NAME", and what is true of all of them
-- (how they are laid out, up to when they were closed, what was counted) in "cdr.window". Rows that
-- are over go when there are twice as many as lived last time; beyond the limit the least recently
-- used goes: exactly that one, after a restart too.
local host = require "cdr.host"
local state = require "cdr.state"

local rows = {}

local FEW = 1024 -- rows that nobody looks through
local VICTIMS = 8 -- one row in so many is chosen at a time, to go next

local function forget_all(w)
  for key in next, w.rows do
    w.rows[key] = nil
    w.touched[key] = true
  end
  w.store.count = 0
end

-- Other options than those of the rows that are there make a window begin anew.
local function open_named(w, shape)
  w.store = host.state("cdr.window." .. w.name)
  w.rows, w.touched = w.store.values, w.store.touched
  w.notes = state "cdr.window"
  local note = w.notes[w.name]
  if note and note.shape == shape then return end
  if w.store.count > 0 then
    host.log("warn", ('window "%s": its options have changed, it begins anew'):format(w.name))
  end
  forget_all(w)
  w.notes[w.name] = { shape = shape, closed = 0, late = 0, evicted = 0 }
end

--- Gives the window its rows; `shape` is a text that says how they are laid out.
function rows.open(w, shape)
  if w.name then
    open_named(w, shape)
  else
    w.rows, w.store = {}, { count = 0 }
    w.notes, w.name = { all = { closed = 0, late = 0, evicted = 0 } }, "all"
  end
  w.used = 0 -- the highest first slot
  for _, row in next, w.rows do
    if row[1] > w.used then w.used = row[1] end
  end
  w.closed = w.notes[w.name].closed
  w.victims, w.n_victims = {}, 0
  w.look_at = math.max(FEW, 2 * w.store.count)
end

--- What is counted for all rows: to be read or changed at once.
function rows.note(w)
  return w.notes[w.name]
end

function rows.drop(w, key)
  w.rows[key] = nil
  w.store.count = w.store.count - 1
  if w.touched then w.touched[key] = true end
end

local function drop_those_over(w, now)
  for key, row in next, w.rows do
    if w:is_over(row, now) then rows.drop(w, key) end
  end
  w.look_at = math.max(FEW, 2 * w.store.count)
end

-- The keys of the rows that were used the longest ago, the oldest last.
local function choose(w)
  local used = {}
  for _, row in next, w.rows do used[#used + 1] = row[1] end
  table.sort(used)
  local last, key_of = used[#used // VICTIMS + 1], {}
  for key, row in next, w.rows do
    if row[1] <= last then key_of[row[1]] = key end
  end
  w.n_victims = 0
  for i = #used // VICTIMS + 1, 1, -1 do
    w.n_victims = w.n_victims + 1
    w.victims[w.n_victims] = { key_of[used[i]], used[i] }
  end
end

-- Those that were used since they were chosen are no longer the oldest.
local function next_victim(w)
  while w.n_victims > 0 do
    local victim = w.victims[w.n_victims]
    w.victims[w.n_victims], w.n_victims = nil, w.n_victims - 1
    local row = w.rows[victim[1]]
    if row and row[1] == victim[2] then return victim[1], row end
  end
end

local function tell(w)
  if w.told then return end
  w.told = true
  host.log("warn", ("%s: more than %d keys: the least recently used go"):format(w.title, w.most))
end

local function evict(w, now)
  local key, row = next_victim(w)
  if not key then
    drop_those_over(w, now)
    if w.store.count < w.most then return end
    choose(w)
    key, row = next_victim(w)
  end
  if not w:is_over(row, now) then
    tell(w)
    local note = rows.note(w)
    note.evicted = note.evicted + 1
  end
  rows.drop(w, key)
end

--- Raises where add was called, when that cannot be a key.
function rows.check_key(w, key)
  if math.tointeger(key) and type(key) == "number" then return end
  if type(key) == "string" and #key <= 1024 then return end
  local what = type(key) == "number" and key or "a " .. type(key)
  error(("%s: a key is an integer or a text, not %s"):format(w.title,
    type(key) == "string" and "one over 1024 bytes" or what), 3)
end

--- Puts in the row of a new key, and makes room for it.
function rows.put(w, key, row, now)
  if w.store.count >= w.look_at and w.store.count < w.most then drop_those_over(w, now) end
  while w.store.count >= w.most do evict(w, now) end
  w.rows[key] = row
  w.store.count = w.store.count + 1
end

--- What is in the list, integers before texts, each in order.
function rows.in_order(list)
  local numbers, texts = {}, {}
  for _, key in ipairs(list) do
    local kind = type(key) == "number" and numbers or texts
    kind[#kind + 1] = key
  end
  table.sort(numbers)
  table.sort(texts)
  return table.move(texts, 1, #texts, #numbers + 1, numbers)
end

return rows
