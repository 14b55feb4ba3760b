import PenstockJSON

extension PickleMachine {
    /// Runs the pickle to its end. Returns the number of the dictionary that it is.
    mutating func run() throws(CheckpointError) -> Int {
        guard try cursor.integer(UInt8.self) == 0x80 else { throw malformed("it does not begin as a pickle") }
        let version = try cursor.integer(UInt8.self)
        guard version == 2 else {
            throw cursor.malformed("is a pickle of protocol \(version), but `torch.save` writes protocol 2")
        }
        while true {
            let opcode = try cursor.integer(UInt8.self)
            if opcode == UInt8(ascii: ".") { break }
            if try !runData(opcode), try !runStructure(opcode) {
                throw malformed("the opcode \(opcode) has no place in a pickle of tensors")
            }
        }
        guard case .dictionary(let number) = try pop() else {
            throw cursor.malformed("holds no dictionary of tensors; save the `state_dict()` of the model")
        }
        return number
    }

    /// Opcodes that put a value on the stack. Returns false for others.
    private mutating func runData(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "N"): try push(.none)
        case 0x88, 0x89: try push(.boolean)
        case UInt8(ascii: "J"): try push(.integer(Int(try cursor.integer(Int32.self))))
        case UInt8(ascii: "K"): try push(.integer(Int(try cursor.integer(UInt8.self))))
        case UInt8(ascii: "M"): try push(.integer(Int(try cursor.integer(UInt16.self))))
        case 0x8A: try push(.integer(try longInteger()))
        case UInt8(ascii: "G"):
            _ = try cursor.take(8)
            try push(.other)
        case UInt8(ascii: "X"): try push(.text(textSlice(Int(try cursor.integer(UInt32.self)))))
        case UInt8(ascii: "U"): try push(.text(textSlice(Int(try cursor.integer(UInt8.self)))))
        case UInt8(ascii: ")"): try push(tuple([]))
        case UInt8(ascii: "]"), 0x8F: try push(.other)
        case UInt8(ascii: "}"): try push(newDictionary())
        case UInt8(ascii: "c"): try push(.global(try global()))
        case UInt8(ascii: "h"): try push(memorized(Int(try cursor.integer(UInt8.self))))
        case UInt8(ascii: "j"): try push(memorized(Int(try cursor.integer(UInt32.self))))
        default: return false
        }
        return true
    }

    /// Opcodes that make something of what is on the stack. Returns false for others.
    private mutating func runStructure(_ opcode: UInt8) throws(CheckpointError) -> Bool {
        switch opcode {
        case UInt8(ascii: "("): try mark()
        case UInt8(ascii: "q"): try memorize(Int(try cursor.integer(UInt8.self)))
        case UInt8(ascii: "r"): try memorize(Int(try cursor.integer(UInt32.self)))
        case UInt8(ascii: "t"): try push(tuple(popToMark()))
        case 0x85...0x87: try push(tuple(pop(Int(opcode - 0x84))))
        case UInt8(ascii: "a"):
            _ = try pop()
            try requireList()
        case UInt8(ascii: "e"):
            _ = try popToMark()
            try requireList()
        case UInt8(ascii: "s"): try setItems(pop(2))
        case UInt8(ascii: "u"): try setItems(popToMark())
        case UInt8(ascii: "Q"): try push(.storage(storageName(try pop())))
        case UInt8(ascii: "R"):
            let arguments = try pop()
            try push(call(try pop(), arguments))
        case UInt8(ascii: "b"):
            _ = try pop()
            guard case .dictionary = try top() else { throw malformed("a state for what is no dictionary") }
        default: return false
        }
        return true
    }

    /// Lists have no part in tensors: what they are to hold has been let go.
    private func requireList() throws(CheckpointError) {
        guard case .other = try top() else { throw malformed("elements of what is no list") }
    }

    /// An integer of as many bytes as the first one says.
    private mutating func longInteger() throws(CheckpointError) -> Int {
        let bytes = cursor.bytes[try cursor.take(Int(try cursor.integer(UInt8.self)))]
        guard bytes.count <= 8 else { throw malformed("an integer of \(bytes.count) bytes") }
        var value: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : .max
        for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
        return Int(truncatingIfNeeded: value)
    }

    private mutating func global() throws(CheckpointError) -> PickleGlobal {
        let (module, name) = (cursor.bytes[try cursor.line()], cursor.bytes[try cursor.line()])
        let words = [module, name].map { String(decoding: $0.prefix(100), as: UTF8.self) }
        guard let global = PickleGlobal.named(words[0], words[1]) else {
            throw cursor.malformed(
                "would run code: \(JSONValue.string(words.joined(separator: ".")).excerpt) is none of the names that "
                    + "tensors need; load it where you trust it, and save its tensors as safetensors")
        }
        return global
    }
}
