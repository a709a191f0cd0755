-- A stream of bytes, in whatever pieces it comes, is cut into lines.
require "tests.support"
local native = require "native_input"

local MOST = 2000

-- What the lines of `text` should be: { text, start, end, too_long }, and the number of NUL runs.
local function expected_of(text, most)
  local lines, runs, start = {}, 0, 0
  while true do
    local finish = text:find("\n", start + 1, true)
    if not finish then break end
    local line = text:sub(start + 1, finish - 1)
    if line:sub(-1) == "\r" then line = line:sub(1, -2) end
    if start == 0 then line = line:gsub("^\xef\xbb\xbf", "") end
    local plain = line:gsub("^\0+", "")
    if #plain < #line then runs = runs + 1 end
    local too_long = #plain > most
    if too_long then plain = plain:sub(1, 1024) end
    lines[#lines + 1] = { plain, start, finish, too_long }
    start = finish
  end
  return lines, runs, text:sub(start + 1)
end

local function tail_before(text, offset)
  return native.hash(text:sub(math.max(offset - 63, 1), offset))
end

local function drain(lines, got, text)
  while true do
    local line, start, finish, too_long = lines:next()
    if not line then return end
    got[#got + 1] = { line, start, finish, too_long }
    -- not by `assert`, which takes its time
    if tail_before(text, finish) ~= lines:tail_hash() then error("the hash before " .. finish) end
  end
end

-- Feeds `text` in pieces whose lengths `piece()` tells.
local function cut(text, piece, most)
  local lines, got, at = native.lines(most or MOST), {}, 1
  while at <= #text do
    local n = math.min(piece(), 65536, #text - at + 1)
    lines:feed(text:sub(at, at + n - 1))
    at = at + n
    drain(lines, got, text)
    if lines:last_bytes() ~= text:sub(math.max(at - 64, 1), at - 1) then
      error("the bytes before " .. at - 1)
    end
    if math.random(3) == 1 then lines:trim() end
  end
  return got, lines
end

local function texts(got)
  local row = {}
  for i, line in ipairs(got) do row[i] = line[1] end
  return row
end

local function lines_of(text) return texts((cut(text, function() return 65536 end))) end

describe("lines", function()
  it("come without their newlines, empty ones too",
    function() assert.same({ "a", "", "b" }, lines_of "a\n\nb\n") end)

  it("tell where they begin and end", function()
    local got = cut("ab\ncde\n", function() return 4 end)
    assert.same({ { "ab", 0, 3, false }, { "cde", 3, 7, false } }, got)
  end)

  it("may end in CRLF, also when a read stops between the two", function()
    assert.same({ "a", "b\rc", "\r" }, lines_of "a\r\nb\rc\r\n\r\r\n")
    assert.same({ "a", "b" }, texts((cut("a\r\nb\r\n", function() return 2 end))))
  end)

  it("lose a byte order mark at the beginning of the file, and only there", function()
    local mark = "\xef\xbb\xbf"
    assert.same({ "a", mark .. "b" }, lines_of(mark .. "a\n" .. mark .. "b\n"))
    assert.same({ "a" }, texts((cut(mark .. "a\n", function() return 1 end))))
    assert.same({ "\xef\xbb" }, lines_of "\xef\xbb\n")
  end)

  it("keep bytes that are not UTF-8",
    function() assert.same({ "\xff\xfe\x80" }, lines_of "\xff\xfe\x80\n") end)

  it("lose NULs at their beginning, which a copytruncate leaves, and count the runs", function()
    local got, lines = cut("a\n" .. ("\0"):rep(100000) .. "b\0c\n", function() return 999 end)
    assert.same({ "a", "b\0c" }, texts(got))
    assert.same({ 2, 100006 }, { got[2][2], got[2][3] })
    assert.equal(1, lines:nul_runs())
  end)

  it("take no memory for a sparse stretch", function()
    local lines, zeros = native.lines(MOST), ("\0"):rep(65536)
    lines:feed "a\n"
    assert.equal("a", lines:next())
    for _ = 1, 500 do
      lines:feed(zeros)
      assert.is_nil(lines:next())
      assert.is_true(lines:room() < 140000)
    end
    assert.equal(2, lines:place())
    assert.equal(native.hash "a\n", lines:tail_hash())
    assert.is_nil(lines:rest())
    lines:feed "b\n"
    assert.equal("b", lines:next())
  end)

  it("that are too long are told of, with their beginning, in little memory", function()
    local lines, part = native.lines(MOST), ("x"):rep(65536)
    lines:feed "a\n"
    assert.equal("a", lines:next())
    for _ = 1, 500 do
      lines:feed(part)
      assert.is_nil(lines:next())
      assert.is_true(lines:room() < 140000)
    end
    lines:feed "y\nb\n"
    local text, start, finish, too_long = lines:next()
    assert.equal(("x"):rep(1024), text)
    assert.same({ 2, 2 + 500 * 65536 + 2, true }, { start, finish, too_long })
    assert.equal(native.hash(("x"):rep(62) .. "y\n"), lines:tail_hash())
    assert.equal("b", lines:next())
  end)

  it("may be exactly as long as allowed, the end of line not counted", function()
    local longest = ("x"):rep(MOST)
    for _, ending in ipairs { "\n", "\r\n" } do
      for _, size in ipairs { 1, 7, 65536 } do
        local got = cut(longest .. ending .. "x" .. longest .. ending, function() return size end)
        assert.same({ longest, 0, MOST + #ending, false }, got[1])
        assert.same({ longest:sub(1, 1024), true }, { got[2][1], got[2][4] })
      end
    end
  end)
end)

describe("what has no newline yet", function()
  it("is no line, but can be asked for and taken", function()
    local lines = native.lines(MOST)
    lines:feed "a\nhal"
    assert.equal("a", lines:next())
    assert.is_nil(lines:next())
    assert.same({ "hal", 2, 5, false }, { lines:rest() })
    lines:feed "f"
    assert.same({ "half", 2, 6, false }, { lines:rest() })
    assert.equal(2, lines:place())
    lines:take_rest()
    assert.equal(6, lines:place())
    assert.equal(native.hash "a\nhalf", lines:tail_hash())
    assert.is_nil(lines:rest())
    lines:feed "\nb\n"
    assert.same({ "", 6, 7, false }, { lines:next() })
    assert.same({ "b", 7, 9, false }, { lines:next() })
  end)

  it("stays when the memory is given back", function()
    local lines = native.lines(MOST)
    lines:feed "a\nhal"
    assert.equal("a", lines:next())
    lines:trim()
    lines:feed "f\n"
    assert.equal("half", lines:next())
    lines:trim()
    assert.equal(native.hash "a\nhalf\n", lines:tail_hash())
    lines:feed "b\n"
    assert.same({ "b", 7, 9, false }, { lines:next() })
  end)
end)

describe("a stream taken up in its middle", function()
  it("has the same places and hashes as one read from its beginning", function()
    local text = ("0123456789\n"):rep(20)
    local lines = native.lines(MOST)
    for _, offset in ipairs { 0, 11, 66, 110 } do
      lines:seek(offset, text:sub(math.max(offset - 63, 1), offset))
      assert.equal(tail_before(text, offset), lines:tail_hash())
      assert.equal(text:sub(math.max(offset - 63, 1), offset), lines:last_bytes())
      lines:feed(text:sub(offset + 1))
      assert.same({ "0123456789", offset, offset + 11, false }, { lines:next() })
      assert.equal(tail_before(text, offset + 11), lines:tail_hash())
    end
  end)
end)

describe("any bytes in any pieces", function()
  local PARTS = { "\n", "\r\n", "\r", "\0", "x", "\xef\xbb\xbf", '{"a":1}', "ab\ncd\n", "\xff",
    ("y"):rep(MOST - 1), ("z"):rep(MOST + 1), ("w"):rep(90000), ("\0"):rep(70000) }

  it("give the same lines as the whole", function()
    for seed = 1, 150 do
      math.randomseed(seed)
      local parts = {}
      for i = 1, math.random(40) do parts[i] = PARTS[math.random(#PARTS)] end
      local text = table.concat(parts)
      local expected, runs, rest = expected_of(text, MOST)
      local longest = ({ 1, 3, 64, 65, 5000, 65536 })[math.random(6)]
      if #text > 20000 and longest < 64 then longest = 5000 end
      local got, lines = cut(text, function() return math.random(longest) end)
      assert.same(expected, got)
      assert.equal(#text - #rest, lines:place())
      if not rest:find "^\0" then assert.equal(runs, lines:nul_runs()) end
    end
  end)
end)
