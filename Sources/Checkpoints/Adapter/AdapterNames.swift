/// Finds the tensors of a base by the names that an adapter has for them.
///
/// An adapter's names are those of the class that was trained. The files of the base may have the name of its model
/// before them (`bert.encoder…` for `encoder…`), or lack it.
struct AdapterNames {
    private let base: [[UInt8]: Tensor]
    /// The start of names that only the base has, and the one that only the adapter has.
    private var (added, dropped): ([UInt8], [UInt8]) = ([], [])

    init(_ base: [[UInt8]: Tensor]) { self.base = base }

    /// The name in the base of a tensor that has to be there; nil if it is not.
    mutating func existing(_ name: [UInt8]) -> [UInt8]? {
        let usual = usual(name)
        if base[usual] != nil { return usual }
        if base[name] != nil { return name }
        let dot = UInt8(ascii: ".")
        var rest = name[...]
        while let end = rest.firstIndex(of: dot) {
            rest = rest[(end + 1)...]
            guard base[Array(rest)] != nil else { continue }
            dropped = Array(name[..<rest.startIndex])
            return Array(rest)
        }
        let longer = base.keys.filter { $0.count > name.count && $0.ends(with: [dot] + name) }
        guard longer.count == 1, let found = longer.first else { return nil }
        added = Array(found.dropLast(name.count))
        return found
    }

    /// The name in the base of a tensor that may be new, by what was found before.
    func usual(_ name: [UInt8]) -> [UInt8] {
        if base[name] != nil { return name }
        if !dropped.isEmpty, name.starts(with: dropped) { return Array(name.dropFirst(dropped.count)) }
        return added + name
    }
}

extension Collection<UInt8> {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
