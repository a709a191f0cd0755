-- Opens an HTML page in headless Chromium and tells what a reader would see.
local support = require "tests.support"

local browser = {}

-- The page stands in a frame, where a script of this one may look at it, but none of its own runs.
local FRAME = [[
<!DOCTYPE html>
<meta charset="utf-8">
<style>iframe { width: 1200px; height: 900px; }</style>
<iframe sandbox="allow-same-origin" srcdoc="%s"></iframe>
<pre id="facts">the page was not loaded</pre>
<script>
onload = () => {
  const page = document.querySelector("iframe").contentDocument, view = page.defaultView
  const boxes = [...page.querySelectorAll("rect")].map(bar => bar.getBoundingClientRect())
  const facts = {
    text: page.body.innerText,
    bars: boxes.map(box => Math.round(box.width)).join(" "),
    overflows: page.documentElement.scrollWidth > view.innerWidth,
    paper: view.getComputedStyle(page.body).backgroundColor,
    ink: view.getComputedStyle(page.body).color,
    loaded: view.performance.getEntriesByType("resource").length,
    strange: page.querySelectorAll("b, script, img, a, iframe, link, object").length,
  }
  document.getElementById("facts").textContent =
    Object.entries(facts).map(([key, value]) => `${key}=${value}\n\u0001`).join("")
}
</script>
]]

local function need()
  local code = support.run { program = "sh", "-c", "command -v chromium" }
  if code ~= 0 then error("chromium is not installed: make deps", 0) end
end

-- Its DOM as text, and what stands on its console.
local function dump(path, dark)
  local code, dom, errors = support.run { program = "chromium", "--headless", "--no-sandbox",
    "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
    "--blink-settings=preferredColorScheme=" .. (dark and 0 or 1), "--dump-dom",
    "file://" .. path, seconds = 60 }
  assert(code == 0, errors)
  local console = {}
  for line in errors:gmatch "[^\n]*CONSOLE[^\n]*" do console[#console + 1] = line end
  return dom, table.concat(console, "\n")
end

local ENTITIES = { ["&lt;"] = "<", ["&gt;"] = ">", ["&amp;"] = "&", ["&nbsp;"] = " " }

--- What the page shows: text, bars (widths of the <rect>s in pixels), overflows, paper, ink
--- (colours), loaded (other files), strange (elements that a report has not), console; all texts.
--- `dark`: for someone who prefers that. Fails where there is no Chromium.
function browser.look(page, dark)
  need()
  local folder = support.folder()
  support.write_file(folder .. "/page.html", page)
  local srcdoc = page:gsub('[&"]', { ["&"] = "&amp;", ['"'] = "&quot;" })
  support.write_file(folder .. "/frame.html", (FRAME:gsub("%%s", function() return srcdoc end)))
  local dom = dump(folder .. "/frame.html", dark)
  local facts = {}
  for key, value in dom:match '<pre id="facts">(.-)</pre>':gmatch "(%l+)=(.-)\n\1" do
    facts[key] = value:gsub("&%l+;", ENTITIES)
  end
  local _, console = dump(folder .. "/page.html", dark)
  facts.console = console
  return facts
end

return browser
