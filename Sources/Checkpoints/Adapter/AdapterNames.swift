/// Finds the tensors of a base by the names that an adapter has for them.
///
/// An adapter's names are those of the class that was trained. The files of the base may have the name of its model
/// before them (`bert.encoder…` for `encoder…`), or lack it, and may have other names for layers.
struct AdapterNames {
    private let base: [[UInt8]: Tensor]
    private let modules: ModuleNames
    private let prefix: [UInt8]?
    /// The start of names that only the base has, and the one that only the adapter has.
    private var (added, dropped): ([UInt8], [UInt8]) = ([], [])

    init(_ base: [[UInt8]: Tensor], _ modules: ModuleNames) {
        (self.base, self.modules) = (base, modules)
        prefix = modules.prefix(of: base.keys)
    }

    /// The place in the base of a tensor that has to be there; nil if it is not.
    mutating func existing(_ name: [UInt8]) -> ModuleNames.Place? {
        let usual = usual(name)
        if base[usual.name] != nil { return usual }
        for place in modules.places(of: name, prefix: prefix) {
            if let found = search(place.name) { return ModuleNames.Place(name: found, part: place.part) }
        }
        return nil
    }

    /// The place in the base of a tensor that may be new, by what was found before.
    func usual(_ name: [UInt8]) -> ModuleNames.Place {
        let places = modules.places(of: name, prefix: prefix).map { place in
            ModuleNames.Place(name: usualName(place.name), part: place.part)
        }
        return places.first { base[$0.name] != nil } ?? places.first ?? ModuleNames.Place(name: name, part: .whole)
    }

    private func usualName(_ name: [UInt8]) -> [UInt8] {
        if base[name] != nil { return name }
        if !dropped.isEmpty, name.starts(with: dropped) { return Array(name.dropFirst(dropped.count)) }
        return added + name
    }

    /// Finds the name of a tensor that has another start in the base.
    private mutating func search(_ name: [UInt8]) -> [UInt8]? {
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
}

extension Collection<UInt8> {
    fileprivate func ends(with other: [UInt8]) -> Bool { suffix(other.count).elementsEqual(other) }
}
