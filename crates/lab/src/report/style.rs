//! How the page looks.

/// The page's style sheet: one column on a phone, two drawings abreast on a wide screen, and the
/// reader's choice of light or dark.
pub(super) const STYLE: &str = "
:root { color-scheme: light dark; --ink: #23262b; --soft: #5c636e; --line: #d9dce1;
  --ground: #fcfcfb; --card: #ffffff; --code: #f1f2f4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e7eb; --soft: #a0a7b2; --line: #3a3f47; --ground: #15171a; --card: #1c1f23;
    --code: #262a30; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 72rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0.5rem 0; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 0.25rem; }
p { max-width: 44rem; margin: 0.5rem 0; }
.lead { font-size: 1.1rem; color: var(--soft); }
.pair { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
figure { margin: 0.75rem 0; padding: 1rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 0.5rem; min-width: 0; }
figure svg { display: block; width: 100%; height: auto; max-width: 40rem; margin: 0 auto; }
figcaption { margin-top: 0.75rem; }
code { font: 0.85rem/1.4 ui-monospace, monospace; background: var(--code); border-radius: 0.25rem;
  padding: 0.1rem 0.3rem; overflow-wrap: anywhere; }
figcaption code { display: block; margin-top: 0.5rem; padding: 0.35rem 0.5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 0.75rem 0; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.9rem 0.25rem 0; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line);
  color: var(--soft); font-size: 0.9rem; }
";
