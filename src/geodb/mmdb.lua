-- Writes geolocation databases in MaxMind's format (version 2.0 of its specification).
--
-- All in memory: a binary tree of addresses, bit by bit, whose leaves are numbers of data.
local data = require "data"

local mmdb = {}

local byte = string.byte
local ZERO, ONE = ("01"):byte(1, 2)

-- Addresses, as strings of bits.

-- The sixteen bits of a number, each made once.
local bits_of = setmetatable({}, { __index = function(made, number)
  local bits = {}
  for i = 1, 16 do bits[i] = number >> (16 - i) & 1 end
  made[number] = table.concat(bits)
  return made[number]
end })

local function bits_of_v4(text)
  local a, b, c, d = text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  return bits_of[tonumber(a) << 8 | tonumber(b)] .. bits_of[tonumber(c) << 8 | tonumber(d)]
end

local function groups(text)
  local bits = {}
  for group in text:gmatch "%x+" do bits[#bits + 1] = bits_of[tonumber(group, 16)] end
  return table.concat(bits)
end

local function bits_of_v6(text)
  local before, after = text:match "^(.-)::(.*)$"
  before, after = groups(before or text), groups(after or "")
  return before .. ("0"):rep(128 - #before - #after) .. after
end

-- The tree. A child is 0 (nothing), the number of a node, or the number of data below 0.

local Tree = {}
Tree.__index = Tree

local function new_node(tree, child)
  local n = tree.n + 1
  tree.n, tree.left[n], tree.right[n] = n, child, child
  return n
end

-- The node of ::/96, so that not each IPv4 address goes the way to it.
local function make_v4(tree)
  local node = 1
  for _ = 1, 96 do
    tree.left[node] = new_node(tree, 0)
    node = tree.left[node]
  end
  tree.v4 = node
end

--- An empty database of addresses of `version` 4, or 6 (the others under ::/96).
function mmdb.new(version)
  local tree = setmetatable({ left = {}, right = {}, n = 0, width = version == 4 and 32 or 128,
    data = {}, offsets = {}, leaves = {}, size = 0 }, Tree)
  new_node(tree, 0)
  if version ~= 4 then make_v4(tree) end
  return tree
end

-- The same table is encoded once.
local function leaf_of(tree, value)
  if tree.leaves[value] then return tree.leaves[value] end
  local bytes = data.encode(value)
  if not tree.offsets[bytes] then
    tree.data[#tree.data + 1] = bytes
    tree.offsets[bytes] = tree.size
    tree.size = tree.size + #bytes
  end
  tree.leaves[value] = -1 - tree.offsets[bytes]
  return tree.leaves[value]
end

-- A bound is its bits and the place of the last one that counts: behind it a lower bound has only
-- 0, an upper one only 1, and is none. No bound is nil.
local function bound(bits, counting)
  return { bits = bits, last = bits:match(".*()" .. counting) or 0 }
end

-- What lies from `low` to `high` below a child, of which `depth` bits are behind.
local function fill(tree, child, depth, low, high, leaf)
  if low and low.last <= depth then low = nil end
  if high and high.last <= depth then high = nil end
  if not low and not high then return leaf end
  local node = child > 0 and child or new_node(tree, child)
  depth = depth + 1
  local from, to = low and byte(low.bits, depth) or ZERO, high and byte(high.bits, depth) or ONE
  if from == ZERO then
    local upper = to == ZERO and high or nil
    tree.left[node] = fill(tree, tree.left[node], depth, low, upper, leaf)
  end
  if to == ONE then
    local lower = from == ONE and low or nil
    tree.right[node] = fill(tree, tree.right[node], depth, lower, high, leaf)
  end
  return node
end

--- From the first to the last address of a range, as texts, all is `value`: texts, numbers, lists
--- and tables of those. What comes later overwrites.
function Tree:range(first, last, value)
  local is_v6 = first:find(":", 1, true)
  local read = is_v6 and bits_of_v6 or bits_of_v4
  local low, high = read(first), read(last)
  assert(#low == #high and low <= high and #low == (is_v6 and self.width or 32), first)
  local top, leaf = not is_v6 and self.v4 or 1, leaf_of(self, value)
  if fill(self, top, 0, bound(low, "1"), bound(high, "0"), leaf) == leaf then -- all there are
    self.left[top], self.right[top] = leaf, leaf
  end
end

-- Nodes in the order of the file, those with two equal leaves left out.
local function settle(tree, node)
  local left, right = tree.left[node], tree.right[node]
  if left > 0 then left = settle(tree, left) end
  if right > 0 then right = settle(tree, right) end
  tree.left[node], tree.right[node] = left, right
  if node ~= 1 and left == right and left <= 0 then return left end
  return node
end

local function number(tree, node, order)
  order[#order + 1] = node
  order.at[node] = #order - 1
  if tree.left[node] > 0 then number(tree, tree.left[node], order) end
  if tree.right[node] > 0 then number(tree, tree.right[node], order) end
end

local function records(tree, order)
  local count, parts = #order, {}
  local width = (count + 16 + tree.size) < 1 << 24 and 3 or 4
  local format = (">I%dI%d"):format(width, width)
  local function record(child)
    if child > 0 then return order.at[child] end
    return child == 0 and count or count + 16 - 1 - child
  end
  for i, node in ipairs(order) do
    parts[i] = format:pack(record(tree.left[node]), record(tree.right[node]))
  end
  return table.concat(parts), width
end

--- The bytes of the file. `about`: type, description, epoch (when the data were put together, in
--- seconds since 1970; 1 is unknown).
function Tree:bytes(about)
  settle(self, 1)
  local order = { at = {} }
  number(self, 1, order)
  local search, width = records(self, order)
  local metadata = data.encode {
    node_count = #order, record_size = data.uint16(width * 8),
    ip_version = data.uint16(self.width == 32 and 4 or 6), database_type = about.type,
    languages = { "en" }, description = { en = about.description },
    binary_format_major_version = data.uint16(2), binary_format_minor_version = data.uint16(0),
    build_epoch = data.uint64(about.epoch),
  }
  return table.concat { search, ("\0"):rep(16), table.concat(self.data),
    "\xab\xcd\xefMaxMind.com", metadata }
end

return mmdb
