/// The classes of a scalar that the well-known split patterns ask for, found together and from a table where text
/// mostly is.
struct ScalarClasses: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClasses(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClasses(rawValue: 2)
    /// `\s`
    static let space = ScalarClasses(rawValue: 4)
    /// `\p{M}`
    static let mark = ScalarClasses(rawValue: 8)
    /// `[\p{P}\p{S}]`
    static let punctuationOrSymbol = ScalarClasses(rawValue: 16)
    /// `[\r\n]`
    static let newline = ScalarClasses(rawValue: 32)
    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    static let notLowercase = ScalarClasses(rawValue: 64)
    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    static let notUppercase = ScalarClasses(rawValue: 128)

    /// One entry per scalar below ``GeneralCategory/tableEnd``.
    static let table: [ScalarClasses] = GeneralCategory.table.enumerated().map { value, category in
        Unicode.Scalar(UInt32(value)).map { computed($0, category: category) } ?? []
    }

    @inline(never)
    static func beyondTable(_ scalar: Unicode.Scalar) -> ScalarClasses {
        computed(scalar, category: GeneralCategory.number(of: scalar))
    }

    private static func computed(_ scalar: Unicode.Scalar, category: UInt8) -> ScalarClasses {
        let members: [(ScalarClasses, GeneralCategory.Mask)] = [
            (.letter, .letter), (.number, .number), (.mark, .mark),
            (.punctuationOrSymbol, [.punctuation, .symbol]),
            (.notLowercase, [.uppercaseLetter, .titlecaseLetter, .uncasedLetter, .mark]),
            (.notUppercase, [.lowercaseLetter, .uncasedLetter, .mark]),
        ]
        var classes: ScalarClasses = []
        for (member, mask) in members where mask.contains(number: category) { classes.insert(member) }
        if scalar.properties.isWhitespace { classes.insert(.space) }
        if scalar == "\r" || scalar == "\n" { classes.insert(.newline) }
        return classes
    }
}

/// A text whose scalars are asked for their classes.
struct ClassifiedText {
    let bytes: UnsafeBufferPointer<UInt8>
    private let table: UnsafeBufferPointer<ScalarClasses>

    /// Gives `body` the classified text.
    static func with<R>(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (ClassifiedText) -> R) -> R {
        ScalarClasses.table.withUnsafeBufferPointer { body(ClassifiedText(bytes: bytes, table: $0)) }
    }

    var count: Int { bytes.count }

    /// The classes of the scalar at `index`, which is not the end, and its length in bytes.
    @inline(__always)
    func classes(at index: Int) -> (classes: ScalarClasses, length: Int) {
        let byte = bytes[index]
        if byte < 0x80 { return (table[Int(byte)], 1) }
        let (scalar, length) = UTF8Reading.scalar(in: bytes, at: index)
        let value = Int(scalar.value)
        return (value < table.count ? table[value] : ScalarClasses.beyondTable(scalar), length)
    }

    /// The end of the run of scalars from `start` on that have one of `classes`.
    @inline(__always)
    func end(of classes: ScalarClasses, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let (found, length) = self.classes(at: index)
            if found.isDisjoint(with: classes) { break }
            index += length
        }
        return index
    }

    /// The end of the run of scalars from `start` on that have none of `classes`.
    @inline(__always)
    func end(without classes: ScalarClasses, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            let (found, length) = self.classes(at: index)
            if !found.isDisjoint(with: classes) { break }
            index += length
        }
        return index
    }

    /// Tells whether `byte` stands at `index`.
    @inline(__always)
    func has(_ byte: UInt8, at index: Int) -> Bool { index < bytes.count && bytes[index] == byte }

    /// The end of the match of `\s+(?!\S)|\s+` at `start`, where white space stands: all of it, but for the last scalar
    /// if something follows and there are several.
    @inline(__always)
    func endOfSpaces(from start: Int) -> Int {
        var index = start
        var last = start
        while index < bytes.count {
            let (found, length) = classes(at: index)
            if !found.contains(.space) { return last > start ? last : index }
            last = index
            index += length
        }
        return index
    }
}
