import PenstockJSON

/// Reads the object of a call as it comes, byte by byte: the name as a whole, the arguments as they are written. Where
/// the name was told in front of it, the object is that of the arguments.
struct ToolCallScanner: Sendable {
    enum Step {
        case goesOn
        case ended
        /// It is no object of a call.
        case failed
    }

    private enum Place {
        case start
        /// In front of a key, or behind the last value.
        case entry
        case key
        case colon
        case value
        case string
        case container
        case scalar
    }

    /// The name of the tool, once it was read.
    private(set) var name: String?
    /// The part of the arguments that was read and not taken.
    private var arguments: [UInt8] = []
    /// True once there were arguments.
    private(set) var hasArguments = false

    private var place = Place.start
    private var key = ""
    /// The text of the key or value that is being read, unless it is that of arguments.
    private var text: [UInt8] = []
    /// Brackets that are open in a value.
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var isOfArguments = false
    /// True if the object is that of the arguments.
    private var isBare = false

    private static let argumentKeys: Set = ["arguments", "parameters"]
    private static let keys: Set = ["name", "arguments", "parameters", "type", "id"]

    /// A reader of a call.
    init() {}

    /// A reader of the arguments of a call, whose name is known.
    init(argumentsOf name: String) {
        (self.name, place, key, isBare) = (name, .value, "arguments", true)
    }

    /// Takes what is there of the arguments.
    mutating func takeArguments() -> String {
        defer { arguments = [] }
        return String(decoding: arguments, as: UTF8.self)
    }

    /// Reads a byte.
    mutating func read(_ byte: UInt8) -> Step {
        switch place {
        case .start:
            place = .entry
            return byte == UInt8(ascii: "{") ? .goesOn : .failed
        case .entry: return readEntry(byte)
        case .key:
            guard endsString(with: byte) else { return .goesOn }
            place = .colon
            return readKey() ? .goesOn : .failed
        case .colon:
            if byte == UInt8(ascii: ":") { place = .value }
            return byte == UInt8(ascii: ":") || byte.isWhiteSpace ? .goesOn : .failed
        case .value: return byte.isWhiteSpace ? .goesOn : beginValue(with: byte)
        case .string: return endsString(with: byte) ? endValue() : .goesOn
        case .container: return readContainer(byte)
        case .scalar: return readScalar(byte)
        }
    }

    private mutating func readEntry(_ byte: UInt8) -> Step {
        switch byte {
        case UInt8(ascii: "}"): return .ended
        case UInt8(ascii: "\""):
            (text, isEscaped, place) = ([byte], false, .key)
            return .goesOn
        case UInt8(ascii: ","): return .goesOn
        default: return byte.isWhiteSpace ? .goesOn : .failed
        }
    }

    /// Returns false for a key that calls do not have.
    private mutating func readKey() -> Bool {
        guard let key = (try? JSONValue(parsing: text))?.string, Self.keys.contains(key) else { return false }
        self.key = key
        return true
    }

    private mutating func beginValue(with byte: UInt8) -> Step {
        isOfArguments = Self.argumentKeys.contains(key) && !hasArguments
        (text, isInString, isEscaped) = ([byte], false, false)
        switch byte {
        case UInt8(ascii: "\""): place = .string
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            (place, depth) = (.container, 1)
            guard isOfArguments else { return .goesOn }
            guard byte == UInt8(ascii: "{") else { return .failed }
            hasArguments = true
            arguments.append(byte)
        default: place = .scalar
        }
        return .goesOn
    }

    /// Reads a byte of a text in quotes. Returns true for its end.
    private mutating func endsString(with byte: UInt8) -> Bool {
        text.append(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else {
            return byte == UInt8(ascii: "\"")
        }
        return false
    }

    private mutating func readContainer(_ byte: UInt8) -> Step {
        if isOfArguments { arguments.append(byte) }
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return .goesOn
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            depth -= 1
            guard depth == 0 else { break }
            place = .entry
            if isBare { return .ended }
        default: break
        }
        return .goesOn
    }

    private mutating func readScalar(_ byte: UInt8) -> Step {
        guard byte.isWhiteSpace || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
            text.append(byte)
            return .goesOn
        }
        let step = endValue()
        guard case .goesOn = step else { return step }
        return readEntry(byte)
    }

    /// Ends a value that is a text, a number, true, false or null.
    private mutating func endValue() -> Step {
        place = .entry
        guard let value = try? JSONValue(parsing: text) else { return .failed }
        if key == "name" {
            guard let name = value.string, self.name == nil else { return .failed }
            self.name = name
        } else if isOfArguments, !value.isNull {
            // Some models write the JSON of the arguments as a text.
            guard let json = value.string else { return .failed }
            hasArguments = true
            arguments += json.utf8
        }
        return .goesOn
    }
}

extension UInt8 {
    /// True for a byte of white space in JSON.
    var isWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
