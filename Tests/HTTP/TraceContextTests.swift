import HTTPTypes
import PenstockHTTP
import Testing

/// The headers of W3C Trace Context, and who is recorded by them.
@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00-\(trace)-00f067aa0ba902b7-01"

    private static func headers(_ parents: [String], _ states: [String] = []) -> HTTPFields {
        var headers = HTTPFields()
        for (name, values) in [("traceparent", parents), ("tracestate", states)] {
            for value in values {
                if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
            }
        }
        return headers
    }

    @Test func aContextIsRead() throws {
        let context = try #require(TraceContext(Self.headers([Self.parent], ["a=1,b=2", "c=3"])))
        #expect(context.trace.digits == Self.trace)
        #expect(context.span == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled)
        #expect(context.state == "a=1,b=2,c=3")
        #expect(TraceContext(parent: "00-\(Self.trace)-00f067aa0ba902b7-00")?.isSampled == false)
        // A later version may have more behind a dash.
        #expect(TraceContext(parent: "01-\(Self.trace)-00f067aa0ba902b7-01-more")?.isSampled == true)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-00f067aa0ba902b7", "00-\(trace)-00f067aa0ba902b7-1", "\(parent)-more", "\(parent) ",
        "ff-\(trace)-00f067aa0ba902b7-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-\(trace)-0000000000000000-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00_\(trace)_00f067aa0ba902b7_01", "01-\(trace)-00f067aa0ba902b7-01more",
        "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
    ])
    func whatIsNoneCountsAsNone(parent: String) {
        #expect(TraceContext(parent: parent) == nil)
    }

    @Test func severalParentsAreNoneAndStatesAreBounded() {
        #expect(TraceContext(Self.headers([Self.parent, Self.parent])) == nil)
        let long = String(repeating: "a", count: 513)
        #expect(TraceContext(Self.headers([Self.parent], [long]))?.state == nil)
    }

    @Test func samplersFollowTheCallerOrTheRatio() throws {
        let recorded = try #require(TraceContext(parent: Self.parent))
        let other = TraceContext(trace: recorded.trace, span: 1, isSampled: false)
        func records(_ name: String, _ argument: Double? = nil, _ caller: TraceContext?) -> Bool? {
            TraceSampler(name, argument: argument)?.records(recorded.trace, from: caller)
        }
        #expect(records("always_on", nil, other) == true)
        #expect(records("always_off", nil, recorded) == false)
        #expect(records("parentbased_always_on", nil, nil) == true)
        #expect(records("parentbased_always_on", nil, other) == false)
        #expect(records("parentbased_always_off", nil, recorded) == true)
        #expect(records("parentbased_always_off", nil, nil) == false)
        // The second half of the number is 0xa3ce…, which is 0.64 of all.
        #expect(records("traceidratio", 0.65, other) == true)
        #expect(records("traceidratio", 0.63, recorded) == false)
        #expect(records("parentbased_traceidratio", 0.63, recorded) == true)
        #expect(records("jaeger_remote", nil, nil) == nil)
    }
}
