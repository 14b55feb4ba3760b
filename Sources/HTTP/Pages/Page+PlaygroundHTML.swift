extension Page {
    /// The frame of the playground.
    static let playgroundHTML = #"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Penstock: playground</title>
        <link rel="stylesheet" href="docs/style.css">
        <script type="module" src="ui/app.js"></script>
        </head>
        <body>
        <a class="skip" href="#result">To the result</a>
        <header><h1>Penstock: playground</h1><a href="docs">API</a></header>
        <main>
        <section aria-labelledby="choice-title">
        <h2 id="choice-title">Model and task</h2>
        <div class="columns">
        <div class="field"><label for="model">Model</label><select id="model"></select></div>
        <div class="field"><label for="task">Task</label><select id="task"></select></div>
        <form id="key-form" class="field">
        <label for="key">API key</label>
        <input id="key" type="password" autocomplete="off" aria-describedby="key-hint">
        <p class="hint" id="key-hint">If the server asks for one. It is kept by this page only, until it is closed.</p>
        </form>
        </div>
        <p id="facts" class="hint"></p>
        </section>
        <div class="columns">
        <section aria-labelledby="request-title">
        <h2 id="request-title">Request</h2>
        <form id="request">
        <div id="inputs"></div>
        <div class="buttons">
        <button id="run">Run</button>
        <button id="stop" type="button" class="quiet" disabled>Stop</button>
        </div>
        <details id="options-frame"><summary>Options</summary><div id="options"></div></details>
        </form>
        </section>
        <section aria-labelledby="result-title">
        <h2 id="result-title">Result</h2>
        <p id="status" role="status"></p>
        <div id="result" tabindex="-1" aria-live="polite"></div>
        <p id="times" class="times"></p>
        <details id="raw-frame" hidden><summary>JSON</summary><pre id="raw" tabindex="0"></pre></details>
        </section>
        </div>
        <section aria-labelledby="code-title">
        <h2 id="code-title">The same from a program</h2>
        <div class="columns">
        <div><h3>curl</h3><pre id="curl" tabindex="0"></pre>
        <button type="button" class="quiet" data-copy="curl">Copy curl</button></div>
        <div><h3>Python</h3><pre id="python" tabindex="0"></pre>
        <button type="button" class="quiet" data-copy="python">Copy Python</button></div>
        </div>
        </section>
        </main>
        </body>
        </html>
        """#
}
