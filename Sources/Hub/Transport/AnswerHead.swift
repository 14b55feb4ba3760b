import NIOHTTP1

/// The head of an answer, as far as a Hub says something by it.
package struct AnswerHead: Sendable {
    /// The status code.
    package let status: Int
    let headers: HTTPHeaders

    package init(status: Int, headers: HTTPHeaders) { (self.status, self.headers) = (status, headers) }

    /// The first value of a field, without white space around it.
    package func field(_ name: String) -> String? {
        headers.first(name: name).map { value in
            String(value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }
    }

    /// The address to go to instead, if the status says so.
    package var location: String? { [301, 302, 303, 307, 308].contains(status) ? field("Location") : nil }

    /// True if that is a whole address.
    var hasAbsoluteLocation: Bool { location.map { HubURL($0) != nil } ?? false }

    /// The entity tag that names the blob: of the linked file if there is one.
    package var etag: String? { Self.normalized(field("X-Linked-Etag") ?? field("ETag")) }

    /// The commit that the answer is of.
    package var commit: Commit? { field("X-Repo-Commit").flatMap(Commit.init) }

    /// Bytes of the file: of the linked one, or of this answer if it is no redirect.
    package var size: Int? {
        if let linked = field("X-Linked-Size") { return Self.number(linked) }
        return location == nil ? field("Content-Length").flatMap(Self.number) : nil
    }

    /// The time that the server wants to be left alone: `Retry-After` in seconds, or the time in `ratelimit` if nothing
    /// is left (draft-ietf-httpapi-ratelimit-headers, as huggingface_hub reads it).
    package var retryAfter: Duration? {
        if let seconds = field("Retry-After").flatMap(Self.number) { return .seconds(min(seconds, 1 << 30)) }
        guard status == 429, let limit = field("ratelimit") else { return nil }
        let items = limit.split(separator: ";").map { $0.split(separator: "=", maxSplits: 1) }
        func value(_ name: String) -> Int? {
            items.first { $0.count == 2 && $0[0].drop(while: \.isWhitespace) == name }.flatMap {
                Self.number(String($0[1]))
            }
        }
        guard value("r") == 0, let seconds = value("t") else { return nil }
        return .seconds(min(seconds, 1 << 30))
    }

    /// The range that a partial answer has, and the bytes of the whole if they are told: `bytes 0-99/1000`.
    package var contentRange: (range: Range<Int>, size: Int?)? {
        guard status == 206, let text = field("Content-Range"), text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
        let ends = parts.first?.split(separator: "-").map { Self.number(String($0)) } ?? []
        guard parts.count == 2, ends.count == 2, let first = ends[0], let last = ends[1], first <= last, last < Int.max
        else { return nil }
        return (first..<last + 1, Self.number(String(parts[1])))
    }

    /// `W/"tag"` and `"tag"` as `tag`; nil for what could be no file's name.
    static func normalized(_ etag: String?) -> String? {
        guard var tag = etag.map({ $0[...] }) else { return nil }
        if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
        if tag.first == "\"" { tag = tag.dropFirst() }
        if tag.last == "\"" { tag = tag.dropLast() }
        guard 1...128 ~= tag.utf8.count, tag.utf8.first != UInt8(ascii: "."),
            tag.utf8.allSatisfy({ byte in
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                    || "-_.+=".utf8.contains(byte)
            })
        else { return nil }
        return String(tag)
    }

    /// A number of digits alone; nil for any other text and for what 63 bits cannot hold.
    private static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 } ? Int(text) : nil
    }
}
