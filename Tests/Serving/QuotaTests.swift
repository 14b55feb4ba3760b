import PenstockServing
import PenstockTestSupport
import Testing

@Suite struct QuotaTests {
    private typealias Bucket = TokenBucket
    private typealias OneQuota = Quota

    private static func limits(_ change: (inout QuotaLimits) -> Void) -> QuotaLimits {
        var limits = QuotaLimits()
        change(&limits)
        return limits
    }

    // MARK: Buckets

    @Test func aMinutesUnitsAreThereAtOnceAndComeBackOneByOne() {
        var bucket = Bucket(perMinute: 6)
        for _ in 0..<6 { #expect(bucket.take(1, at: .start) == nil) }
        #expect(bucket.take(1, at: .start) == .seconds(10))
        #expect(bucket.take(4, at: .start + .seconds(5)) == .seconds(35))
        #expect(bucket.take(1, at: .start + .seconds(10)) == nil)
        #expect(bucket.take(1, at: .start + .seconds(10)) == .seconds(10))
        #expect(bucket.take(6, at: .start + .seconds(1000)) == nil)
    }

    @Test(arguments: [1, 3, 7, 60, 1000, 999_983]) func whoComesBackAfterTheTimeThatItWasToldGetsIn(perMinute: Int) {
        var generator = SeededGenerator(seed: UInt64(perMinute))
        var bucket = Bucket(perMinute: perMinute)
        var now = ManualInstant.start
        for _ in 0..<500 {
            let amount = Int.random(in: 1...perMinute, using: &generator)
            guard let wait = bucket.take(amount, at: now) else { continue }
            #expect(wait > .zero && wait <= .seconds(60))
            #expect(bucket.wait(for: amount, at: now + (wait - .nanoseconds(1))) != nil)
            now = now + wait
            #expect(bucket.take(amount, at: now) == nil)
        }
    }

    @Test(arguments: 0..<4) func inNoMinuteMoreIsUsedThanTwoMinutesUnits(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bucket = Bucket(perMinute: 100)
        var taken: [(second: Int, amount: Int)] = []
        var now = ManualInstant.start
        for second in 0..<600 {
            let amount = Int.random(in: 1...100, using: &generator)
            if bucket.take(amount, at: now) == nil { taken.append((second, amount)) }
            now = now + .seconds(1)
        }
        for start in 0..<600 {
            let used = taken.filter { start..<start + 60 ~= $0.second }.reduce(0) { $0 + $1.amount }
            #expect(used <= 200)
        }
        #expect(taken.reduce(0) { $0 + $1.amount } <= 100 * 11)
    }

    @Test func unitsThatArePutBackAreThereAgain() {
        var bucket = Bucket(perMinute: 10)
        #expect(bucket.take(10, at: .start) == nil)
        bucket.putBack(4)
        #expect(bucket.take(5, at: .start) == .seconds(6))
        #expect(bucket.take(4, at: .start) == nil)
    }

    // MARK: Quotas

    @Test func withoutLimitsEverythingIsThere() throws {
        var quota = OneQuota(QuotaLimits())
        for _ in 0..<1000 {
            try quota.takeRequest(at: .start)
            try quota.take(1 << 40, at: .start)
        }
    }

    @Test func requestsAndTokensAreCountedApart() throws {
        var quota = OneQuota(
            Self.limits {
                $0.requestsPerMinute = 2; $0.tokensPerMinute = 600
            })
        try quota.takeRequest(at: .start)
        try quota.take(600, at: .start)
        #expect(throws: OneQuota.Refusal.tokens(retryAfter: .seconds(20))) { try quota.take(200, at: .start) }
        try quota.takeRequest(at: .start)
        #expect(throws: OneQuota.Refusal.requests(retryAfter: .seconds(30))) { try quota.takeRequest(at: .start) }
        try quota.take(200, at: .start + .seconds(20))
    }

    @Test func tokensInFlightAreGivenBackWithTheAnswer() throws {
        var quota = OneQuota(Self.limits { $0.tokensInFlight = 100 })
        try quota.take(60, at: .start)
        #expect(throws: OneQuota.Refusal.tokensInFlight) { try quota.take(41, at: .start) }
        try quota.take(40, at: .start)
        quota.finish(60)
        try quota.take(60, at: .start)
        #expect(quota.tokensInFlight == 100)
    }

    @Test func whatCanNeverBeIsSaidSo() throws {
        var quota = OneQuota(
            Self.limits {
                $0.tokensPerMinute = 100; $0.tokensInFlight = 50
            })
        #expect(throws: OneQuota.Refusal.never(limit: 50)) { try quota.take(101, at: .start) }
        #expect(throws: OneQuota.Refusal.never(limit: 50)) { try quota.take(.max, at: .start) }
        #expect(throws: OneQuota.Refusal.never(limit: 50)) { try quota.take(51, at: .start) }
        try quota.take(50, at: .start)
        #expect(quota.tokensInFlight == 50)
    }

    @Test func whatIsRefusedUsesNothing() throws {
        var quota = OneQuota(
            Self.limits {
                $0.tokensPerMinute = 100; $0.tokensInFlight = 90
            })
        try quota.take(80, at: .start)
        for _ in 0..<100 { #expect(throws: OneQuota.Refusal.self) { try quota.take(30, at: .start) } }
        quota.finish(80)
        try quota.take(20, at: .start)
    }

    @Test func otherLimitsGoOnWithTheShareThatIsUsed() throws {
        var quota = OneQuota(Self.limits { $0.tokensPerMinute = 100 })
        try quota.take(50, at: .start)
        quota.change(
            to: Self.limits {
                $0.tokensPerMinute = 1000; $0.requestsPerMinute = 1
            })
        #expect(throws: OneQuota.Refusal.tokens(retryAfter: .seconds(6))) { try quota.take(600, at: .start) }
        try quota.take(500, at: .start)
        try quota.takeRequest(at: .start)
        quota.change(to: QuotaLimits())
        try quota.take(1 << 30, at: .start)
        try quota.takeRequest(at: .start)
    }

    // MARK: Served models

    private static func caller(_ change: (inout QuotaLimits) -> Void) -> Caller {
        Caller(account: CallerAccount(limits(change)))
    }

    @Test func aRequestUsesItsTokensAndIsToldWhenThereAreMore() async throws {
        let model = try ServedModel(FakeModel())
        let caller = Self.caller { $0.tokensPerMinute = 3 }
        #expect(try await model.echo([1, 2, 3], of: caller) == [1, 2, 3])
        let error = await #expect(throws: ServingError.self) { try await model.echo([4], of: caller) }
        #expect(error?.code == .rateLimited)
        let wait = try #require(error?.retryAfter)
        #expect(wait > .zero && wait <= .seconds(20))
        let large = await #expect(throws: ServingError.self) { try await model.echo([1, 2, 3, 4], of: caller) }
        #expect(large?.code == .requestTooLarge && large?.retryAfter == nil)
    }

    @Test func tokensAreInFlightUntilTheAnswer() async throws {
        let model = try ServedModel(FakeModel())
        let caller = Self.caller { $0.tokensInFlight = 2 }
        for _ in 0..<5 { #expect(try await model.echo([1, 2], of: caller) == [1, 2]) }
        let endless = Task { try await model.echo([Int(FakeModel.endless)], of: caller) }
        while model.waitingItems == 0 && caller.tokensInFlight == 0 { await Task.yield() }
        let error = await #expect(throws: ServingError.self) { try await model.echo([1, 2], of: caller) }
        #expect(error?.code == .rateLimited)
        endless.cancel()
        _ = await endless.result
        #expect(caller.tokensInFlight == 0)
        #expect(try await model.echo([1, 2], of: caller) == [1, 2])
    }

    @Test func aModelIsOnlyForThoseWhoMayUseIt() async throws {
        let model = try ServedModel(FakeModel(), named: "secret")
        let error = await #expect(throws: ServingError.self) {
            try await model.echo([1], of: Caller(models: ["other"]))
        }
        #expect(error?.code == .modelForbidden && error?.message.contains("secret") == true)
        #expect(try await model.echo([1], of: Caller(models: ["secret"])) == [1])
    }
}
