import ArgumentParser

/// A number of bytes, perhaps with a unit: powers of 1,000 as `6GB`, or of 1,024 as `6GiB` and `6G`.
struct MemorySize: ExpressibleByArgument {
    let bytes: Int

    private static let units: KeyValuePairs = [
        "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40, "kb": 1000, "mb": 1_000_000,
        "gb": 1_000_000_000, "tb": 1_000_000_000_000, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "b": 1,
    ]

    init?(argument: String) {
        let text = argument.lowercased()
        let unit = Self.units.first { text.hasSuffix($0.key) }
        guard let number = Double(text.dropLast(unit?.key.utf8.count ?? 0)) else { return nil }
        let bytes = number * Double(unit?.value ?? 1)
        guard bytes >= 1, bytes <= 1e15 else { return nil }
        self.bytes = Int(bytes)
    }
}
