/// The scripts that scalars belong to.
package enum Script {
    /// The number of a script in ``ScriptTable``; 255 for none.
    package typealias Number = UInt8

    static let none: Number = 255

    /// The number of the script of this name, whatever its letter case and without regard to what separates words.
    static func number(ofNormalizedName name: String) -> Number? {
        ScriptTable.names.firstIndex { UnicodeProperty.normalize($0) == name }.map { Number($0) }
    }

    /// The scalars of the basic plane that ``number(of:)`` says are of the script.
    static func basicPlane(of number: Number) -> BasicPlaneSet {
        var others = GeneralCategory.basicPlanes[Int(GeneralCategory.unassigned)]
        others.formUnion(GeneralCategory.basicPlanes[Int(GeneralCategory.privateUse)])
        guard number != none else { return others }
        var set = BasicPlaneSet()
        let starts = ScriptTable.starts
        for (index, start) in starts.enumerated() where Number(truncatingIfNeeded: start) == number {
            let end = index + 1 < starts.count ? starts[index + 1] >> 8 : 0x110000
            if start >> 8 < end { set.insert(start >> 8...end - 1) }
        }
        others.invert()
        set.formIntersection(others)
        return set
    }

    /// The script of `scalar`.
    static func number(of scalar: Unicode.Scalar) -> Number {
        switch GeneralCategory.number(of: scalar) {
        case GeneralCategory.unassigned, GeneralCategory.privateUse: return none
        default: break
        }
        let starts = ScriptTable.starts
        var (low, high) = (0, starts.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] >> 8 <= scalar.value { low = middle } else { high = middle }
        }
        return Number(truncatingIfNeeded: starts[low])
    }
}
