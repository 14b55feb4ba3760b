import PenstockHTTP
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Synchronization
import Testing

/// Comments in streams that have nothing to tell, by a clock that beats when the test says so.
@Suite struct KeepAliveTests {
    /// A clock of which nothing but the first beats come, at once.
    private final class Beats: Sendable {
        private struct State {
            var left: Int
            var set = 0
            var later: [@Sendable () -> Void] = []
        }

        private let state: Mutex<State>

        init(_ count: Int) { state = Mutex(State(left: count)) }

        /// How many beats were asked for.
        var count: Int { state.withLock(\.set) }

        /// Has all beats come that did not.
        func beat() {
            let bodies = state.withLock { exchange(&$0.later, with: []) }
            for body in bodies { body() }
        }

        func schedule(_ body: @escaping @Sendable () -> Void) {
            let isNow = state.withLock { state in
                state.set += 1
                guard state.left == 0 else {
                    state.left -= 1
                    return true
                }
                state.later.append(body)
                return false
            }
            if isNow { body() }
        }
    }

    private static func server(
        _ beats: Beats, every interval: Duration = .seconds(10), generation: String = #"{"eos_token_id": null}"#
    ) throws -> TestServer {
        let files = [try DecoderCheckpoint.chatSettings()]
        let checkpoint = try DecoderCheckpoint("llama", generation: generation, files: files)
        return try TestServer(change: { configuration in
            configuration.keepAliveInterval = interval
            configuration.scheduleBeat = { _, body in
                beats.schedule(body)
                return {}
            }
        }) { server in
            [
                try ModelSource(name: "llama", directory: checkpoint.path, serving: .patient())
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
    }

    private static let comment = ": keep-alive\n"

    private static let chat =
        #"{"messages":[{"role":"user","content":"t5"}],"max_tokens":2,"temperature":0,"stream":true}"#

    static let requests = [
        ("/v1/completions", #"{"prompt":"t5","max_tokens":2,"temperature":0,"stream":true}"#),
        ("/v1/chat/completions", chat), ("/v1/messages", chat),
        ("/v1/responses", #"{"input":"t5","max_output_tokens":2,"temperature":0,"stream":true}"#),
        ("/completion", #"{"prompt":"t5","n_predict":2,"temperature":0,"stream":true}"#),
        ("/generate_stream", #"{"inputs":"t5","parameters":{"max_new_tokens":2,"do_sample":false}}"#),
        ("/v2/models/llama/generate_stream", #"{"text_input":"t5","max_tokens":2,"temperature":0}"#),
        ("/", #"{"inputs":"t5","parameters":{"max_new_tokens":2,"do_sample":false},"stream":true}"#),
    ]

    /// A comment stands in front of the first event, without an empty line behind it, and the events are the same.
    @Test(arguments: requests) func aStreamThatWaitsSaysThatItLives(path: String, body: String) async throws {
        let reply = try await Self.server(Beats(1)).post(body, to: path)
        #expect(reply.status == 200 && reply.headers[.contentType] == "text/event-stream")
        #expect(reply.text.hasPrefix(Self.comment) && reply.text.hasSuffix("\n\n"))
        let events = reply.text.dropFirst(Self.comment.count)
        #expect(events.hasPrefix("data:") || events.hasPrefix("event: "))
        #expect(!events.contains("keep-alive"))
        let plain = try await Self.server(Beats(0)).post(body, to: path)
        #expect(!plain.text.contains("keep-alive"))
        #expect(plain.text.split(separator: "\n\n").count == reply.text.split(separator: "\n\n").count)
    }

    /// What goes wrong behind the comment is an event: here no token is left that may come next.
    @Test func errorsBehindTheCommentAreEvents() async throws {
        let prompt = DecoderCheckpoint.text(0..<67)
        let body = #"{"prompt":"\#(prompt)","max_tokens":2,"stream":true}"#
        let generation = #"{"eos_token_id": null, "no_repeat_ngram_size": 1}"#
        let early = try await Self.server(Beats(0), generation: generation).post(body, to: "/v1/completions")
        #expect(early.status >= 400)
        let late = try await Self.server(Beats(1), generation: generation).post(body, to: "/v1/completions")
        let start = Self.comment + "data: "
        #expect(late.status == 200 && late.text.hasPrefix(start))
        let event = try JSONValue(parsing: late.text.dropFirst(start.count).utf8)
        #expect(try event["error"]?["message"] == early.json["error"]?["message"])
    }

    /// Between two beats at which something came there is no comment, and behind the end there are no beats.
    @Test func beatsEndWithTheStream() async throws {
        let beats = Beats(0)
        let (path, body) = Self.requests[0]
        let server = try Self.server(beats)
        #expect(try await server.post(body, to: path).status == 200)
        #expect(beats.count == 1)
        beats.beat()
        #expect(beats.count == 1)
        let unread = #"{"inputs":"t5","parameters":{"max_new_tokens":2},"stream":true}"#
        let response = try await server.unread(unread, as: "application/json")
        #expect(beats.count == 2 && response.status == .ok)
        withExtendedLifetime(response) { beats.beat() }
        #expect(beats.count == 3)
    }

    /// Lines of JSON have no comments, and an interval of 0 is for none.
    @Test func othersHaveNone() async throws {
        let beats = Beats(1)
        let lines = try await Self.server(beats).post(
            #"{"messages":[{"role":"user","content":"t5"}],"options":{"num_predict":2}}"#, to: "/api/chat")
        #expect(lines.text.split(separator: "\n").allSatisfy { $0.hasPrefix("{") } && beats.count == 0)
        let (path, body) = Self.requests[0]
        let reply = try await Self.server(beats, every: .zero).post(body, to: path)
        #expect(reply.text.hasPrefix("data: ") && beats.count == 0)
    }
}
