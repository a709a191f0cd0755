-- Rows of numbers by key in little memory: pages of many rows each, and no table for a row.
--
-- A row costs 160 bytes for its numbers, and its key with its place in the index. A table that
-- grows by itself doubles; a page is made as long as it will ever be.
local rows = {}
rows.__index = rows

local NAMES = {
  "sessions", "participants", "peak", "participantSeconds", "sentSeconds", "receivedSeconds",
  "recordings", "recordingSeconds", "recordingBytes", "abnormal",
}
local WIDTH, ROWS_A_PAGE = #NAMES, 256

local column = {}
for i, name in ipairs(NAMES) do column[name] = i end

local zeros = {}
for i = 1, WIDTH * ROWS_A_PAGE do zeros[i] = 0 end

--- No rows yet.
function rows.new()
  return setmetatable({ pages = {}, ids = {}, count = 0 }, rows)
end

--- The row of a key, made when it is new: an integer.
function rows:row(key)
  local id = self.ids[key]
  if id then return id end
  id = self.count
  if id % ROWS_A_PAGE == 0 then self.pages[#self.pages + 1] = { table.unpack(zeros) } end
  self.ids[key], self.count = id, id + 1
  return id
end

local function cell(self, row, name)
  return self.pages[row // ROWS_A_PAGE + 1], row % ROWS_A_PAGE * WIDTH + column[name]
end

--- One number of a row.
function rows:get(row, name)
  local page, at = cell(self, row, name)
  return page[at]
end

--- Adds to one number of a row.
function rows:add(row, name, number)
  local page, at = cell(self, row, name)
  page[at] = page[at] + number
end

--- Makes a number of a row at least that.
function rows:raise(row, name, number)
  local page, at = cell(self, row, name)
  if page[at] < number then page[at] = number end
end

--- All numbers of a row by name, as a new table.
function rows:read(row)
  local numbers = {}
  for _, name in ipairs(NAMES) do numbers[name] = self:get(row, name) end
  return numbers
end

--- The keys of all rows, as a new list in no order.
function rows:keys()
  local keys = {}
  for key in pairs(self.ids) do keys[#keys + 1] = key end
  return keys
end

return rows
