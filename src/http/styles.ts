/** How pages look, light and dark. */
export const styles = `
  :root { --ink: #1d2624; --soft: #55625f; --line: #d6dedb; --edge: #7b8a86; --paper: #f4f7f5; --card: #fff; --leaf: #2a6556; --on-leaf: #fff; --added: #e2f3ea; --removed: #fbe9e7; --error: #b3261e; }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6eeeb; --soft: #a9b6b2; --line: #34413d; --edge: #74857f; --paper: #121816; --card: #1b2421; --leaf: #7cc4ae; --on-leaf: #0e1a16; --added: #1c3a2e; --removed: #442422; --error: #ff9b93; } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.55 system-ui, sans-serif; }
  .sheet { max-width: 32rem; margin: 8vh auto 1rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 16px; overflow-wrap: anywhere; }
  .wide .sheet { max-width: 52rem; margin-top: 4vh; }
  @media (max-width: 36rem) { .sheet, .wide .sheet { margin: 0; padding: 1.25rem; border: 0; border-radius: 0; } }
  main:focus { outline: none; }
  h1 { font-size: 1.6rem; line-height: 1.25; margin: 1.5rem 0 0.75rem; }
  h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 0.5rem; }
  h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
  .top { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: 0.5rem 1.5rem; }
  .brand { display: flex; gap: 0.6rem; align-items: center; margin: 0; font-weight: 600; color: var(--soft); }
  .soft { color: var(--soft); }
  .error { color: var(--error); }
  .done { border-left: 4px solid var(--leaf); padding: 0.5rem 1rem; background: var(--paper); }
  a { color: var(--leaf); }
  nav a, footer a { display: inline-block; padding: 0.25rem 0; margin-right: 1.25rem; }
  .top nav a { margin-right: 0; }
  footer nav a { margin: 0 0.6rem; }
  footer { max-width: 52rem; margin: 0 auto 3rem; padding: 0 2rem; text-align: center; font-size: 0.9rem; }
  .skip { position: absolute; left: -100rem; background: var(--card); padding: 0.5rem 1rem; }
  .skip:focus { left: 0.5rem; top: 0.5rem; }
  label { display: block; margin: 1rem 0 0.25rem; font-weight: 600; }
  label + .soft { margin: 0 0 0.25rem; font-size: 0.9rem; }
  input, select, textarea { width: 100%; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 8px; padding: 0.55rem 0.7rem; }
  textarea { min-height: 7rem; }
  input[type="radio"], input[type="checkbox"] { width: 1.25rem; height: 1.25rem; margin: 0 0.5rem 0 0; padding: 0; vertical-align: -0.2rem; accent-color: var(--leaf); }
  fieldset { border: 1px solid var(--line); border-radius: 12px; margin: 1rem 0; padding: 0.75rem 1rem 1rem; min-width: 0; }
  legend { font-weight: 600; padding: 0 0.4rem; }
  fieldset > :nth-child(2) { margin-top: 0.25rem; }
  label.choice { display: inline-block; margin: 0.25rem 1.5rem 0.25rem 0; font-weight: 400; }
  button, .button { display: inline-block; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; border: 1px solid var(--leaf); border-radius: 8px; padding: 0.6rem 1.1rem; background: var(--leaf); color: var(--on-leaf); }
  button.plain, .button.plain { background: none; color: var(--leaf); }
  :focus-visible { outline: 3px solid var(--leaf); outline-offset: 2px; }
  .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin-top: 1.5rem; }
  .actions form { margin: 0; }
  .notice { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.95rem; }
  .notice .actions { margin-top: 0.75rem; }
  .cards { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 0.75rem; }
  .cards li { border: 1px solid var(--line); border-radius: 12px; padding: 0.9rem 1rem; }
  .cards li:has([aria-current]) { border: 2px solid var(--leaf); }
  .cards a { font-weight: 600; }
  .cards p { margin: 0.25rem 0 0; font-size: 0.95rem; color: var(--soft); }
  dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: 0.35rem 1rem; margin: 1rem 0; }
  dt { color: var(--soft); } dd { margin: 0; }
  @media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
  .scroll { overflow-x: auto; border-radius: 8px; }
  table { border-collapse: collapse; width: 100%; font-size: 0.92rem; overflow-wrap: normal; }
  caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
  th, td { text-align: left; vertical-align: top; padding: 0.45rem 0.75rem 0.45rem 0; border-bottom: 1px solid var(--line); }
  th[scope="row"] { font-weight: 500; }
  details { margin-top: 0.75rem; }
  summary { cursor: pointer; padding: 0.2rem 0; color: var(--leaf); font-weight: 600; }
  .tag { display: inline-block; border: 1px solid var(--edge); border-radius: 999px; padding: 0 0.6rem; font-size: 0.85rem; }
  ins, del { display: block; text-decoration: none; padding: 0 0.5rem; white-space: pre-wrap; }
  ins { background: var(--added); } del { background: var(--removed); }
  .diff p { margin: 0; padding: 0 0.5rem; white-space: pre-wrap; }
  code { font-size: 0.9em; }
`
