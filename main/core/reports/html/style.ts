/** The style sheet of reports: light and dark by the reader's setting, light on paper, colour by meaning only. */

export const styleSheet = `
:root {
  color-scheme: light;
  --background: #ffffff; --surface: #f4f6f8; --border: #c9cfd8; --text: #1a1e25; --muted: #545d6b; --accent: #0b5cb8;
  --ok: #10673c; --fail: #b3261e; --warn: #7a5200; --error: #a3155f; --ok-fill: #dff3e7; --fail-fill: #fbe3e1; --warn-fill: #fbefcf;
  --band: #e9edf2; --grid: #dde2e8;
  --line-1: #0b5cb8; --line-2: #b3491a; --line-3: #10673c; --line-4: #8a2f8f; --line-5: #7a5200; --line-6: #4d5a6b;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --background: #14171c; --surface: #1d2128; --border: #3a424e; --text: #e4e8ee; --muted: #a8b1bf; --accent: #6cb2ff;
    --ok: #4fce8f; --fail: #ff8b83; --warn: #f0c33c; --error: #ff85bd; --ok-fill: #143324; --fail-fill: #431d1d; --warn-fill: #3a3011;
    --band: #22272f; --grid: #2e353f;
    --line-1: #6cb2ff; --line-2: #ff9e64; --line-3: #56d08f; --line-4: #dd9cf0; --line-5: #e6c34a; --line-6: #aab4c2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px; max-width: 1120px; background: var(--background); color: var(--text);
  font: 14px/1.5 system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif;
}
h1 { font-size: 22px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 32px 0 8px; padding-top: 8px; border-top: 1px solid var(--border); }
h3 { font-size: 14px; margin: 20px 0 4px; overflow-wrap: anywhere; }
p { margin: 4px 0 8px; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code, pre, .code { font-family: ui-monospace, 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
code, .code { overflow-wrap: anywhere; }
pre { background: var(--surface); border: 1px solid var(--border); border-radius: 3px; padding: 8px 12px; overflow-x: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin: 16px 0 0; padding: 0; }
.muted, .nothing, footer { color: var(--muted); }
.verdict { display: inline-block; padding: 2px 12px; border-radius: 3px; font-weight: 700; border: 1px solid currentColor; }
.verdict.good { color: var(--ok); background: var(--ok-fill); }
.verdict.bad { color: var(--fail); background: var(--fail-fill); }
.verdict.open { color: var(--warn); background: var(--warn-fill); }
.reason { font-size: 15px; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 8px 24px; margin: 12px 0; }
.facts dt { color: var(--muted); font-size: 12px; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 8px 0 16px; }
caption { text-align: left; color: var(--muted); font-size: 12px; padding: 4px 0; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-bottom: 1px solid var(--border); overflow-wrap: break-word; font-weight: 400; }
thead th { color: var(--muted); font-size: 12px; white-space: nowrap; overflow-wrap: normal; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody th { min-width: 3ch; }
td:has(> .code) { min-width: 26ch; }
.value { overflow-wrap: anywhere; }
.state { font-weight: 600; white-space: nowrap; }
.state.good { color: var(--ok); }
.state.bad { color: var(--fail); }
.state.open { color: var(--warn); }
.called { color: var(--muted); }
details { margin: 8px 0; }
summary { cursor: pointer; color: var(--accent); overflow-wrap: anywhere; }
.warning { border-left: 4px solid var(--warn); background: var(--warn-fill); padding: 8px 12px; margin: 12px 0; }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(260px, 1fr)); gap: 16px; }
.answers > div { border: 1px solid var(--border); border-radius: 3px; padding: 8px 16px; background: var(--surface); }
.answers h3 { margin-top: 4px; } .answers ul { padding-left: 16px; } .answers li { overflow-wrap: break-word; }
.finding { border: 1px solid var(--border); border-radius: 3px; padding: 8px 16px 4px; margin: 12px 0; break-inside: avoid; }
.finding h3 { margin-top: 4px; font-size: 15px; }
.finding .pictures { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 16px; }
@media (max-width: 800px) { .finding .pictures { grid-template-columns: minmax(0, 1fr); } }
figure { margin: 12px 0; break-inside: avoid; }
figcaption { font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 0 24px; }
@media (max-width: 500px) { .charts { grid-template-columns: minmax(0, 1fr); } }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--muted); font-size: 11px; font-family: inherit; }
.band { fill: var(--band); }
.silence { fill: var(--surface); fill-opacity: 0.8; stroke: var(--border); } .hatch { fill: none; stroke: var(--muted); stroke-width: 0.7; stroke-opacity: 0.6; }
.grid { stroke: var(--grid); stroke-width: 1; }
.axis { stroke: var(--border); stroke-width: 1; }
.line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
.line-1 { stroke: var(--line-1); } .line-2 { stroke: var(--line-2); stroke-dasharray: 6 2; } .line-3 { stroke: var(--line-3); stroke-dasharray: 2 2; }
.line-4 { stroke: var(--line-4); stroke-dasharray: 8 3 2 3; } .line-5 { stroke: var(--line-5); stroke-dasharray: 4 4; } .line-6 { stroke: var(--line-6); stroke-dasharray: 1 3; }
.line.alone { stroke-width: 5; stroke-linecap: round; stroke-dasharray: none; }
.line.past { stroke: var(--muted); stroke-width: 1; opacity: 0.55; }
.line.candidate { stroke: var(--fail); stroke-width: 2; }
.line.past.alone { stroke-width: 4; }
.line.candidate.alone { stroke-width: 6; }
.point-past { fill: var(--muted); fill-opacity: 0.6; }
.point-candidate { fill: var(--fail); }
.expected { fill: var(--ok-fill); stroke: var(--ok); stroke-width: 1; }
.median { stroke: var(--ok); stroke-width: 2; }
.fault { stroke: var(--fail); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg text.fault-name { fill: var(--fail); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0; padding: 0; font-size: 12px; }
.legend svg { display: inline-block; width: 28px; height: 8px; vertical-align: middle; margin-right: 6px; }
.remark { border-left: 3px solid var(--border); padding: 2px 12px; margin: 8px 0; }
@page { size: A4; margin: 14mm 12mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  table { font-size: 9pt; } code, pre, .code { font-size: 8.5pt; }
  th, td { overflow-wrap: anywhere; padding-right: 8px; } thead th, .state { overflow-wrap: normal; }
  td:has(> .code) { min-width: 20ch; } pre { white-space: pre-wrap; }
  .charts { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .answers { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  h2 { break-after: avoid; } h3 { break-after: avoid; }
  section.new-page { break-before: page; }
  tr, figure, .finding { break-inside: avoid; }
  thead { display: table-header-group; break-after: avoid; } caption { break-after: avoid; }
  .wide { overflow: visible; }
  a { color: inherit; text-decoration: none; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  summary { list-style: none; color: inherit; font-weight: 600; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
