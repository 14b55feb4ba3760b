import PenstockCheckpoints
import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

@Suite struct GenerationSettingsTests {
    private static func options(_ json: String) throws -> GenerationOptions {
        try GenerationOptions.options.parse(try #require(try JSONValue(parsing: json.utf8).object))
    }

    private static func settings(_ request: String, _ file: String? = nil) throws -> GenerationSettings {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", "{}".utf8)
        if let file { try directory.write("generation_config.json", file.utf8) }
        return try GenerationSettings(
            options(request), over: GenerationConfig.options(of: Checkpoint(directory: directory.path)),
            vocabularySize: 100)
    }

    @Test func defaultsAreThoseOfThePipeline() throws {
        let settings = try Self.settings("{}")
        #expect(settings.doSample && settings.temperature == 0.7 && settings.topK == 50 && settings.maxNewTokens == 256)
        #expect(settings.numBeams == 1 && settings.earlyStopping == .heuristic && settings.eosTokenIds == [])
        // They yield to what anybody says; a temperature is none without sampling.
        #expect(try Self.settings(#"{"do_sample": false}"#).temperature == 1)
        let lengths = try Self.settings("{}", #"{"max_length": 50, "do_sample": false}"#)
        #expect(lengths.maxNewTokens == nil && lengths.maxLength == 50 && !lengths.doSample)
    }

    @Test func requestsStandAboveTheFile() throws {
        let file = #"""
            {"eos_token_id": [1, 2], "temperature": 0.6, "top_p": 0.9, "top_k": null, "repetition_penalty": 1.1,
             "stop_strings": "x", "pad_token_id": -1, "transformers_version": "4.40.0", "unheard_of": [1]}
            """#
        let settings = try Self.settings(#"{"temperature": 1.5, "stop": "y", "stop_sequence": ["z"], "seed": 7}"#, file)
        #expect(settings.eosTokenIds == [1, 2] && settings.padTokenId == -1)
        #expect(settings.temperature == 1.5 && settings.topP == 0.9 && settings.topK == 50)
        #expect(settings.repetitionPenalty == 1.1 && settings.stopStrings == ["z", "y"] && settings.seed == 7)
        #expect(try Self.settings(#"{"eos_token_id": [], "top_p": null}"#, file).eosTokenIds == [])
        #expect(try Self.settings("{}", file).stopStrings == ["x"])
    }

    @Test func everyKeyIsRead() throws {
        let settings = try Self.settings(
            #"""
            {"max_new_tokens": 3, "max_length": 9, "min_new_tokens": 2, "min_length": 4, "num_beams": 4,
             "num_return_sequences": 2, "early_stopping": "never", "length_penalty": -0.5, "do_sample": true,
             "top_h": 0.5, "top_k": 0, "top_p": 0.25, "min_p": 0.125, "typical_p": 0.75, "epsilon_cutoff": 0.5,
             "eta_cutoff": 0.0625,
             "repetition_penalty": 2, "encoder_repetition_penalty": 3, "presence_penalty": -2, "frequency_penalty": 1,
             "no_repeat_ngram_size": 5, "encoder_no_repeat_ngram_size": 6,
             "sequence_bias": [[[1, 2], 1.5], [[1, 2], 2]],
             "logit_bias": {"7": -100}, "bad_words_ids": [[3], [4, 5]], "suppress_tokens": [8],
             "begin_suppress_tokens": [9],
             "forced_bos_token_id": 10, "forced_eos_token_id": 11, "remove_invalid_values": true,
             "exponential_decay_length_penalty": [3, 1.5], "renormalize_logits": true, "bos_token_id": 12,
             "eos_token_id": 13, "pad_token_id": 14, "temperature": 0.5}
            """#)
        var expected = GenerationSettings()
        (expected.maxNewTokens, expected.maxLength, expected.minNewTokens, expected.minLength) = (3, 9, 2, 4)
        (expected.numBeams, expected.numReturnSequences, expected.earlyStopping) = (4, 2, .never)
        (expected.lengthPenalty, expected.doSample, expected.temperature) = (-0.5, true, 0.5)
        (expected.topH, expected.topK, expected.topP, expected.minP) = (0.5, 0, 0.25, 0.125)
        (expected.typicalP, expected.epsilonCutoff, expected.etaCutoff) = (0.75, 0.5, 0.0625)
        (expected.repetitionPenalty, expected.encoderRepetitionPenalty) = (2, 3)
        (expected.presencePenalty, expected.frequencyPenalty) = (-2, 1)
        (expected.noRepeatNgramSize, expected.encoderNoRepeatNgramSize) = (5, 6)
        expected.sequenceBias = [SequenceBias(tokens: [1, 2], bias: 2)]
        (expected.logitBias, expected.badWordsIds) = ([7: -100], [[3], [4, 5]])
        (expected.suppressTokens, expected.beginSuppressTokens) = ([8], [9])
        (expected.forcedBosTokenId, expected.forcedEosTokenId) = (10, [11])
        (expected.removeInvalidValues, expected.renormalizeLogits) = (true, true)
        expected.exponentialDecayLengthPenalty = ExponentialDecay(start: 3, factor: 1.5)
        (expected.bosTokenId, expected.eosTokenIds, expected.padTokenId) = (12, [13], 14)
        #expect(settings == expected)
    }

    @Test(arguments: [
        (#"{"temperature": -1}"#, "parameter temperature has to be a number of at least 0, not -1"),
        (#"{"top_p": 1.5}"#, "parameter top_p has to be a number from 0 to 1, not 1.5"),
        (#"{"typical_p": 0}"#, "parameter typical_p has to be a number above 0 and up to 1, not 0"),
        (#"{"repetition_penalty": 0}"#, "parameter repetition_penalty has to be a number above 0, not 0"),
        (#"{"max_new_tokens": -1}"#, "parameter max_new_tokens has to be an integer from 0 to 2147483647, not -1"),
        (#"{"prompt_logprobs": 101}"#, "parameter prompt_logprobs has to be an integer from 0 to 100, not 101"),
        (#"{"num_beams": 2, "prompt_logprobs": 1}"#, "parameter prompt_logprobs are not told of a beam search"),
        (
            #"{"num_beams": 2, "max_new_tokens": 0}"#,
            "parameter max_new_tokens is 0, which leaves nothing to search for; set num_beams to 1"
        ),
        (#"{"num_beams": 65}"#, "parameter num_beams has to be an integer from 1 to 64, not 65"),
        (
            #"{"eos_token_id": "x"}"#,
            "parameter eos_token_id has to be the id of a token, or a list of up to 100 ids, not \"x\""
        ),
        (#"{"early_stopping": 1}"#, "parameter early_stopping has to be true, false or \"never\", not 1"),
        (
            #"{"stop": ["a", ""]}"#,
            "parameter stop has to be a string or a list of up to 64 strings, each of 1 to 1024 bytes, not an array"
        ),
        (#"{"stop": [1]}"#, "parameter stop[0] has to be a string, not 1"),
        (
            #"{"logit_bias": {"x": 1}}"#,
            "parameter logit_bias has to be an object of up to 10000 numbers from -100 to 100 by ids of tokens, "
                + "not an object"
        ),
        (
            #"{"bad_words_ids": [[1], []]}"#,
            "parameter bad_words_ids has to be a list of lists of ids of tokens, none empty, of up to 10000 ids, "
                + "not an array"
        ),
        (
            #"{"temperature": 0}"#,
            "parameter temperature has to be above 0 where tokens are drawn; set do_sample to false"
        ),
        (
            #"{"num_return_sequences": 2, "do_sample": false}"#,
            "parameter num_return_sequences is 2, but without do_sample and num_beams all answers are the same"
        ),
        (#"{"num_return_sequences": 4, "num_beams": 3}"#, "parameter num_return_sequences is 4, but num_beams only 3"),
        (
            #"{"suppress_tokens": [1, 2], "forced_eos_token_id": [2]}"#,
            "parameter forced_eos_token_id forces tokens that suppress_tokens forbids"
        ),
        (
            #"{"sequence_bias": [[[1, 100], 1.0]]}"#,
            "parameter sequence_bias names the token 100, but the model has 100"
        ),
        (#"{"num_beams": 2, "logprobs": 1}"#, "parameter logprobs are not told of a beam search"),
        (#"{"penalty_alpha": 0.6}"#, nil),
    ])
    func faultsAreNamed(request: String, message: String?) throws {
        let error = #expect(throws: PipelineError.self) { try Self.settings(request) }
        #expect(error?.code == .invalidParameter)
        if let message { #expect(error?.message == message) }
    }

    @Test(arguments: [
        #"{"guidance_scale": 1.5}"#, #"{"watermarking_config": {"greenlist_ratio": 0.25}}"#, #"{"constraints": []}"#,
        #"{"force_words_ids": [[1]]}"#, #"{"penalty_alpha": 0.6}"#, #"{"dola_layers": "high"}"#,
        #"{"num_beam_groups": 2}"#, #"{"token_healing": true}"#, #"{"is_assistant": true}"#,
        #"{"assistant_ensemble_weight": 0.5}"#, #"{"max_time": 3}"#, #"{"cache_implementation": "quantized"}"#,
        #"{"streamer": null}"#, #"{"temperature": "hot"}"#, #"{"top_k": -1}"#,
    ])
    func settingsThatAreNotSupportedAreRefused(file: String) throws {
        let error = #expect(throws: CheckpointError.self) { try Self.settings("{}", file) }
        let key = try #require(try JSONValue(parsing: file.utf8).object?.entries.first?.key)
        #expect(error?.code == .invalidConfiguration && error?.message.contains(key) == true)
        #expect(error?.file.hasSuffix("generation_config.json") == true)
    }

    @Test func settingsThatChangeNothingAreTaken() throws {
        let file = #"""
            {"guidance_scale": 1, "penalty_alpha": 0.0, "num_beam_groups": 1, "token_healing": false,
             "use_cache": false, "cache_implementation": "hybrid", "output_scores": true, "prompt_lookup_num_tokens": 3,
             "constraints": null, "temperature": 0.0, "do_sample": false}
            """#
        #expect(try !Self.settings("{}", file).doSample)
    }

    @Test func withoutTheFileTheConfigurationCounts() throws {
        let directory = try TemporaryDirectory()
        try directory.write("config.json", #"{"model_type": "gpt2", "eos_token_id": 5, "num_beams": 2}"#.utf8)
        let options = try GenerationConfig.options(of: Checkpoint(directory: directory.path))
        #expect(options.eosTokenId == [5] && options.numBeams == 2)
        try directory.write("generation_config.json", "{}".utf8)
        #expect(try GenerationConfig.options(of: Checkpoint(directory: directory.path)) == GenerationOptions())
    }

    @Test func boundsHoldForProgramsToo() throws {
        for edit: (inout GenerationOptions) -> Void in [
            { $0.temperature = .nan }, { $0.numBeams = 0 }, { $0.maxNewTokens = .max }, { $0.noRepeatNgramSize = -1 },
            { $0.logprobs = 1 << 40 }, { $0.promptLogprobs = -1 }, { $0.topP = -0.1 },
        ] {
            var options = GenerationOptions()
            edit(&options)
            #expect(throws: PipelineError.self) { try GenerationSettings(options, vocabularySize: 10) }
        }
    }

    @Test func lengths() throws {
        var settings = GenerationSettings()
        settings.maxNewTokens = 7
        #expect(settings.longest(promptLength: 5, limit: 100) == 12 && settings.longest(promptLength: 5, limit: 9) == 9)
        #expect(settings.leastRoom == 1)
        settings.maxNewTokens = 0
        #expect(settings.longest(promptLength: 5, limit: 5) == 5 && settings.leastRoom == 0)
        settings.maxNewTokens = .max
        #expect(settings.longest(promptLength: 5, limit: .max) == .max)
        settings.maxNewTokens = nil
        settings.maxLength = 8
        #expect(settings.longest(promptLength: 5, limit: 100) == 8)
        settings.minLength = 6
        #expect(settings.leastNewTokens(promptLength: 5) == 1 && settings.leastNewTokens(promptLength: 50) == 0)
        settings.minNewTokens = 3
        #expect(settings.leastNewTokens(promptLength: 50) == 3)
    }
}
