import HTTPTypes
import PenstockHTTP
import PenstockJSON
import PenstockServing
import PenstockTestSupport
import Testing

/// Texts that are generated over HTTP.
@Suite struct GenerationAPITests {
    private static func server(_ change: (inout ServingConfiguration) -> Void = { _ in }) throws -> TestServer {
        let checkpoint = try DecoderCheckpoint("llama", generation: #"{"eos_token_id": null}"#)
        var configuration = ServingConfiguration.patient()
        configuration.keyValueBytes = 1 << 20
        change(&configuration)
        return try TestServer { server in
            [
                try ModelSource(name: "llama", directory: checkpoint.path, serving: configuration)
                    .load(on: server.store.scheduler, metrics: server.registry)
            ]
        }
    }

    /// The events of a stream.
    private static func events(_ reply: TestServer.Reply) throws -> [JSONValue] {
        let lines = reply.text.split(separator: "\n\n")
        #expect(reply.text.hasSuffix("\n\n") && lines.allSatisfy { $0.hasPrefix("data:") })
        return try lines.map { try JSONValue(parsing: $0.dropFirst("data:".count).utf8) }
    }

    @Test func theTextFollowsThePrompt() async throws {
        let server = try Self.server()
        let reply = try await server.post(
            #"{"inputs": "t5 t6", "parameters": {"max_new_tokens": 4, "do_sample": false}}"#, to: "/")
        #expect(reply.status == 200)
        let text = try #require(try reply.json.array?.first?["generated_text"]?.string)
        #expect(text.hasPrefix("t5 t6"))
        let alone = try await server.post(
            #"{"inputs": "t5 t6", "stream": false, "max_new_tokens": 4, "do_sample": false, "return_full_text": false}"#,
            to: "/models/llama")
        #expect(try alone.json.array?.first?["generated_text"]?.string == String(text.dropFirst(5)))
        // Clients of Hugging Face get what was generated alone.
        let hosted = try await server.post(
            #"{"inputs": "t5 t6", "parameters": {"max_new_tokens": 4, "do_sample": false}}"#, to: "/",
            [.userAgent: "unknown/None; hf_hub/1.33.0; python/3.11"])
        #expect(hosted.bytes == alone.bytes)
    }

    @Test func aTextHasTheFormThatIsAskedFor() async throws {
        let server = try Self.server()
        for (texts, most) in [(["t3 t4 t60", "t3 t7"], 10), (["t9 t9 t9"], 2)] {
            let body = """
                {"inputs": "t5 t6", "parameters": {"max_new_tokens": \(most), "return_full_text": false, "details": true,
                "seed": 1, "grammar": {"type": "choice", "value": \(texts)}}}
                """
            let reply = try await server.post(body, to: "/")
            #expect(reply.status == 200)
            let answer = try #require(try reply.json.array?.first)
            let text = try #require(answer["generated_text"]?.string)
            // The model has no end token: the text ends where nothing can follow, or is cut.
            #expect(most < 3 ? text == "t9 t9" : texts.contains(text), "\(text)")
            #expect(answer["details"]?["finish_reason"]?.string == (most < 3 ? "length" : "eos_token"))
        }
    }

    @Test func aStreamHasAnEventForEachToken() async throws {
        let server = try Self.server()
        let body =
            #""inputs": "t5 t6", "parameters": {"max_new_tokens": 5, "do_sample": false, "seed": 3, "details": true}"#
        let whole = try #require(try await server.post("{\(body)}", to: "/").json.array?.first)
        let reply = try await server.post("{\(body), \"stream\": true}", to: "/")
        #expect(reply.status == 200)
        #expect(reply.headers[.contentType] == "text/event-stream")
        let events = try Self.events(reply)
        #expect(events.count == 5)
        for (index, event) in events.enumerated() {
            #expect(event.object?.entries.map(\.key) == ["index", "token", "generated_text", "details"])
            #expect(event["index"]?.integer == index + 1)
            let token = try #require(whole["details"]?["tokens"]?.array?[index])
            #expect(event["token"] == token)
            #expect(event["generated_text"]?.isNull == (index < 4))
            #expect(event["details"]?.isNull == (index < 4))
        }
        let last = try #require(events.last)
        #expect(last["generated_text"] == whole["generated_text"])
        #expect(last["details"]?["finish_reason"]?.string == "length")
        #expect(last["details"]?["generated_tokens"]?.integer == 5)
        #expect(last["details"]?["input_length"]?.integer == 2)
        #expect(last["details"]?["seed"]?.integer == 3)
        #expect(last["details"]?["server_timing"]?.string?.contains("queue;dur=") == true)
        let texts = events.compactMap { $0["token"]?["text"]?.string }.joined()
        #expect("t5 t6" + texts == whole["generated_text"]?.string)
    }

    /// Of texts that are drawn those are told whose tokens are the likeliest on average.
    @Test(arguments: ["/", "/generate"]) func theBestTextsAreTold(path: String) async throws {
        let server = try Self.server()
        func texts(_ more: String, at path: String = "/") async throws -> [JSONValue] {
            let parameters = #"{"max_new_tokens": 4, "do_sample": true, "seed": 7, "details": true, \#(more)}"#
            let reply = try await server.post(#"{"inputs": "t5 t6", "parameters": \#(parameters)}"#, to: path)
            let json = try reply.json
            return json.array?.first?.array ?? json.array ?? [json]
        }
        func mean(_ text: JSONValue) throws -> Double {
            let logprobs = try #require(text["details"]?["tokens"]?.array).compactMap { $0["logprob"]?.double }
            return logprobs.reduce(0, +) / Double(logprobs.count)
        }
        let means = try await texts(#""num_return_sequences": 6"#).map { try mean($0) }
        try #require(Set(means).count == 6)
        let best = try await texts(#""best_of": 6"#, at: path)
        #expect(try best.map { try mean($0) } == [means.max()])
        if path == "/" {
            let two = try await texts(#""best_of": 6, "num_return_sequences": 2"#)
            #expect(try two.map { try mean($0) } == Array(means.sorted(by: >).prefix(2)))
            let plain = try await server.post(
                #"{"inputs": "t5 t6", "max_new_tokens": 4, "do_sample": true, "seed": 7, "best_of": 6}"#, to: "/")
            #expect(try plain.json.array?.first?["generated_text"] == best[0]["generated_text"])
            #expect(try plain.json.array?.first?.object?.entries.map(\.key) == ["generated_text"])
        }
        let stream = try await server.post(
            #"{"inputs": "t5", "do_sample": true, "best_of": 2, "stream": true}"#, to: "/")
        #expect(stream.status == 422 && stream.text.contains("parameter best_of"))
    }

    @Test func aDeadlineInMidStreamIsTheLastEvent() async throws {
        let server = try Self.server { $0.streamTimeout = .zero }
        let reply = try await server.post(
            #"{"inputs": "t5", "parameters": {"max_new_tokens": 1000, "do_sample": false}, "stream": true}"#, to: "/")
        #expect(reply.status == 200)
        let events = try Self.events(reply)
        #expect(events.last?["details"]?["finish_reason"]?.string == "deadline")
        #expect(events.last?["token"]?["special"]?.bool != nil)
        #expect(events.count < 1000)
    }

    /// No machine makes a thousand tokens in the time; a slow one not the first of them.
    @Test(arguments: [true, false])
    func theHeaderBoundsTheWholeAnswer(isStreamed: Bool) async throws {
        let server = try Self.server { $0.keyValueBytes = 4 << 20 }
        let reply = try await server.post(
            #"{"inputs": "t5", "parameters": {"max_new_tokens": 1100, "do_sample": false}, "stream": \#(isStreamed)}"#,
            to: "/", [.requestTimeout: "0.02"])
        guard isStreamed, reply.status == 200 else {
            #expect(reply.status == 504)
            return #expect(try reply.errorCode == "deadline_exceeded")
        }
        #expect(try Self.events(reply).last?["details"]?["finish_reason"]?.string == "deadline")
    }

    /// What is wrong with a request is an error with a status, also if a stream was asked for.
    @Test(
        arguments: [
            (#"{"inputs": [{"role": "user", "content": "Hi"}]}"#, 422, "invalid_inputs"),
            (#"{"inputs": ["t5", "t6"], "stream": true}"#, 422, "invalid_inputs"),
            (#"{"inputs": "t5", "stream": "yes"}"#, 422, "invalid_request"),
            (
                #"{"inputs": "t5", "stream": true, "num_return_sequences": 2, "do_sample": true}"#, 422,
                "invalid_parameter"
            ),
            (#"{"inputs": "t5", "max_new_token": 3}"#, 422, "invalid_parameter"),
            (#"{"inputs": "t5", "watermark": true}"#, 422, "invalid_parameter"),
            (#"{"inputs": "", "stream": true}"#, 422, "invalid_inputs"),
        ])
    func refuses(body: String, status: Int, code: String) async throws {
        let reply = try await Self.server().post(body, to: "/")
        #expect(reply.status == status)
        #expect(try reply.errorCode == code)
    }

    @Test func theOnlyValueOfAParameterIsTold() async throws {
        let reply = try await Self.server().post(#"{"inputs": "t5", "watermark": true}"#, to: "/")
        #expect(try reply.json["error"]?["message"]?.string == "parameter watermark has to be false, not true")
    }

    @Test func aPromptThatIsTooLongIsToldTheNumbers() async throws {
        let prompt = DecoderCheckpoint.text(repeatElement(5, count: 1300))
        let reply = try await Self.server().post(#"{"inputs": "\#(prompt)", "stream": true}"#, to: "/")
        #expect(reply.status == 422)
        #expect(try reply.errorCode == "input_too_long")
        #expect(try reply.json["error"]?["message"]?.string?.contains("1300 tokens") == true)
    }

    /// All pages are free before anything was generated.
    @Test func freePagesAreToldFromTheStart() async throws {
        let server = try Self.server()
        let series = try await server.send(.get, "/metrics").text.split(separator: "\n").filter {
            $0.hasPrefix("penstock_kv_pages_free{")
        }
        #expect(series.count == 1)
        #expect(series.allSatisfy { !$0.hasSuffix(" 0") }, "\(series)")
    }

    @Test func metricsTellOfTokensAndPages() async throws {
        let server = try Self.server()
        _ = try await server.post(#"{"inputs": "t5 t6 t7", "max_new_tokens": 4, "do_sample": false}"#, to: "/")
        let text = try await server.send(.get, "/metrics").text
        for line in [
            #"penstock_prompt_tokens_total{model="llama"} 3"#, #"penstock_generated_tokens_total{model="llama"} 4"#,
            #"penstock_time_to_first_token_seconds_count{model="llama"} 1"#,
            #"penstock_token_gap_seconds_count{model="llama"} 3"#,
        ] {
            #expect(text.contains(line), "\(line)")
        }
        #expect(text.contains("penstock_kv_pages_free"))
    }

    @Test func metricsTellOfGuesses() async throws {
        let server = try Self.server { $0.lookup = 4 }
        let prompt = DecoderCheckpoint.text((0..<20).map { 5 + $0 % 4 })
        var (answers, page) = (0, "")
        func value(_ name: String) -> Int {
            let line = page.split(separator: "\n").first { $0.hasPrefix("\(name){") }
            return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        }
        // A small model repeats itself sooner or later. A busy machine may take guesses for dear until it has seen steps.
        repeat {
            _ = try await server.post(#"{"inputs": "\#(prompt)", "max_new_tokens": 400, "do_sample": false}"#, to: "/")
            answers += 1
            page = try await server.send(.get, "/metrics").text
        } while value("penstock_lookup_tokens_accepted_total") == 0
        let (guessed, right) = (value("penstock_lookup_tokens_total"), value("penstock_lookup_tokens_accepted_total"))
        #expect(right <= guessed)
        #expect(value("penstock_generated_tokens_total") == 400 * answers)
        // Those that were right came together with the one before.
        #expect(value("penstock_token_gap_seconds_count") == 399 * answers - right)
    }

    @Test func pagesThatAreOnlyKeptAreNotInUse() async throws {
        let server = try Self.server()
        let prompt = DecoderCheckpoint.text(repeatElement(5, count: 130))
        _ = try await server.post(#"{"inputs": "\#(prompt)", "max_new_tokens": 4, "do_sample": false}"#, to: "/")
        // The gauges follow behind the answer.
        while true {
            let text = try await server.send(.get, "/metrics").text
            if text.contains(#"penstock_kv_pages_used{model="llama"} 0"#),
                text.contains(#"penstock_kv_pages_cached{model="llama"} 2"#)
            {
                return
            }
            await Task.yield()
        }
    }
}
