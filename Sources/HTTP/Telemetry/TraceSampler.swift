/// A rule for which requests are recorded as spans: one of `OTEL_TRACES_SAMPLER`.
package struct TraceSampler: Sendable, Equatable {
    /// True if what the caller does with its part of a trace counts.
    let followsCaller: Bool
    /// The share of the traces that are recorded where that does not decide, from 0 to 1.
    let ratio: Double

    /// Everything, unless the caller records nothing of its own.
    package static let standard = TraceSampler(followsCaller: true, ratio: 1)

    /// - Parameters:
    ///   - name: as the variable has it
    ///   - argument: that of `OTEL_TRACES_SAMPLER_ARG`, from 0 to 1; 1 if it is nil
    package init?(_ name: String, argument: Double? = nil) {
        let prefix = "parentbased_"
        let rule = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        let ratio: Double
        switch rule {
        case "always_on": ratio = 1
        case "always_off": ratio = 0
        case "traceidratio": ratio = argument ?? 1
        default: return nil
        }
        self.init(followsCaller: name.hasPrefix(prefix), ratio: ratio)
    }

    private init(followsCaller: Bool, ratio: Double) { (self.followsCaller, self.ratio) = (followsCaller, ratio) }

    /// Tells whether a request is recorded.
    ///
    /// - Parameter caller: the context that it came with; nil for none
    package func records(_ trace: TraceContext.TraceID, from caller: TraceContext?) -> Bool {
        if followsCaller, let caller { return caller.isSampled }
        // By the random part of the number alone, so that all programs decide alike.
        return ratio >= 1 || Double(trace.low >> 1) < ratio * 0x1p63
    }
}
