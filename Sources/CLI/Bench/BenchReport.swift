import Foundation
import PenstockJSON

/// How the figures of a bench are told.
protocol BenchReport {
    func write(_ machine: EngineBench.Machine)
    func write(_ measurement: EngineBench.Measurement)
}

/// A line of JSON each.
struct BenchLines: BenchReport {
    func write(_ machine: EngineBench.Machine) {
        Self.line { writer in
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

    func write(_ measurement: EngineBench.Measurement) {
        Self.line { writer in
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

    private static func line(_ members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object(members)
        FileHandle.standardOutput.write(Data(writer.finish() + [UInt8(ascii: "\n")]))
    }
}

/// A table for people.
struct BenchTable: BenchReport {
    func write(_ machine: EngineBench.Machine) {
        let peaks = machine.peaks.map { "\($0.precision.rawValue) \(Int($0.operations / 1e9)) G" }.joined(
            separator: ", ")
        print("\(machine.instructions), \(machine.threads) threads")
        print("operations per second: \(peaks); read bandwidth: \(Int(machine.bandwidth / 1e9)) GB/s")
        print()
        print("case       dtype             ms   tokens/s   peak   bandwidth   stages")
    }

    func write(_ measurement: EngineBench.Measurement) {
        let stages = measurement.stages.filter { $0.seconds > 0 }.map {
            "\($0.stage.rawValue) \(Self.number($0.seconds * 1e3, 2))"
        }
        let columns = [
            measurement.name.padding(toLength: 10, withPad: " ", startingAt: 0),
            measurement.dtype.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0),
            Self.number(measurement.seconds * 1e3, 2, width: 10),
            Self.number(measurement.tokensPerSecond, 0, width: 10),
            Self.number(measurement.shareOfPeak * 100, 1, width: 5) + "%",
            Self.number(measurement.shareOfBandwidth * 100, 1, width: 10) + "%",
            "  " + stages.joined(separator: ", "),
        ]
        print(columns.joined(separator: " "))
    }

    private static func number(_ value: Double, _ places: Int, width: Int = 0) -> String {
        let digits = String(format: "%.\(places)f", value)
        return String(repeating: " ", count: max(0, width - digits.count)) + digits
    }
}
