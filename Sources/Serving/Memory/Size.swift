/// Numbers of bytes as they are written for people: with at most one decimal, `60 MiB`, `59.5 MiB`.
enum Size {
    static func mebibytes(
        _ bytes: Int, _ rounding: FloatingPointRoundingRule = .toNearestOrAwayFromZero
    ) -> String {
        "\(number(bytes, unit: 1_048_576, rounding)) MiB"
    }

    /// In KiB, or in bytes below one.
    static func kibibytes(_ bytes: Int) -> String {
        bytes < 1024 && bytes > 0 ? "\(bytes) bytes" : "\(number(bytes, unit: 1024, .toNearestOrAwayFromZero)) KiB"
    }

    private static func number(_ bytes: Int, unit: Double, _ rounding: FloatingPointRoundingRule) -> String {
        let value = (Double(bytes) / unit * 10).rounded(rounding) / 10
        let text = String(value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
