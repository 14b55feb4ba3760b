import PenstockJSON
import PenstockPipelines
import PenstockTestSupport
import Testing

/// What `scripts/fixtures_sampling.py` recorded.
struct SamplingFixtures {
    let document: JSONValue

    init() throws { document = try Fixtures.json(Fixtures.path("sampling.json")) }

    /// The scores in a list, of which null is -infinity.
    static func scores(_ value: JSONValue?) throws -> [Float] {
        try #require(value?.array).map { $0.double.map { Float($0) } ?? -.infinity }
    }

    static func ids(_ value: JSONValue?) throws -> [Int32] {
        try #require(value?.array).map { Int32(try #require($0.integer)) }
    }

    /// The settings that parameters make, for a vocabulary.
    static func settings(_ value: JSONValue?, vocabularySize: Int) throws -> GenerationSettings {
        let options = try GenerationOptions.options.parse(try #require(value?.object))
        return try GenerationSettings(options, vocabularySize: vocabularySize)
    }
}

extension TokenChooser {
    /// Chooses by scores that are kept.
    mutating func choose(by scores: [Float]) throws -> ChosenToken {
        var scores = scores
        return try scores.withUnsafeMutableBufferPointer { try choose($0) }
    }
}
