/// The places of characters of strings, by how many may or have to come.
struct CharacterPlaces {
    /// Any number of them.
    var any: GrammarPlace?
    /// From none to as many as the index says.
    var upTo: [GrammarPlace] = []
    /// Those of which some have to come, by how many more may: from none needed on.
    var needed: [Int32: [GrammarPlace]] = [:]
}

extension GrammarBuilder {
    /// Characters that a bound of a string's length can count.
    static let mostCharacters = 100_000

    /// So many characters of a string of JSON, as a rule: raw, or escaped in whichever way.
    ///
    /// - Parameter most: nil for any number
    mutating func characters(atLeast least: Int, atMost most: Int?) throws(GrammarError) -> GrammarPlace {
        guard least <= most ?? .max else { return Self.never }
        guard let needed = Int32(exactly: least), least <= Self.mostCharacters, most ?? 0 <= Self.mostCharacters else {
            throw GrammarError("lengths above \(Self.mostCharacters) are not counted")
        }
        // The more that may come than have to, which stays the same until those that have to are there.
        let spare = most.map { Int32($0 - least) } ?? .max
        var places = characters.needed[spare] ?? []
        if places.isEmpty { places = [spare == .max ? try anyCharacters() : try characters(upTo: spare)] }
        while places.count <= least {
            let needed = Int32(places.count)
            let room = spare == .max ? .max : needed + spare
            places.append(try add(.character(needed: needed, room: room, next: places[places.count - 1])))
        }
        characters.needed[spare] = places
        return places[Int(needed)]
    }

    private mutating func anyCharacters() throws(GrammarError) -> GrammarPlace {
        if let place = characters.any { return place }
        let place = GrammarPlace(nodes.count)
        characters.any = place
        return try add(.character(needed: 0, room: .max, next: place))
    }

    private mutating func characters(upTo most: Int32) throws(GrammarError) -> GrammarPlace {
        if characters.upTo.isEmpty { characters.upTo = [Self.end] }
        while characters.upTo.count <= most {
            let room = Int32(characters.upTo.count)
            characters.upTo.append(
                try add(.character(needed: 0, room: room, next: characters.upTo[characters.upTo.count - 1])))
        }
        return characters.upTo[Int(most)]
    }

    /// The rules of the bytes behind the first one of a character of a string, by that first byte.
    mutating func characterContinuations() throws(GrammarError) -> [GrammarPlace] {
        var rules = [GrammarPlace](repeating: Self.never, count: 256)
        let continuation = ByteSet(0x80...0xBF)
        let last = try byte(continuation, then: Self.end)
        let lastTwo = try byte(continuation, then: last)
        let lastThree = try byte(continuation, then: lastTwo)
        for lead in 0xC2...0xDF { rules[lead] = last }
        for lead in 0xE1...0xEF { rules[lead] = lastTwo }
        for lead in 0xF1...0xF3 { rules[lead] = lastThree }
        // No spelling longer than it has to be, no surrogate, nothing above U+10FFFF.
        rules[0xE0] = try byte(ByteSet(0xA0...0xBF), then: last)
        rules[0xED] = try byte(ByteSet(0x80...0x9F), then: last)
        rules[0xF0] = try byte(ByteSet(0x90...0xBF), then: lastTwo)
        rules[0xF4] = try byte(ByteSet(0x80...0x8F), then: lastTwo)
        rules[Int(UInt8(ascii: "\\"))] = try escapes()
        return rules
    }

    /// The rule of an escape behind its backslash.
    private mutating func escapes() throws(GrammarError) -> GrammarPlace {
        let hex = ByteSet.hexadecimal
        let twoDigits = try byte(hex, then: byte(hex, then: Self.end))
        let low = try literal("\\u", then: byte(ByteSet("dD"), then: byte(ByteSet("cdefCDEF"), then: twoDigits)))
        let high = try byte(ByteSet("89abAB"), then: byte(hex, then: byte(hex, then: low)))
        let behindD = try either(byte(ByteSet("01234567"), then: twoDigits), high)
        let scalar = try either(
            byte(ByteSet("0123456789abcefABCEF"), then: byte(hex, then: twoDigits)),
            byte(ByteSet("dD"), then: behindD))
        return try either(byte(ByteSet("\"\\/bfnrt"), then: Self.end), byte(UInt8(ascii: "u"), then: scalar))
    }
}
