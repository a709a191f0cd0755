-- Closes the books: rows in order, the rest summed up, the total; what every format prints.
local summary = {}

-- What a sum over rows tells truly. Not the peak; and a session counts in the row of each of its
-- participants, a recording in none of them.
local function adds_up(name, way)
  if name == "peak" then return false end
  return way.whole or not (name == "sessions" or name:find "^recording")
end

local function share(view)
  local participants = view.participants
  if participants > 0 then view.abnormalShare = view.abnormal / participants end
  return view
end

local function row_view(books, key)
  local view = books.rows:read(books.rows:row(key))
  if not books.way.whole then
    view.recordings, view.recordingSeconds, view.recordingBytes = nil, nil, nil
  end
  view.key = key
  return share(view)
end

local function sorted_keys(books)
  local rows, keys = books.rows, books.rows:keys()
  if books.way.in_order then
    table.sort(keys)
    return keys
  end
  table.sort(keys, function(a, b)
    local x = rows:get(rows:row(a), "participantSeconds")
    local y = rows:get(rows:row(b), "participantSeconds")
    if x ~= y then return x > y end
    return a < b
  end)
  return keys
end

local function sum_up(books, keys, from)
  local sums = { key = ("others (%d)"):format(#keys - from + 1) }
  for i = from, #keys do
    for name, number in pairs(books.rows:read(books.rows:row(keys[i]))) do
      if adds_up(name, books.way) then sums[name] = (sums[name] or 0) + number end
    end
  end
  return share(sums)
end

local function sorted_reasons(reasons)
  local list = {}
  for _, reason in pairs(reasons) do list[#list + 1] = reason end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.key < b.key
  end)
  return list
end

-- Rows are made when they are printed: many of them would take much memory.
local function each(books, keys, count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and row_view(books, keys[i]) or nil
  end
end

--- The report: { by =, count = rows printed, each = function() that iterates over them,
--- others = nil or the sum of the rows behind the first `top` (0: all are printed), total =,
--- reasons = { { key =, count =, abnormal = } } }. A row has its key, the numbers by name, and
--- abnormalShare; what has no meaning in it is nil.
function summary.close(books, top)
  local keys = sorted_keys(books)
  local count = top > 0 and math.min(top, #keys) or #keys
  local total = share(books.totals:read(0))
  total.key = "total"
  return {
    by = books.way.name,
    in_order = books.way.in_order,
    count = count,
    each = function() return each(books, keys, count) end,
    others = count < #keys and sum_up(books, keys, count + 1) or nil,
    total = total,
    reasons = sorted_reasons(books.reasons),
  }
end

return summary
