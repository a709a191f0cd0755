-- Closes the books: rows in order, the rest summed up, the total; what every format prints.
local summary = {}

local SUMS = {
  "participants", "participantSeconds", "sentSeconds", "receivedSeconds", "abnormal",
}
-- These only where sessions and recordings belong to one row.
local WHOLE_SUMS = { "sessions", "recordings", "recordingSeconds", "recordingBytes" }

local function share(view)
  if view.participants > 0 then view.abnormalShare = view.abnormal / view.participants end
  return view
end

local function view_of(books, key)
  local none = books.way.whole and 0 or nil
  local view = { -- as large as it gets
    key = key, sessions = 0, participants = 0, peak = 0, participantSeconds = 0, sentSeconds = 0,
    receivedSeconds = 0, recordings = none, recordingSeconds = none, recordingBytes = none,
    abnormal = 0, abnormalShare = nil,
  }
  books.rows:read(key, view)
  books.recordings:read(key, view)
  return share(view)
end

local function add(sums, view, names)
  for _, name in ipairs(names) do sums[name] = (sums[name] or 0) + view[name] end
end

-- The sum of some rows, of which the peak is none.
local function sum_up(books, keys, from)
  local sums = { participants = 0, participantSeconds = 0, sentSeconds = 0, receivedSeconds = 0,
    abnormal = 0 }
  for i = from, #keys do
    local view = view_of(books, keys[i])
    add(sums, view, SUMS)
    if books.way.whole then add(sums, view, WHOLE_SUMS) end
  end
  return share(sums)
end

local function total_of(books)
  local total = books.rows:sums()
  for name, number in pairs(books.total) do total[name] = number end
  total.key = "total"
  return share(total)
end

local function others_of(books, keys, from)
  if from > #keys then return nil end
  local others = sum_up(books, keys, from)
  others.key = ("others (%d)"):format(#keys - from + 1)
  return others
end

-- Rows are made when they are printed: many of them would take much memory.
local function each(books, keys, count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and view_of(books, keys[i]) or nil
  end
end

--- The report: { by =, count = rows printed, keys = theirs, and those of the others behind them,
--- each = function() that iterates over the rows printed, others = nil or the sum of the rows
--- behind the first `top` (0: all are printed), total =,
--- reasons = { { key =, count =, abnormal = } } }. A row has its key, the numbers by name, and
--- abnormalShare; what has no meaning in it is nil.
function summary.close(books, top)
  local keys = books:keys()
  local count = top > 0 and math.min(top, #keys) or #keys
  return {
    by = books.way.name,
    in_order = books.way.in_order,
    count = count,
    keys = keys,
    each = function() return each(books, keys, count) end,
    others = others_of(books, keys, count + 1),
    total = total_of(books),
    reasons = books.reasons:sorted(),
  }
end

return summary
