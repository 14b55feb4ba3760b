import PenstockCompute
import PenstockServing
import PenstockTestSupport
import Testing

/// Who has pages, and who has to give them.
@Suite struct PageTests {
    private typealias Holder = PageClaims.Holder

    @Test func whoWaitsForItsReaderGivesItsPagesFirst() {
        let holders = [Holder(age: 1, isPaused: true), Holder(age: 2), Holder(age: 3)]
        #expect(PageClaims.victim(for: 2, among: holders) == 0)
        #expect(PageClaims.victim(for: nil, among: holders) == 0)
    }

    @Test func theYoungestGivesItsPagesToOlderOnes() {
        let holders = [Holder(age: 2), Holder(age: 9), Holder(age: 5)]
        #expect(PageClaims.victim(for: 2, among: holders) == 1)
        #expect(PageClaims.victim(for: 5, among: holders) == 1)
        // It waits itself.
        #expect(PageClaims.victim(for: 9, among: holders) == nil)
        #expect(PageClaims.victim(for: nil, among: holders) == nil)
    }

    @Test func whoWasSetBackTwiceGivesItsPagesToTheOldestAlone() {
        let holders = [Holder(age: 1), Holder(age: 2), Holder(age: 3, setBacks: 2)]
        #expect(PageClaims.victim(for: 2, among: holders) == nil)
        #expect(PageClaims.victim(for: 1, among: [holders[0], holders[2]]) == 1)
    }
}
