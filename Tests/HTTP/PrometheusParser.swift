/// A strict reader of the text format of Prometheus, version 0.0.4: takes what the format allows and nothing else.
struct PrometheusParser {
    struct Sample: Equatable {
        let name: String
        var labels: [String: String] = [:]
        let value: Double
    }

    struct Failure: Error {
        let line: Int
        let reason: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var help: [String: String] = [:]
    private(set) var samples: [Sample] = []

    init(_ text: String) throws {
        guard !text.unicodeScalars.isEmpty else { return }
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0) }
        guard lines.last?.isEmpty == true else { throw Failure(line: lines.count, reason: "no line break at the end") }
        var family = ""
        for (number, line) in lines.dropLast().enumerated() {
            var scanner = Scanner(line: line, number: number + 1)
            if try scanner.take("# HELP ") {
                family = try scanner.name(colon: true)
                try scanner.expect(" ")
                let text = try scanner.unescaped(until: nil, allowing: ["\\": "\\", "n": "\n"])
                guard types[family] == nil, help.updateValue(text, forKey: family) == nil else {
                    throw scanner.failure("HELP of \(family) in the wrong place")
                }
            } else if try scanner.take("# TYPE ") {
                let name = try scanner.name(colon: true)
                try scanner.expect(" ")
                let type = scanner.rest
                guard ["counter", "gauge", "histogram"].contains(type) else { throw scanner.failure("type \(type)") }
                if help[name] != nil, name != family { throw scanner.failure("HELP and TYPE are apart") }
                guard types.updateValue(type, forKey: name) == nil else { throw scanner.failure("\(name) twice") }
                family = name
            } else {
                let sample = try scanner.sample()
                let suffixes = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard suffixes.contains(where: { sample.name == family + $0 }) else {
                    throw scanner.failure("\(sample.name) is not of \(family)")
                }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw scanner.failure("\(sample.name) twice")
                }
                samples.append(sample)
            }
        }
        try checkHistograms()
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// Buckets ascend, their counts do not fall, and the last is the count of all.
    private func checkHistograms() throws {
        for (name, type) in types where type == "histogram" {
            for count in samples where count.name == "\(name)_count" {
                let buckets = samples.filter { sample in
                    sample.name == "\(name)_bucket" && sample.labels.filter { $0.key != "le" } == count.labels
                }
                let bounds = buckets.compactMap { Scanner.number($0.labels["le"] ?? "") }
                let isSorted = zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
                let grows = zip(buckets, buckets.dropFirst()).allSatisfy { $0.value <= $1.value }
                guard bounds.count == buckets.count, isSorted, grows, bounds.last == .infinity,
                    buckets.last?.value == count.value, value("\(name)_sum", count.labels) != nil
                else { throw Failure(line: 0, reason: "the histogram \(name) is incomplete") }
            }
        }
    }
}

private struct Scanner {
    let line: [Unicode.Scalar]
    let number: Int
    private var next = 0

    init(line: [Unicode.Scalar], number: Int) {
        self.line = line
        self.number = number
    }

    func failure(_ reason: String) -> PrometheusParser.Failure { .init(line: number, reason: reason) }

    private var head: Unicode.Scalar? { next < line.count ? line[next] : nil }

    var rest: String { Self.text(line[next...]) }

    private static func text(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    mutating func take(_ text: String) throws -> Bool {
        guard line[next...].starts(with: text.unicodeScalars) else { return false }
        next += text.unicodeScalars.count
        return true
    }

    mutating func expect(_ text: String) throws {
        guard try take(text) else { throw failure("\(text) expected before \(rest)") }
    }

    mutating func name(colon: Bool) throws -> String {
        let start = next
        while let head {
            switch head {
            case "a"..."z", "A"..."Z", "_": next += 1
            case "0"..."9" where next > start: next += 1
            case ":" where colon: next += 1
            default:
                guard next > start else { throw failure("a name expected before \(rest)") }
                return Self.text(line[start..<next])
            }
        }
        guard next > start else { throw failure("a name expected") }
        return Self.text(line[start..<next])
    }

    mutating func unescaped(until end: Unicode.Scalar?, allowing: [Unicode.Scalar: Unicode.Scalar]) throws -> String {
        var scalars: [Unicode.Scalar] = []
        while let head, head != end {
            next += 1
            guard head == "\\" else {
                scalars.append(head)
                continue
            }
            guard let escape = self.head, let meaning = allowing[escape] else { throw failure("a bad escape") }
            scalars.append(meaning)
            next += 1
        }
        if end != nil, head == nil { throw failure("a text without an end") }
        return Self.text(scalars)
    }

    mutating func sample() throws -> PrometheusParser.Sample {
        let name = try name(colon: true)
        var labels: [String: String] = [:]
        if try take("{") {
            repeat {
                let label = try self.name(colon: false)
                guard !label.hasPrefix("__") else { throw failure("the label \(label) is reserved") }
                try expect("=\"")
                let value = try unescaped(until: "\"", allowing: ["\\": "\\", "n": "\n", "\"": "\""])
                try expect("\"")
                guard labels.updateValue(value, forKey: label) == nil else { throw failure("\(label) twice") }
            } while try take(",")
            try expect("}")
        }
        try expect(" ")
        guard let value = Self.number(rest) else { throw failure("\(rest) is not a number") }
        return .init(name: name, labels: labels, value: value)
    }

    /// A number as Go's `ParseFloat` takes it.
    static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: text.allSatisfy { "0123456789+-.e".contains($0) } ? Double(text) : nil
        }
    }
}
