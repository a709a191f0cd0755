-- Rows of numbers by key in little memory: pages of many rows each, and no table for a row.
--
-- A number costs 16 bytes, a row some 40 more for its place in the index, and its key. A table
-- that grows by itself doubles; a page is made as long as it will ever be. The collector looks
-- through a table of strings each time after it got a new one: so new keys stand in a small index
-- first, and come into the large one many at a time.
local rows = {}
rows.__index = rows

local ROWS_A_PAGE, NEW_MOST = 256, 1024

--- No rows yet; `names` is the list of their columns.
function rows.new(names)
  local zeros = {}
  for i = 1, #names * ROWS_A_PAGE do zeros[i] = 0 end
  return setmetatable({
    names = names, zeros = zeros, pages = {}, ids = {}, new = {}, count = 0,
  }, rows)
end

-- New keys become old ones.
local function settle(self)
  for key, id in next, self.new do self.ids[key] = id end
  self.new = {}
end

--- The row of a key, made when it is new: an integer.
function rows:row(key)
  local id = self.new[key] or self.ids[key]
  if id then return id end
  id = self.count
  if id % ROWS_A_PAGE == 0 then self.pages[#self.pages + 1] = { table.unpack(self.zeros) } end
  self.new[key], self.count = id, id + 1
  if self.count % NEW_MOST == 0 then settle(self) end
  return id
end

--- Where the numbers of a row stand: the i-th is page[at + i].
function rows:cells(row)
  return self.pages[row // ROWS_A_PAGE + 1], row % ROWS_A_PAGE * #self.names
end

--- Adds the numbers of a key's row to `view` by name; nothing where the key has none.
function rows:read(key, view)
  local id = self.new[key] or self.ids[key]
  if not id then return end
  local page, at = self:cells(id)
  for i, name in ipairs(self.names) do view[name] = page[at + i] end
end

--- The sums of all rows by name, as a new table.
function rows:sums()
  local sums, width = {}, #self.names
  for i, name in ipairs(self.names) do
    local sum = 0
    for _, page in ipairs(self.pages) do
      for at = i, #page, width do sum = sum + page[at] end
    end
    sums[name] = sum
  end
  return sums
end

-- The i-th number of each row, by key.
local function column(self, i)
  local numbers, width = {}, #self.names
  for key, id in next, self.ids do
    numbers[key] = self.pages[id // ROWS_A_PAGE + 1][id % ROWS_A_PAGE * width + i]
  end
  return numbers
end

--- The keys of all rows, sorted; by the i-th column if `i` is there, the greatest number first.
function rows:keys(i)
  settle(self)
  local keys, numbers = {}, i and column(self, i)
  for key in next, self.ids do keys[#keys + 1] = key end
  table.sort(keys, i and function(a, b)
    local x, y = numbers[a], numbers[b]
    if x ~= y then return x > y end
    return a < b
  end)
  return keys
end

return rows
