/// A call of a tool that a model has written.
package struct ToolCall: Sendable, Equatable {
    package let name: String
    /// The arguments as JSON text, as the model wrote them.
    package var arguments: String

    package init(name: String, arguments: String) { (self.name, self.arguments) = (name, arguments) }
}

/// Finds calls of tools in an answer as it comes.
///
/// Nothing is held back but what may be the beginning of a call, and white space in front of it. What turns out to be no
/// call is text.
package struct ToolCallParser: Sendable {
    /// A part of an answer.
    package enum Piece: Sendable, Equatable {
        case text(String)
        /// The beginning of a call, which has a number among those of the answer, from 0 on.
        case call(Int, name: String)
        /// A part of the arguments of a call, as JSON text.
        case arguments(Int, String)
    }

    private enum Place {
        case text
        /// Behind an opener, where the name of a tool may stand.
        case name
        /// Among calls, in front of the object of one.
        case between
        case object
        /// Behind the last call that there may be.
        case end
    }

    private let format: ToolCallFormat
    private let tools: Set<String>
    private let mostCalls: Int
    private var place = Place.text
    /// Bytes that were not looked at, or are held back.
    private var buffer: [UInt8] = []
    /// Bytes that are text again if no call comes of them.
    private var held: [UInt8] = []
    private var scanner = ToolCallScanner()
    /// The bytes of a name and the marks behind it.
    private var name: [UInt8] = []
    /// Bytes of the longest of them.
    private let longestName: Int
    private var hasCall = false
    /// True as long as there was neither text nor a call.
    private var isAtBeginning = true
    /// The calls that were found so far.
    package private(set) var calls = 0

    /// - Parameters:
    ///   - tools: the names of the tools; what calls others is text
    ///   - mostCalls: how many calls there may be; what follows them is left out
    package init(_ format: ToolCallFormat, tools: Set<String>, mostCalls: Int = .max) {
        (self.format, self.tools, self.mostCalls) = (format, tools, mostCalls)
        longestName = (tools.map(\.utf8.count).max() ?? 0) + Self.longestMarks
    }

    /// Returns what is certain with the next part of the text.
    package mutating func append(_ text: String) -> [Piece] {
        buffer += text.utf8
        var pieces: [Piece] = []
        while advance(&pieces) {}
        return pieces
    }

    /// Returns what was held back. There is no more text.
    package mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        let rest = held + buffer
        if place != .end, !hasCall, calls == 0 || !rest.allSatisfy(\.isWhiteSpace) { emit(rest[...], &pieces) }
        (buffer, held, place) = ([], [], .end)
        return pieces
    }

    /// Returns the text of an answer without its calls, and the calls.
    package static func parse(
        _ text: String, by parser: ToolCallParser
    ) -> (text: String, calls: [ToolCall]) {
        var (parser, words, calls) = (parser, "", [ToolCall]())
        for piece in parser.append(text) + parser.finish() {
            switch piece {
            case .text(let text): words += text
            case .call(_, let name): calls.append(ToolCall(name: name, arguments: ""))
            case .arguments(let call, let part): calls[call].arguments += part
            }
        }
        return (words, calls)
    }

    /// Looks at the buffer. Returns false when there is nothing more to say before more text comes.
    private mutating func advance(_ pieces: inout [Piece]) -> Bool {
        switch place {
        case .text: advanceInText(&pieces)
        case .name: advanceInName(&pieces)
        case .between: advanceBetween(&pieces)
        case .object: advanceInObject(&pieces)
        case .end: false
        }
    }

    // MARK: Text

    private mutating func advanceInText(_ pieces: inout [Piece]) -> Bool {
        if isAtBeginning, format.beginsWithObject {
            guard let first = buffer.firstIndex(where: { !$0.isWhiteSpace }) else { return false }
            if buffer[first] == UInt8(ascii: "{") {
                hold(first)
                beginObject()
                return true
            }
        }
        let opener = Array((format.opener ?? "").utf8)
        if let start = firstPlace(of: opener) {
            let end = endOfWords(buffer[..<start])
            emit(buffer[..<end], &pieces)
            buffer.removeFirst(end)
            hold(start - end + opener.count)
            hasCall = false
            passOpener()
            return true
        }
        let begun = (0..<opener.count).last { buffer.suffix($0).elementsEqual(opener.prefix($0)) && $0 <= buffer.count }
        let end = endOfWords(buffer.dropLast(begun ?? 0))
        emit(buffer[..<end], &pieces)
        buffer.removeFirst(end)
        return false
    }

    private func firstPlace(of mark: [UInt8]) -> Int? {
        guard !mark.isEmpty, buffer.count >= mark.count else { return nil }
        return (0...(buffer.count - mark.count)).first { buffer[$0...].starts(with: mark) }
    }

    /// The end of a text without the white space behind it.
    private func endOfWords(_ text: ArraySlice<UInt8>) -> Int {
        text.lastIndex { !$0.isWhiteSpace }.map { $0 + 1 } ?? text.startIndex
    }

    private mutating func emit(_ text: ArraySlice<UInt8>, _ pieces: inout [Piece]) {
        guard !text.isEmpty else { return }
        isAtBeginning = false
        pieces.append(.text(String(decoding: text, as: UTF8.self)))
    }

    /// Holds the first bytes of the buffer back.
    private mutating func hold(_ count: Int) {
        held += buffer[..<count]
        buffer.removeFirst(count)
    }

    // MARK: Calls

    private mutating func passOpener() { (place, name) = (format.namesTools ? .name : .between, []) }

    /// Bytes that the marks behind a name and the id of a call take at most.
    private static let longestMarks = 128

    /// Reads the name of a tool, perhaps the id of the call, and the mark in front of the arguments.
    private mutating func advanceInName(_ pieces: inout [Piece]) -> Bool {
        if name.isEmpty {
            let space = buffer.prefix(while: \.isWhiteSpace).count
            hold(space)
            guard let byte = buffer.first else { return false }
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                place = .between
                return true
            }
            hasCall = false
        }
        let end = buffer.firstIndex(of: UInt8(ascii: "{")) ?? buffer.count
        name += buffer[..<end]
        hold(end)
        guard name.count <= longestName else {
            returnToText(&pieces)
            return true
        }
        guard !buffer.isEmpty else { return false }
        if let tool = namedTool {
            (scanner, place) = (ToolCallScanner(argumentsOf: tool), .object)
        } else {
            returnToText(&pieces)
        }
        return true
    }

    /// The tool whose name stands in front of the arguments; nil if there is none.
    private var namedTool: String? {
        let marks = ToolCallFormat.marksBehindName
        var words = Substring(decoding: name, as: UTF8.self)
        if let range = words.firstRange(of: marks.arguments) {
            guard words[range.upperBound...].utf8.allSatisfy(\.isWhiteSpace) else { return nil }
            words = words[..<range.lowerBound]
        }
        if let range = words.firstRange(of: marks.id) { words = words[..<range.lowerBound] }
        let end = words.utf8.lastIndex { !$0.isWhiteSpace }.map(words.utf8.index(after:)) ?? words.startIndex
        let name = String(words[..<end])
        return tools.contains(name) ? name : nil
    }

    private mutating func advanceBetween(_ pieces: inout [Piece]) -> Bool {
        guard let byte = buffer.first else { return false }
        if byte == UInt8(ascii: "{") {
            beginObject()
            return true
        }
        for mark in [format.opener, format.closer].compactMap({ $0.map { Array($0.utf8) } }) {
            if buffer.starts(with: mark) {
                hold(mark.count)
                if mark.elementsEqual((format.closer ?? "").utf8) { returnToText(&pieces) } else { passOpener() }
                return true
            }
            if mark.starts(with: buffer) { return false }
        }
        if byte.isWhiteSpace || format.separators.utf8.contains(byte) {
            hold(1)
        } else {
            returnToText(&pieces)
        }
        return true
    }

    /// Goes on with text. What is held back is part of it unless it has led to a call.
    private mutating func returnToText(_ pieces: inout [Piece]) {
        if !hasCall { emit(held[...], &pieces) }
        (held, place, hasCall, isAtBeginning) = ([], .text, false, false)
    }

    private mutating func beginObject() {
        (scanner, place, hasCall) = (ToolCallScanner(), .object, false)
    }

    private mutating func advanceInObject(_ pieces: inout [Piece]) -> Bool {
        for (index, byte) in buffer.enumerated() {
            let step = scanner.read(byte)
            if !hasCall, let name = scanner.name, tools.contains(name) { beginCall(name, &pieces) }
            let isNoCall = !hasCall && scanner.name != nil
            if case .goesOn = step, !isNoCall { continue }
            if case .ended = step, hasCall {
                passArguments(isEnd: true, &pieces)
                buffer.removeFirst(index + 1)
                place = calls < mostCalls ? .between : .end
                return true
            }
            hold(index + 1)
            passArguments(isEnd: false, &pieces)
            returnToText(&pieces)
            return true
        }
        hold(buffer.count)
        passArguments(isEnd: false, &pieces)
        return false
    }

    private mutating func beginCall(_ name: String, _ pieces: inout [Piece]) {
        (hasCall, isAtBeginning) = (true, false)
        pieces.append(.call(calls, name: name))
        calls += 1
    }

    private mutating func passArguments(isEnd: Bool, _ pieces: inout [Piece]) {
        guard hasCall else { return }
        held = []
        let part = isEnd && !scanner.hasArguments ? "{}" : scanner.takeArguments()
        if !part.isEmpty { pieces.append(.arguments(calls - 1, part)) }
    }
}
