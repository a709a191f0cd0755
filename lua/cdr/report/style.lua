-- The looks of the HTML page, by day and by night, on paper and on small screens.
return [[
:root {
  --paper: #fff; --ink: #1d2329; --soft: #5c6670; --line: #dde2e7; --tile: #f4f6f8;
  --bar: #2f6fb5; --abnormal: #bf5415;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e4e8ec; --soft: #98a3ad; --line: #2c343c; --tile: #1c2229;
    --bar: #6ba6e0; --abnormal: #e8935c;
  }
}
body {
  margin: 2rem auto; max-width: 75rem; padding: 0 1rem; background: var(--paper);
  color: var(--ink); font: 15px/1.45 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; } h2 { font-size: 1rem; margin: 0 0 .6rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0 0 2rem; }
.tiles div { background: var(--tile); border-radius: 6px; padding: .5rem .8rem; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-size: 1.2rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr));
  gap: 2rem; margin-bottom: 2rem; }
section { min-width: 0; }
svg { width: 100%; height: auto; font-size: 13px; }
svg .label { text-anchor: end; fill: var(--ink); } svg .value { fill: var(--soft); }
svg rect { fill: var(--bar); } svg .abnormal rect { fill: var(--abnormal); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap; }
th:first-child { text-align: left; font-weight: inherit; max-width: 24rem; overflow: hidden;
  text-overflow: ellipsis; }
thead th { color: var(--soft); font-weight: 600; }
tbody tr, tfoot tr { border-top: 1px solid var(--line); } tfoot { font-weight: 600; }
]]
