extension Page {
    /// The looks of all pages, by light and by dark.
    static let style = #"""
        :root {
            color-scheme: light dark;
            --page: #f7f7f5; --card: #ffffff; --ink: #1c1c1a; --quiet: #5c5c57; --line: #d4d4ce;
            --accent: #0b5d8f; --on-accent: #ffffff; --bar: #8fc1e0; --bad: #a3211b;
        }
        @media (prefers-color-scheme: dark) {
            :root {
                --page: #171716; --card: #212120; --ink: #ececea; --quiet: #aaaaa4; --line: #43433f;
                --accent: #7cc0ec; --on-accent: #0d1b24; --bar: #2c6286; --bad: #ff9a92;
            }
        }
        * { box-sizing: border-box; }
        body {
            margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--page); color: var(--ink);
            font: 1rem/1.5 system-ui, sans-serif;
        }
        h1 { font-size: 1.4rem; margin: 0 0 .5rem; }
        h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
        h3 { font-size: 1rem; margin: 1rem 0 .5rem; }
        a { color: var(--accent); }
        p { margin: .25rem 0 .75rem; }
        [hidden] { display: none !important; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem; z-index: 1; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
        section, .card {
            background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem;
            margin: 0 0 1rem;
        }
        .columns { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); }
        .columns > * { min-width: 0; }
        label, legend { font-weight: 600; }
        .field { margin: 0 0 .75rem; }
        .field > label { display: block; }
        .hint { color: var(--quiet); font-size: .875rem; font-weight: 400; margin: .125rem 0 0; }
        input, select, textarea, button { font: inherit; color: inherit; }
        input, select, textarea {
            width: 100%; padding: .4rem .5rem; background: var(--page); border: 1px solid var(--quiet);
            border-radius: .25rem;
        }
        textarea { min-height: 4.5rem; resize: vertical; }
        fieldset { border: 1px solid var(--line); border-radius: .25rem; margin: 0 0 .75rem; padding: .5rem .75rem; }
        button {
            padding: .45rem 1.1rem; border: 1px solid var(--accent); border-radius: .25rem; cursor: pointer;
            background: var(--accent); color: var(--on-accent); font-weight: 600;
        }
        button.quiet { background: transparent; color: var(--accent); }
        button:disabled { opacity: .5; cursor: default; }
        .buttons { display: flex; flex-wrap: wrap; gap: .5rem; margin: .5rem 0; }
        summary { cursor: pointer; font-weight: 600; }
        details { margin: 0 0 .75rem; }
        details > :nth-child(2) { margin-top: .5rem; }
        pre, code { font: .875rem/1.45 ui-monospace, monospace; }
        pre {
            margin: .5rem 0; padding: .75rem; overflow: auto; max-height: 24rem; white-space: pre-wrap;
            overflow-wrap: anywhere; background: var(--page); border: 1px solid var(--line); border-radius: .25rem;
        }
        .error { color: var(--bad); font-weight: 600; }
        .times { color: var(--quiet); font-size: .875rem; }
        .text { white-space: pre-wrap; overflow-wrap: anywhere; }
        mark {
            color: inherit; background: var(--bar); border-radius: .2rem; padding: .1em .2em;
            -webkit-box-decoration-break: clone; box-decoration-break: clone;
        }
        mark .label { font-size: .75em; font-weight: 700; margin-left: .35em; }
        table { border-collapse: collapse; }
        th, td { padding: .25rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
        caption { text-align: left; color: var(--quiet); font-size: .875rem; }
        .bars { width: 100%; }
        .bars td:nth-child(2) { width: 45%; }
        .bars td:nth-child(3) { width: 5rem; font-variant-numeric: tabular-nums; text-align: right; }
        .bar { background: var(--bar); height: 1.1rem; border-radius: .2rem; min-width: 2px; }
        .heat { overflow: auto; max-width: 100%; }
        .heat td { text-align: right; font-variant-numeric: tabular-nums; min-width: 3.5rem; white-space: nowrap; }
        .heat td { background: color-mix(in srgb, var(--bar) var(--heat), var(--card)); }
        .tokens { display: flex; flex-wrap: wrap; gap: .25rem; padding: 0; margin: 0; list-style: none; }
        .tokens li { border: 1px solid var(--line); border-radius: .25rem; padding: .1rem .35rem; text-align: center; }
        .tokens .special { border-style: dashed; }
        .tokens .id { display: block; color: var(--quiet); font-size: .75rem; }
        .turn { margin: 0 0 .75rem; }
        .turn > b { display: block; color: var(--quiet); font-size: .875rem; }
        .method { font-weight: 700; display: inline-block; min-width: 4.5rem; }
        """#
}
