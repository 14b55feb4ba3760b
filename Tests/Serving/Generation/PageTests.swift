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

    private static func pool(_ count: Int) throws -> PagePool {
        try PagePool(PageShape(layers: 1, heads: 1, headSize: 4, precision: .float32), count: count)
    }

    /// Pages of a text that has ended, which only the cache holds.
    private static func keep(_ tokens: [Int32], key: Int = 0, in cache: PrefixCache, _ pool: PagePool) throws -> [Int] {
        var pages: [Int] = []
        for _ in 0..<PageShape.pages(for: tokens.count) { pages.append(try #require(pool.take())) }
        cache.insert(pages, of: tokens, length: tokens.count, key: key)
        for page in pages { pool.release(page) }
        return pages
    }

    @Test func aPrefixIsFoundByAllOfItsTokens() throws {
        let pool = try Self.pool(16)
        let cache = PrefixCache(pool)
        let text = (0..<200).map { Int32($0) }
        let pages = try Self.keep(text, in: cache, pool)
        // The last page is not full.
        #expect(cache.count == 3 && pool.kept == 3 && pool.free == 13)
        #expect(cache.prefix(of: text, key: 0) == Array(pages[..<3]))
        #expect(cache.prefix(of: Array(text[..<150]) + [7, 8], key: 0) == Array(pages[..<2]))
        #expect(cache.prefix(of: [1] + text, key: 0).isEmpty)
        #expect(cache.prefix(of: text, key: 1).isEmpty)
        var other = text
        other[70] = -1
        #expect(cache.prefix(of: other, key: 0) == Array(pages[..<1]))
        // One token at least is computed.
        #expect(cache.prefix(of: Array(text[..<128]), key: 0) == Array(pages[..<1]))
    }

    @Test func whatWasUsedLongestAgoGoesFirst() throws {
        let pool = try Self.pool(16)
        let cache = PrefixCache(pool)
        let texts = (0..<3).map { text in (0..<129).map { Int32(1000 * text + $0) } }
        for text in texts { _ = try Self.keep(text, in: cache, pool) }
        #expect(cache.prefix(of: texts[0], key: 0).count == 2)
        #expect(cache.forgetOldest() && cache.forgetOldest())
        #expect(texts.map { cache.prefix(of: $0, key: 0).count } == [2, 0, 2])
        while cache.forgetOldest() {}
        #expect(cache.count == 0 && pool.free == pool.count)
    }

    /// Whatever texts come and go, none is forgotten before one that was used longer ago, and pages are counted right.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func pagesAreForgottenInTheOrderOfTheirUse(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pool = try Self.pool(64)
        let cache = PrefixCache(pool)
        // Texts that begin alike, by the blocks that they are made of.
        var lastUses: [[Int]: Int] = [:]
        for time in 0..<200 {
            let blocks = (0..<Int.random(in: 1...4, using: &random)).map { _ in Int.random(in: 0..<3, using: &random) }
            let tokens = blocks.flatMap { block -> [Int32] in (0..<64).map { Int32(100 * block + $0) } } + [7]
            let known = cache.prefix(of: tokens, key: 0)
            for length in 1...blocks.count {
                let start = Array(blocks[..<length])
                #expect((lastUses[start] != nil) == (length <= known.count))
                lastUses[start] = time
            }
            var pages = known
            for page in known { pool.retain(page) }
            while pages.count < blocks.count { pages.append(try #require(pool.take())) }
            cache.insert(pages, of: tokens, length: tokens.count, key: 0)
            #expect(pool.inUse == blocks.count)
            for page in pages { pool.release(page) }
            while cache.count > 20 {
                #expect(cache.forgetOldest())
                let oldest = lastUses.values.min()
                let forgotten = lastUses.filter { $0.value == oldest }.max { $0.key.count < $1.key.count }
                lastUses[try #require(forgotten).key] = nil
            }
            #expect(cache.count == lastUses.count && pool.kept == cache.count && pool.inUse == 0)
        }
    }

    @Test func pagesThatOthersHoldAreNotFreeable() throws {
        let pool = try Self.pool(8)
        let cache = PrefixCache(pool)
        let text = (0..<130).map { Int32($0) }
        let pages = try Self.keep(text, in: cache, pool)
        pool.retain(pages[0])
        #expect(pool.kept == 1)
        while cache.forgetOldest() {}
        #expect(pool.free == 7)
        pool.release(pages[0])
        #expect(pool.free == 8)
    }
}
