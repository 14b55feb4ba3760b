/// Reads the part of YAML 1.2 that configurations are written in: mappings and sequences in blocks and in brackets, scalars
/// that are plain or in quotes on one line, and comments. JSON is a part of that.
///
/// All else is refused by its name: anchors, aliases, tags, directives, block scalars, scalars over several lines, keys
/// that are not scalars, and several documents.
package struct YAMLParser {
    let bytes: [UInt8]
    var position = 0
    /// Collections around the position.
    private var depth = 0
    private static let deepest = 32
    private static let longest = 1 << 18

    /// Reads a file.
    ///
    /// - Returns: its value, a null for a file that has none
    /// - Throws: ``YAMLError``
    package static func node(in text: String) throws(YAMLError) -> YAMLNode {
        guard text.utf8.count <= longest else { throw YAMLError(line: 1, message: "the file has more than 256 KiB") }
        var parser = YAMLParser(bytes: Array(text.utf8))
        return try parser.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private mutating func document() throws(YAMLError) -> YAMLNode {
        try skipToContent()
        if isMarker("---") {
            position += 3
            try endLine()
        }
        if peek() == UInt8(ascii: "%"), column == 0 { throw error("directives are not supported") }
        let node = try block(indentedBy: 0) ?? .scalar("", isPlain: true)
        try skipToContent()
        if isMarker("...") {
            position += 3
            try endLine()
            try skipToContent()
        }
        guard peek() == nil else {
            throw error(isMarker("---") ? "several documents are not supported" : "this belongs to nothing above it")
        }
        return node
    }

    // MARK: Blocks

    /// The block whose first line is the next; nil if that is indented by less.
    private mutating func block(indentedBy least: Int) throws(YAMLError) -> YAMLNode? {
        try skipToContent()
        guard peek() != nil, column >= least, !isMarker("---"), !isMarker("...") else { return nil }
        return try blockHere()
    }

    /// The node that starts here; its further lines are indented as deep.
    private mutating func blockHere() throws(YAMLError) -> YAMLNode {
        try nested { (parser) throws(YAMLError) in
            if parser.isDash { return try parser.blockSequence() }
            if try parser.startsMapping() { return try parser.blockMapping() }
            let node = try parser.inlineValue(isInFlow: false)
            try parser.endLine()
            return node
        }
    }

    private mutating func blockSequence() throws(YAMLError) -> YAMLNode {
        let indent = column
        var nodes: [YAMLNode] = []
        repeat {
            position += 1
            skipSpaces()
            if isAtLineEnd {
                nodes.append(try block(indentedBy: indent + 1) ?? .scalar("", isPlain: true))
            } else {
                nodes.append(try blockHere())
            }
        } while try goesOn(at: indent) && isDash
        return .sequence(nodes)
    }

    private mutating func blockMapping() throws(YAMLError) -> YAMLNode {
        let indent = column
        var entries: [YAMLNode.Entry] = []
        repeat {
            let line = line
            let key = try key(isInFlow: false)
            try Self.check(key, isNewIn: entries, line)
            entries.append(.init(key: key, value: try blockValue(of: indent), line: line))
        } while try goesOn(at: indent)
        return .mapping(entries)
    }

    /// Reads what stands behind the colon of a key.
    private mutating func blockValue(of indent: Int) throws(YAMLError) -> YAMLNode {
        skipSpaces()
        guard isAtLineEnd else {
            let node = try inlineValue(isInFlow: false)
            try endLine()
            return node
        }
        try skipToContent()
        // A sequence may be no deeper than its key.
        if peek() != nil, column == indent, isDash { return try blockHere() }
        return try block(indentedBy: indent + 1) ?? .scalar("", isPlain: true)
    }

    /// Goes to the next line with content. Returns whether it is one of the same collection.
    private mutating func goesOn(at indent: Int) throws(YAMLError) -> Bool {
        try skipToContent()
        guard peek() != nil, column >= indent, !isMarker("---"), !isMarker("...") else { return false }
        guard column == indent else {
            throw error("the line is indented by \(column) spaces, but those before it by \(indent)")
        }
        return true
    }

    /// Tells whether a mapping starts here: a key with a colon behind it.
    private func startsMapping() throws(YAMLError) -> Bool {
        guard let first = peek(), !"[{".utf8.contains(first) else { return false }
        var probe = self
        if first == UInt8(ascii: "?"), probe.isFollowedBySpace {
            throw error("keys that are not scalars are not supported")
        }
        _ = try probe.scalar(isInFlow: false, isKey: true)
        probe.skipSpaces()
        return probe.isColon(isInFlow: false)
    }

    /// A key with its colon.
    mutating func key(isInFlow: Bool) throws(YAMLError) -> String {
        guard let first = peek(), !"[{".utf8.contains(first) else {
            throw error("keys that are not scalars are not supported")
        }
        guard case .scalar(let key, _) = try scalar(isInFlow: isInFlow, isKey: true) else {
            throw error("there is no key")
        }
        if isInFlow { try skipToContent() } else { skipSpaces() }
        guard isColon(isInFlow: isInFlow) || isInFlow && bytes[position...].first == UInt8(ascii: ":") else {
            throw error("there has to be a key with a colon and a space behind it")
        }
        position += 1
        return key
    }

    static func check(_ key: String, isNewIn entries: [YAMLNode.Entry], _ line: Int) throws(YAMLError) {
        guard let former = entries.first(where: { $0.key.utf8.elementsEqual(key.utf8) }) else { return }
        throw YAMLError(line: line, message: "\(key.shown) is there already, in line \(former.line)")
    }

    /// Reads a collection within others.
    mutating func nested(_ body: (inout Self) throws(YAMLError) -> YAMLNode) throws(YAMLError) -> YAMLNode {
        guard depth < Self.deepest else { throw error("collections are nested too deep") }
        depth += 1
        defer { depth -= 1 }
        return try body(&self)
    }
}
