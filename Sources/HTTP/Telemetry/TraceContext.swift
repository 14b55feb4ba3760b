import HTTPTypes

/// A place in a trace, as `traceparent` and `tracestate` carry it from program to program (W3C Trace Context, level 1).
package struct TraceContext: Sendable, Equatable {
    /// The number of a trace, which is not 0.
    package struct TraceID: Sendable, Equatable {
        let high: UInt64
        let low: UInt64

        /// 32 hexadecimal digits.
        package var digits: String { high.hexadecimal + low.hexadecimal }

        /// A number by chance.
        static func made() -> TraceID {
            TraceID(high: .random(in: .min ... .max), low: .random(in: 1 ... .max))
        }
    }

    package let trace: TraceID
    /// The span that the caller is in.
    package let span: UInt64
    /// True if the caller records its part of the trace.
    package let isSampled: Bool
    /// The notes of other systems about the trace; nil for none.
    package let state: String?

    /// Bytes of the longest `tracestate` that is handed on.
    private static let mostState = 512

    package init(trace: TraceID, span: UInt64, isSampled: Bool, state: String? = nil) {
        (self.trace, self.span, self.isSampled, self.state) = (trace, span, isSampled, state)
    }

    /// The context of a request; nil if it has none, or one that cannot be read, which counts as none.
    package init?(_ headers: HTTPFields) {
        let fields = headers[values: .traceParent]
        guard fields.count == 1, let context = TraceContext(parent: fields[0]) else { return nil }
        let state = headers[values: .traceState].joined(separator: ",")
        let isHarmless = state.utf8.count <= Self.mostState && state.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        self.init(
            trace: context.trace, span: context.span, isSampled: context.isSampled,
            state: state.isEmpty || !isHarmless ? nil : state)
    }

    /// `version-trace-span-flags`. A later version may have more behind that.
    package init?(parent: String) {
        let bytes = Array(parent.utf8)
        guard bytes.count >= 55, let version = UInt64(lowercase: bytes[0..<2]), version != 0xFF,
            version == 0 ? bytes.count == 55 : bytes.count == 55 || bytes[55] == UInt8(ascii: "-"),
            [2, 35, 52].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }),
            let high = UInt64(lowercase: bytes[3..<19]), let low = UInt64(lowercase: bytes[19..<35]),
            let span = UInt64(lowercase: bytes[36..<52]), let flags = UInt64(lowercase: bytes[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        self.init(trace: TraceID(high: high, low: low), span: span, isSampled: flags & 1 == 1)
    }
}

extension UInt64 {
    /// 16 digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Hexadecimal digits, of which letters are small; nil for anything else.
    fileprivate init?(lowercase digits: ArraySlice<UInt8>) {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        self = number
    }
}

extension HTTPField.Name {
    static let traceParent = known("traceparent")
    static let traceState = known("tracestate")
}
