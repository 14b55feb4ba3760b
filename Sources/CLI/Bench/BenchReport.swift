import Glibc
import PenstockJSON

/// A report, which tells the figures of a bench.
protocol BenchReport {
    func write(_ machine: BenchMachine.Limits) throws(CommandFailure)
    func write(_ measurement: BenchMeasurement) throws(CommandFailure)
}

/// A line of JSON each.
struct BenchLines: BenchReport {
    func write(_ machine: BenchMachine.Limits) throws(CommandFailure) {
        try Self.line { writer in
            writer.key("machine")
            writer.object { writer in
                writer.key("instructions")
                writer.value(machine.instructions)
                writer.key("threads")
                writer.value(machine.threads)
                for peak in machine.peaks {
                    writer.key("\(peak.precision.rawValue)_operations_per_second")
                    writer.value(peak.operations.rounded())
                }
                writer.key("read_bytes_per_second")
                writer.value(machine.bandwidth.rounded())
            }
        }
    }

    func write(_ measurement: BenchMeasurement) throws(CommandFailure) {
        try Self.line { writer in
            writer.key("case")
            writer.value(measurement.name)
            writer.key("dtype")
            writer.value(measurement.dtype.rawValue)
            for (key, value, places) in [
                ("milliseconds", measurement.seconds * 1e3, 6), ("tokens_per_second", measurement.tokensPerSecond, 1),
                ("share_of_peak", measurement.shareOfPeak, 4), ("share_of_bandwidth", measurement.shareOfBandwidth, 4),
            ] {
                let unit = pow(10, Double(places))
                writer.key(key)
                writer.value((value * unit).rounded() / unit)
            }
        }
    }

    private static func line(_ members: (inout JSONWriter) -> Void) throws(CommandFailure) {
        var writer = JSONWriter()
        writer.object(members)
        try StandardOutput.write(writer.finish() + [UInt8(ascii: "\n")])
    }
}

/// A table for people.
struct BenchTable: BenchReport {
    func write(_ machine: BenchMachine.Limits) throws(CommandFailure) {
        let peaks = machine.peaks.map { "\($0.precision.rawValue) \(Int($0.operations / 1e9)) G" }.joined(
            separator: ", ")
        try StandardOutput.write(
            line: """
                \(machine.instructions), \(machine.threads) threads
                operations per second: \(peaks); read bandwidth: \(Int(machine.bandwidth / 1e9)) GB/s

                case       dtype             ms   tokens/s   peak   bandwidth   stages
                """)
    }

    func write(_ measurement: BenchMeasurement) throws(CommandFailure) {
        let stages = measurement.stages.filter { $0.seconds > 0 }.map {
            "\($0.stage.rawValue) \(Self.number($0.seconds * 1e3, 2))"
        }
        let columns = [
            Self.padded(measurement.name, 10),
            Self.padded(measurement.dtype.rawValue, 9),
            Self.number(measurement.seconds * 1e3, 2, width: 10),
            Self.number(measurement.tokensPerSecond, 0, width: 10),
            Self.number(measurement.shareOfPeak * 100, 1, width: 5) + "%",
            Self.number(measurement.shareOfBandwidth * 100, 1, width: 10) + "%",
            "  " + stages.joined(separator: ", "),
        ]
        try StandardOutput.write(line: columns.joined(separator: " "))
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func number(_ value: Double, _ places: Int, width: Int = 0) -> String {
        let digits = decimal(value, places)
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }

    /// A number that is not negative, with so many decimal places.
    private static func decimal(_ value: Double, _ places: Int) -> String {
        guard let units = Int(exactly: (value * pow(10, Double(places))).rounded()) else { return "\(value)" }
        let digits = String(units)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return places == 0 ? padded : "\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}
