-- Rows of numbers by key in little memory: pages of many rows each, and no table for a row.
--
-- A number costs 16 bytes, a row some 40 more for its place in the index, and its key. A table
-- that grows by itself doubles; a page is made as long as it will ever be.
local rows = {}
rows.__index = rows

local ROWS_A_PAGE = 256

--- No rows yet; `names` is the list of their columns.
function rows.new(names)
  local zeros = {}
  for i = 1, #names * ROWS_A_PAGE do zeros[i] = 0 end
  return setmetatable({ names = names, zeros = zeros, pages = {}, ids = {}, count = 0 }, rows)
end

--- The row of a key, made when it is new: an integer.
function rows:row(key)
  local id = self.ids[key]
  if id then return id end
  id = self.count
  if id % ROWS_A_PAGE == 0 then self.pages[#self.pages + 1] = { table.unpack(self.zeros) } end
  self.ids[key], self.count = id, id + 1
  return id
end

--- Where the numbers of a row stand: the i-th is page[at + i].
function rows:cells(row)
  return self.pages[row // ROWS_A_PAGE + 1], row % ROWS_A_PAGE * #self.names
end

--- Adds the numbers of a key's row to `view` by name; nothing where the key has none.
function rows:read(key, view)
  local id = self.ids[key]
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

--- The keys of all rows, sorted; by the i-th column if `i` is there, the greatest number first.
function rows:keys(i)
  local keys, ids, pages, width = {}, self.ids, self.pages, #self.names
  for key in pairs(ids) do keys[#keys + 1] = key end
  local function number(key)
    local id = ids[key]
    return pages[id // ROWS_A_PAGE + 1][id % ROWS_A_PAGE * width + i]
  end
  table.sort(keys, i and function(a, b)
    local x, y = number(a), number(b)
    if x ~= y then return x > y end
    return a < b
  end)
  return keys
end

return rows
