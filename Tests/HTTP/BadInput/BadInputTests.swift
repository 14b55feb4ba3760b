import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

/// Requests that a task cannot take are refused with a message that names the field at fault.
@Suite struct BadInputTests {
    @Test func everyTaskIsHere() {
        let tasks = Set(TaskRegistry.descriptions.compactMap(\.names.first))
        #expect(Set(BadInputSample.all.map(\.task)) == tasks, "BadInputSample.all needs a good request of each task")
        #expect(Set(BadInputTable.ofTasks.keys) == tasks, "BadInputTable.ofTasks needs the bad requests of each task")
    }

    /// A sample that is refused would prove nothing.
    @Test(arguments: BadInputSample.all) func samplesAreAnswered(sample: BadInputSample) async throws {
        let reply = try await sample.server().post(sample.body(inputs: sample.input), as: "application/json")
        #expect(reply.status == 200, "\(reply.text)")
    }

    @Test(arguments: BadInputSample.all) func tasksRefuseWhatTheyCannotTake(sample: BadInputSample) async throws {
        try await check(BadInputTable.ofTasks[sample.task] ?? [], sample)
    }

    @Test(arguments: BadInputSample.all) func requestsHaveAForm(sample: BadInputSample) async throws {
        try await check(BadInputTable.ofRequests(sample), sample)
    }

    @Test(arguments: BadInputSample.all) func optionsHaveKinds(sample: BadInputSample) async throws {
        let options = try #require(TaskRegistry.descriptions.first { $0.names[0] == sample.task }).options
        var cases: [BadInput] = []
        for (path, option) in BadInputTable.paths(options) {
            let wrong = option.kind.wrongValues
            #expect(!wrong.isEmpty, "the table of wrong values needs some that are no \(option.kind.name)")
            for value in wrong {
                let inner = path.reversed().reduce(value) { #"{"\#($1)": \#($0)}"# }
                let body = #"{"inputs": \#(sample.input), "parameters": \#(inner)}"#
                cases.append(BadInput(body, "parameter \(path.joined(separator: "."))"))
            }
        }
        try await check(cases, sample)
    }

    private func check(_ cases: [BadInput], _ sample: BadInputSample) async throws {
        let server = try sample.server()
        for bad in cases {
            let reply = try await server.post(bad.body, as: "application/json")
            let message = try reply.json["error"]?["message"]?.string ?? "no error"
            #expect(
                reply.status == bad.status && message.contains(bad.named),
                "\(bad.body.prefix(120)) is answered \(reply.status): \(message); needed: \(bad.status), \(bad.named)")
        }
    }
}

extension OptionDescription.Kind {
    /// Values of other kinds, and of this one below its bounds.
    fileprivate var wrongValues: [String] { (Self.wrong[name] ?? []) + (least.map { ["\($0 - 1)"] } ?? []) }

    /// By the names of kinds.
    private static let wrong = [
        "boolean": ["0", "1", #""true""#, "[]", "{}"],
        "integer": ["true", #""3""#, "1.5", "1e30", "99999999999999999999", "[]", "{}"],
        "number": ["true", #""3""#, "[]", "{}"],
        "integer or array of integers": ["true", #""a""#, "{}", "1.5", "[1.5]", "[[1]]"],
        "array of integers": ["true", "7", #""a""#, "{}", "[true]", "[1.5]", "[[1]]"],
        "array of arrays of integers": ["true", "7", "{}", "[]", "[1]", "[[]]", "[[1.5]]"],
        "array of [array of integers, number]": ["true", "7", "{}", "[]", "[[1, 2]]", "[[[1]]]", "[[[], 2]]"],
        "array of [integer, number]": ["true", "7", "{}", "[]", "[1]", "[1, 0]", "[-1, 2]", "[1.5, 2]"],
        "object with type and value": [
            "true", "7", #""a""#, "[]", "{}", #"{"type": "lark", "value": "a"}"#, #"{"type": "json"}"#,
        ],
        "object of numbers": ["true", "7", "[]", #"{"a": 1}"#, #"{"1": true}"#, #"{"1": 101}"#],
        "string": ["true", "7", "[]", "{}", #"["a"]"#],
        "string or array of strings": ["true", "7", "{}", "[7]", "[null]", #"["a", ["b"]]"#],
        "array of strings": [#""a""#, "7", "{}", "[7]", "[null]", #"["a", ["b"]]"#],
        "choice": [#""nonsense""#, #""""#, "7", "[]", "{}"],
        "object": ["true", "7", #""a""#, "[]", #"[{"max_length": 3}]"#],
        "array of objects": ["true", "7", #""a""#, "{}", "[7]", "[null]", #"["a"]"#, "[[]]"],
        "array of arrays of [start, end]": [
            "true", "7", #""a""#, "{}", "[]", "[[1]]", "[[[0]]]", "[[[2, 1]]]", "[[[-1, 1]]]", "[[[0.5, 1]]]",
        ],
        "array of two numbers or of two arrays of numbers": [
            "true", "7", #""a""#, "{}", "[]", "[1]", "[2, 1]", "[[], []]", "[[1], [1, 2]]", #"[0, "1"]"#, "[0, 1e39]",
        ],
    ]

    /// The least number that an option takes, as messages say it.
    private var least: Int? {
        ["integer", "number"].contains(name) ? expected.split(separator: " ").lazy.compactMap { Int($0) }.first : nil
    }
}
