/// A file that browsers load from the server: a page, or what belongs to one. It is in the binary, so that a server is one file
/// and a page needs no other host.
struct Page: Sendable {
    /// The media type, as `Content-Type` has it.
    let type: String
    let path: String
    let text: String

    /// Files by which the routes of a model can be tried.
    static let playground = [
        Page(type: html, path: "/ui", text: playgroundHTML),
        Page(type: script, path: "/ui/app.js", text: playgroundApp),
        Page(type: script, path: "/ui/inputs.js", text: playgroundInputs),
        Page(type: script, path: "/ui/options.js", text: playgroundOptions),
        Page(type: script, path: "/ui/results.js", text: playgroundResults),
        Page(type: script, path: "/ui/stream.js", text: playgroundStream),
        Page(type: script, path: "/ui/snippets.js", text: playgroundSnippets),
    ]

    /// Files that show the description of the server.
    static let documentation = [
        Page(type: html, path: "/docs", text: documentationHTML),
        Page(type: script, path: "/docs/docs.js", text: documentationScript),
    ]

    /// Files that both have.
    static let shared = [
        Page(type: script, path: "/docs/server.js", text: serverScript),
        Page(type: "text/css; charset=utf-8", path: "/docs/style.css", text: style),
    ]

    private static let html = "text/html; charset=utf-8"
    private static let script = "text/javascript; charset=utf-8"
}
