-- Keys by their labels, to find those that are alike: the labels that both have are the same, but
-- for name and severity, which are everyone's own.
--
-- Keys with the same names of labels are a kind. Whoever is compared with a kind shares some of
-- those names; for each such choice of names there is a view of the kind, by the values.
local alike = {}

local Alike = {}
Alike.__index = Alike

local OWN = { name = true, severity = true }

function alike.new() return setmetatable({ rows = {}, kinds = {} }, Alike) end

local function names_of(labels)
  local names = {}
  for name in pairs(labels) do
    if not OWN[name] then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- One text of many, which no other texts give.
local function join(texts)
  for i, text in ipairs(texts) do texts[i] = #text .. ":" .. text end
  return table.concat(texts)
end

local function values_of(names, labels)
  local values = {}
  for i, name in ipairs(names) do values[i] = labels[name] end
  return join(values)
end

local function add_to(view, key, labels)
  local values = values_of(view.names, labels)
  view.keys[values] = view.keys[values] or {}
  view.keys[values][key] = true
end

local function remove_from(view, key, labels)
  local values = values_of(view.names, labels)
  view.keys[values][key] = nil
  if not next(view.keys[values]) then view.keys[values] = nil end
end

-- The view of the kind by those of its names that the labels have.
local function view_of(self, kind, labels)
  local names = {}
  for _, name in ipairs(kind.names) do
    if labels[name] ~= nil then names[#names + 1] = name end
  end
  local id = join { table.unpack(names) }
  local view = kind.views[id]
  if not view then
    view = { names = names, keys = {} }
    kind.views[id] = view
    for key in pairs(kind.keys) do add_to(view, key, self.rows[key].labels) end
  end
  return view
end

--- Puts a key in, in place of what it was, with a value.
function Alike:add(key, labels, value)
  self:remove(key)
  local names = names_of(labels)
  local id = join { table.unpack(names) }
  local kind = self.kinds[id] or { names = names, keys = {}, views = {} }
  self.kinds[id], kind.keys[key] = kind, true
  self.rows[key] = { kind = id, labels = labels, value = value }
  for _, view in pairs(kind.views) do add_to(view, key, labels) end
end

function Alike:remove(key)
  local row = self.rows[key]
  if not row then return end
  local kind = self.kinds[row.kind]
  self.rows[key], kind.keys[key] = nil, nil
  for _, view in pairs(kind.views) do remove_from(view, key, row.labels) end
  if not next(kind.keys) then self.kinds[row.kind] = nil end
end

--- Whether a key has such labels.
function Alike:has(labels)
  for _, kind in pairs(self.kinds) do
    local view = view_of(self, kind, labels)
    if view.keys[values_of(view.names, labels)] then return true end
  end
  return false
end

--- The keys with such labels, and their values; without labels all of them.
function Alike:find(labels)
  local found = {}
  if not labels then
    for key, row in pairs(self.rows) do found[key] = row.value end
    return found
  end
  for _, kind in pairs(self.kinds) do
    local view = view_of(self, kind, labels)
    for key in pairs(view.keys[values_of(view.names, labels)] or {}) do
      found[key] = self.rows[key].value
    end
  end
  return found
end

function Alike:is_empty() return next(self.rows) == nil end

return alike
