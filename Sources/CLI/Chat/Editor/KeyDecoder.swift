/// Makes keys of the bytes that a terminal sends for them: UTF-8, control characters and the sequences of ECMA-48.
struct KeyDecoder {
    /// A key, by what it does to a line.
    enum Key: Equatable {
        case character(Character)
        /// The end of the line.
        case enter
        /// A line feed within the line, as in what is pasted.
        case newLine
        case interrupt
        case end
        case left
        case right
        case wordLeft
        case wordRight
        case lineStart
        case lineEnd
        case up
        case down
        case backspace
        case delete
        case deleteWord
        case deleteToStart
        case deleteToEnd
        case unknown
    }

    private enum State {
        case plain
        case escape
        /// Behind the beginning of a sequence, with what came of it.
        case sequence([UInt8])
        /// Within a character, with its bytes so far.
        case character([UInt8], length: Int)
    }

    private var state = State.plain
    /// True within what is pasted, in which the end of a line ends nothing.
    private var isPasted = false

    private static let escape: UInt8 = 0x1B
    private static let longestSequence = 16

    /// Takes a byte. Returns the key that it ends, if it ends one.
    mutating func take(_ byte: UInt8) -> Key? {
        switch state {
        case .plain: return plain(byte)
        case .escape:
            state = .plain
            switch byte {
            case UInt8(ascii: "["), UInt8(ascii: "O"): state = .sequence([])
            case 0x0D, 0x0A: return .newLine
            case UInt8(ascii: "b"): return .wordLeft
            case UInt8(ascii: "f"): return .wordRight
            case 0x7F: return .deleteWord
            case Self.escape: state = .escape
            default: return .unknown
            }
            return nil
        case .sequence(let bytes):
            guard !(0x40...0x7E).contains(byte) else {
                state = .plain
                return sequence(bytes, byte)
            }
            state = bytes.count < Self.longestSequence ? .sequence(bytes + [byte]) : .plain
            return nil
        case .character(let bytes, let length):
            guard byte & 0xC0 == 0x80 else {
                // Cut off: it is none.
                state = .plain
                return plain(byte)
            }
            guard bytes.count + 1 == length else {
                state = .character(bytes + [byte], length: length)
                return nil
            }
            state = .plain
            return String(validating: bytes + [byte], as: UTF8.self)?.first.map { .character($0) }
        }
    }

    private mutating func plain(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x0D, 0x0A: return isPasted ? .newLine : .enter
        case 0x09: return .character("\t")
        case 0x20..<0x7F: return .character(Character(Unicode.Scalar(byte)))
        case 0xC2...0xF4:
            state = .character([byte], length: byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4)
            return nil
        case Self.escape:
            state = .escape
            return nil
        case _ where isPasted: return nil
        case 0x01: return .lineStart
        case 0x02: return .left
        case 0x03: return .interrupt
        case 0x04: return .end
        case 0x05: return .lineEnd
        case 0x06: return .right
        case 0x08, 0x7F: return .backspace
        case 0x0B: return .deleteToEnd
        case 0x0E: return .down
        case 0x10: return .up
        case 0x15: return .deleteToStart
        case 0x17: return .deleteWord
        default: return .unknown
        }
    }

    private mutating func sequence(_ parameters: [UInt8], _ final: UInt8) -> Key? {
        let text = String(decoding: parameters, as: UTF8.self)
        // Behind the semicolon are the keys that are held: 5 is Ctrl, 3 is Alt.
        let isWide = text.hasSuffix(";5") || text.hasSuffix(";3")
        switch final {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return isWide ? .wordRight : .right
        case UInt8(ascii: "D"): return isWide ? .wordLeft : .left
        case UInt8(ascii: "H"): return .lineStart
        case UInt8(ascii: "F"): return .lineEnd
        case UInt8(ascii: "~"):
            switch text {
            case "1", "7": return .lineStart
            case "4", "8": return .lineEnd
            case "3": return .delete
            case "200": isPasted = true
            case "201": isPasted = false
            default: return .unknown
            }
            return nil
        default: return .unknown
        }
    }
}
