/// A table of the scalars that are the same but for letter case (CaseFolding.txt: C, S and F).
enum CaseFolding {
    /// The other scalars of the same letter.
    static func equivalents(of scalar: Unicode.Scalar) -> [Unicode.Scalar] { classes[scalar] ?? [] }

    /// The scalars that fold into several: ß into "ss". By what they fold into.
    static let expansions: [[Unicode.Scalar]: [Unicode.Scalar]] = {
        var expansions: [[Unicode.Scalar]: [Unicode.Scalar]] = [:]
        for scalar in casedScalars {
            if let expansion = expansion(of: scalar) { expansions[expansion, default: []].append(scalar) }
        }
        return expansions
    }()

    /// Returns the scalars that `scalar` folds into, if they are more than one.
    static func expansion(of scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        guard scalar.value >= 0x80 else { return nil }
        let properties = scalar.properties
        if properties.lowercaseMapping.unicodeScalars.count > 1 {
            return Array(properties.lowercaseMapping.unicodeScalars)
        }
        let upper = properties.uppercaseMapping.unicodeScalars
        if upper.count > 1 { return upper.flatMap { Array($0.properties.lowercaseMapping.unicodeScalars) } }
        return scalar.value == 0x1E9E ? ["s", "s"] : nil
    }

    private static var casedScalars: [Unicode.Scalar] {
        (0..<GeneralCategory.tableEnd).lazy.compactMap { Unicode.Scalar($0) }.filter { scalar in
            // The dotless i has an upper case, but no folding.
            scalar.value != 0x131 && scalar.properties.changesWhenCaseMapped
                && UpstreamUnicode.isKnownToRegularExpressions(scalar)
        }
    }

    /// The other scalars of the same letter, of each that has any.
    static let classes: [Unicode.Scalar: [Unicode.Scalar]] = {
        var members: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        func join(_ left: Unicode.Scalar, _ mapping: String) {
            guard let right = mapping.unicodeScalars.first, mapping.unicodeScalars.count == 1, left != right,
                UpstreamUnicode.isKnownToRegularExpressions(right)
            else { return }
            let all = Array(Set((members[left] ?? [left]) + (members[right] ?? [right]))).sorted()
            for member in all { members[member] = all }
        }
        for scalar in casedScalars {
            join(scalar, scalar.properties.lowercaseMapping)
            join(scalar, scalar.properties.uppercaseMapping)
            join(scalar, scalar.properties.titlecaseMapping)
        }
        return Dictionary(uniqueKeysWithValues: members.map { scalar, all in (scalar, all.filter { $0 != scalar }) })
    }()
}
