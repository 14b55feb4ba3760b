/// A name and a value that distinguish a series from the others of its family.
struct PrometheusLabel: Hashable, Comparable, Sendable {
    /// `[a-zA-Z_][a-zA-Z0-9_]*`
    let name: String
    /// Any text, unescaped.
    let value: String

    static func < (lhs: Self, rhs: Self) -> Bool { (lhs.name, lhs.value) < (rhs.name, rhs.value) }

    /// The labels of these dimensions, sorted by name.
    ///
    /// - Dimensions without a value are left out: to Prometheus, an empty label is none.
    /// - Of a name that is given twice, the last value counts.
    /// - Names that the format keeps for itself, `own` and those that start with `__`, get the prefix `exported_`.
    static func labels(_ dimensions: [(String, String)], own: String?) -> [Self] {
        var labels: [Self] = []
        for (name, value) in dimensions {
            var name = PrometheusText.name(name, allowsColon: false)
            if name == own || name.hasPrefix("__") { name = "exported_\(name)" }
            labels.removeAll { $0.name == name }
            if !value.isEmpty { labels.append(Self(name: name, value: value)) }
        }
        labels.sort()
        return labels
    }
}

/// Writes the text format of Prometheus, version 0.0.4.
///
/// See <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format>.
struct PrometheusText {
    private(set) var text = ""

    /// Starts a family: what it is about, and its type.
    mutating func family(_ name: String, _ type: PrometheusType, help: String?) {
        if let help, !help.isEmpty {
            text += "# HELP \(name) "
            write(help, escapesQuotes: false)
            text += "\n"
        }
        text += "# TYPE \(name) \(type.rawValue)\n"
    }

    /// Writes one line.
    mutating func sample(_ name: String, _ labels: [PrometheusLabel], _ value: String) {
        text += name
        var separator = "{"
        for label in labels {
            text += "\(separator)\(label.name)=\""
            write(label.value, escapesQuotes: true)
            text += "\""
            separator = ","
        }
        text += labels.isEmpty ? " " : "} "
        text += "\(value)\n"
    }

    /// Writes the lines of a value: of a histogram one for each bucket, the sum and the count.
    mutating func write(_ name: String, _ labels: [PrometheusLabel], _ value: PrometheusValue) {
        switch value {
        case .number(let number): sample(name, labels, Self.number(number))
        case .histogram(let counts, let upperBounds, let sum):
            var total: UInt64 = 0
            for (count, bound) in zip(counts, upperBounds + [.infinity]) {
                total &+= count
                let bucket = labels + [PrometheusLabel(name: "le", value: Self.number(bound))]
                sample("\(name)_bucket", bucket, String(total))
            }
            sample("\(name)_sum", labels, Self.number(sum))
            sample("\(name)_count", labels, String(total))
        }
    }

    private mutating func write(_ raw: String, escapesQuotes: Bool) {
        for scalar in raw.unicodeScalars {
            switch scalar {
            case "\\": text += #"\\"#
            case "\n": text += #"\n"#
            case "\"" where escapesQuotes: text += #"\""#
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    /// The name with all that may not stand in one replaced by `_`, and a `_` before a digit at its start.
    static func name(_ raw: String, allowsColon: Bool = true) -> String {
        func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_": true
            case ":": allowsColon
            default: false
            }
        }
        guard let first = raw.unicodeScalars.first else { return "_" }
        let startsWithDigit = ("0"..."9").contains(first)
        if !startsWithDigit, raw.unicodeScalars.allSatisfy(isAllowed) { return raw }
        var name = startsWithDigit ? "_" : ""
        for scalar in raw.unicodeScalars { name.unicodeScalars.append(isAllowed(scalar) ? scalar : "_") }
        return name
    }

    /// The shortest text that is read back as the same number; whole numbers without a point.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = String(value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
