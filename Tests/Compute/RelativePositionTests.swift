import PenstockCompute
import Testing

@Suite struct RelativePositionTests {
    /// The distances at which a bucket begins, as upstream's formula has them in both of its precisions.
    @Test func bucketsOfBothSides() {
        let buckets = RelativeBuckets(count: 32, maxDistance: 128, isBidirectional: true)
        for distance in 0..<8 { #expect(buckets.bucket(of: -distance) == distance) }
        for (index, start) in [8, 12, 16, 23, 32, 46, 64, 91].enumerated() {
            #expect(buckets.bucket(of: -start) == 8 + index && buckets.bucket(of: 1 - start) == 7 + index)
            #expect(buckets.bucket(of: start) == 24 + index && buckets.bucket(of: start - 1) == 23 + index)
        }
        #expect(buckets.bucket(of: -100_000) == 15 && buckets.bucket(of: 100_000) == 31)
    }

    @Test func bucketsOfThePast() {
        let buckets = RelativeBuckets(count: 32, maxDistance: 128, isBidirectional: false)
        for distance in 0..<16 { #expect(buckets.bucket(of: -distance) == distance) }
        for (index, start) in [16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113].enumerated() {
            #expect(buckets.bucket(of: -start) == 16 + index && buckets.bucket(of: 1 - start) == 15 + index)
        }
        #expect(buckets.bucket(of: 5) == 0)
    }

    /// Where `make_log_bucket_position` of `transformers` begins a bucket.
    @Test func bucketsOfEitherSign() {
        let buckets = SignedBuckets(count: 8, maxDistance: 40)
        let starts = [5: 5, 9: 6, 19: 7, 40: 8]
        for distance in 0...4 { #expect(buckets.bucket(of: distance) == distance) }
        for (start, bucket) in starts {
            #expect(buckets.bucket(of: start) == bucket && buckets.bucket(of: start - 1) == bucket - 1)
            #expect(buckets.bucket(of: -start) == -bucket)
        }
        let large = SignedBuckets(count: 256, maxDistance: 512)
        #expect(large.bucket(of: 128) == 128 && large.bucket(of: 511) == 255 && large.bucket(of: -512) == -256)
        #expect(SignedBuckets.none.bucket(of: 1000) == 1000 && SignedBuckets.none.bucket(of: -7) == -7)
    }

    @Test func slopes() {
        #expect(ALiBi.slopes(heads: 1) == [0x1p-8])
        #expect(ALiBi.slopes(heads: 8) == (1...8).map { Float(sign: .plus, exponent: -$0, significand: 1) })
        #expect(ALiBi.slopes(heads: 12).suffix(4) == [0.70710678, 0.35355339, 0.17677669, 0.088388347])
    }
}
