-- Families of platforms: "Chrome 85.0.4183.121 on Linux 64-bit" is "Chrome on Linux".
local memo = require "cdr.report.memo"

-- What is found first decides; distributions of Linux count as Linux.
local SYSTEMS = {
  { "Windows Phone", "Windows Phone" }, { "Windows", "Windows" }, { "Android", "Android" },
  { "iOS", "iOS" }, { "iPhone", "iOS" }, { "iPad", "iOS" }, { "OS X", "macOS" },
  { "macOS", "macOS" }, { "Chrome OS", "Chrome OS" }, { "CrOS", "Chrome OS" },
  { "Ubuntu", "Linux" }, { "Debian", "Linux" }, { "Fedora", "Linux" }, { "Linux", "Linux" },
}

-- In a user agent's own words, where later browsers name earlier ones too.
local BROWSERS = {
  { "Edg", "Microsoft Edge" }, { "OPR/", "Opera" }, { "Electron/", "Electron" },
  { "Firefox/", "Firefox" }, { "CriOS/", "Chrome Mobile" }, { "Chrome/", "Chrome" },
  { "Safari/", "Safari" },
}

local function find(list, text)
  for _, pair in ipairs(list) do
    if text:find(pair[1], 1, true) then return pair[2] end
  end
end

local function unversioned(text)
  local name = text:gsub("%s+v?%d.*$", ""):gsub("^%s+", "")
  return name ~= "" and name or text
end

--- The family of an event's `platform`: the browser's name, " on ", the system's; neither with a
--- version. A user agent that the server took as it came is understood too; other texts ("IPCAM")
--- stay, without what follows a version.
local function family(platform)
  local browser, system = platform:match "^(.-) on (.+)$"
  if not browser and platform:find "^Mozilla/" then
    browser, system = find(BROWSERS, platform) or "Mozilla", platform:match "%b()" or "unknown"
  end
  if not browser then return unversioned(platform) end
  return unversioned(browser) .. " on " .. (find(SYSTEMS, system) or unversioned(system))
end

return memo(family)
