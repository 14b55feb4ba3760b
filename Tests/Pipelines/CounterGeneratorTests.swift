import PenstockPipelines
import Testing

@Suite struct CounterGeneratorTests {
    /// The known answers that come with Random123, for the counters and keys 0, all ones, and the digits of pi.
    @Test func wordsAreThoseOfPhilox() {
        let answers: [(seed: UInt64, counter: SIMD4<UInt32>, words: SIMD4<UInt32>)] = [
            (0, SIMD4(0, 0, 0, 0), SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)),
            (.max, SIMD4(repeating: .max), SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)),
            (
                0x299F_31D0_A409_3822, SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
                SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
            ),
        ]
        for answer in answers { #expect(CounterGenerator(seed: answer.seed).words(answer.counter) == answer.words) }
    }
}
