import PenstockCompute
import PenstockServing
import PenstockTestSupport
import Testing

/// Pages of texts that were computed before.
@Suite struct PrefixCacheTests {
    private static func pool(_ count: Int) throws -> PagePool {
        try PagePool(PageShape(layers: 1, heads: 1, headSize: 4, precision: .float32), count: count)
    }

    /// Pages of a text that has ended, which only the cache holds.
    private static func keep(_ tokens: [Int32], key: PrefixKey = PrefixKey(), in cache: PrefixCache, _ pool: PagePool)
        throws -> [Int]
    {
        var pages: [Int] = []
        for _ in 0..<PageShape.pages(for: tokens.count) { pages.append(try #require(pool.take())) }
        cache.insert(pages, of: tokens[...], key: key)
        for page in pages { pool.release(page) }
        return pages
    }

    @Test func aPrefixIsFoundByAllOfItsTokens() throws {
        let pool = try Self.pool(16)
        let cache = PrefixCache(pool)
        let text = (0..<199).map { Int32($0) }
        let pages = try Self.keep(text, in: cache, pool)
        // Of the last page there are too few.
        #expect(cache.count == 3 && pool.kept == 3 && pool.free == 13)
        func found(_ tokens: [Int32], _ key: PrefixKey = PrefixKey()) -> CachedPrefix {
            cache.prefix(of: tokens, key: key)
        }
        #expect(found(text) == CachedPrefix(pages: Array(pages[..<3]), length: 192))
        #expect(found(Array(text[..<150]) + [7, 8]) == CachedPrefix(pages: Array(pages[..<3]), length: 150))
        #expect(found(Array(text[..<130]) + [7, 8]) == CachedPrefix(pages: Array(pages[..<2]), length: 128))
        for nothing in [found([1] + text), found(text, PrefixKey(angles: 1)), found([])] {
            #expect(nothing == CachedPrefix())
        }
        for owner in ["", "one"] { #expect(found(text, PrefixKey(owner: owner)) == CachedPrefix()) }
        var other = text
        other[70] = -1
        #expect(found(other) == CachedPrefix(pages: Array(pages[..<1]), length: 64))
        // One token at least is computed.
        #expect(found(Array(text[..<128])) == CachedPrefix(pages: Array(pages[..<2]), length: 127))
        #expect(found(Array(text[..<9])) == CachedPrefix(pages: Array(pages[..<1]), length: 8))
        #expect(found(Array(text[..<8])) == CachedPrefix())
    }

    @Test func aPageGivesWayToOneWithMoreOfTheSameTokens() throws {
        let pool = try Self.pool(16)
        let cache = PrefixCache(pool)
        let text = (0..<100).map { Int32($0) }
        _ = try Self.keep(Array(text[..<20]), in: cache, pool)
        let other = try Self.keep(Array(text[..<10]) + [5, 5], in: cache, pool)
        #expect(cache.count == 2)
        let longer = try Self.keep(text, in: cache, pool)
        #expect(cache.count == 3 && pool.kept == 3 && pool.free == 13)
        #expect(cache.prefix(of: text + [1]) == CachedPrefix(pages: longer, length: 100))
        #expect(cache.prefix(of: Array(text[..<10]) + [5, 5, 5]) == CachedPrefix(pages: other, length: 12))
        // What is there already is not kept twice.
        _ = try Self.keep(Array(text[..<90]), in: cache, pool)
        #expect(cache.count == 3 && pool.free == 13)
    }

    /// Of texts that begin alike, as much is found as any of them has, on pages that hold it.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func theLongestBeginningIsFound(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pool = try Self.pool(2000)
        let cache = PrefixCache(pool)
        var texts: [[Int32]] = []
        var tokensOfPage: [Int: [Int32]] = [:]
        func shared(_ text: [Int32], _ other: [Int32]) -> Int { zip(text, other).prefix { $0 == $1 }.count }
        func usable(_ length: Int) -> Int { length % 64 < PrefixCache.leastTokens ? length / 64 * 64 : length }
        for _ in 0..<300 {
            // Half of them go on from some place of another one.
            let start = Bool.random(using: &random) ? texts.randomElement(using: &random) ?? [] : []
            let text =
                start.prefix(Int.random(in: 0...200, using: &random))
                + (0..<Int.random(in: 1...80, using: &random)).map { _ in Int32.random(in: 0..<2, using: &random) }
            let tokens = Array(text)
            let found = cache.prefix(of: tokens)
            let longest = texts.map { usable(min(shared($0, tokens), tokens.count - 1)) }.max() ?? 0
            #expect(found.length == longest && found.pages.count == PageShape.pages(for: longest))
            for (index, page) in found.pages.enumerated() {
                let part = tokens[(index * 64)..<min(index * 64 + 64, found.length)]
                #expect(tokensOfPage[page]?.starts(with: part) == true)
            }
            let pages = try Self.keep(tokens, in: cache, pool)
            for (index, page) in cache.prefix(of: tokens + [9]).pages.enumerated() where pages.contains(page) {
                tokensOfPage[page] = Array(tokens[(index * 64)..<min(index * 64 + 64, tokens.count)])
            }
            texts.append(Array(tokens.prefix(usable(tokens.count))))
            #expect(pool.inUse == 0 && pool.kept == cache.count)
        }
        while cache.forgetOldest() {}
        #expect(pool.free == pool.count)
    }

    @Test func whatWasUsedLongestAgoGoesFirst() throws {
        let pool = try Self.pool(16)
        let cache = PrefixCache(pool)
        let texts = (0..<3).map { text in (0..<129).map { Int32(1000 * text + $0) } }
        for text in texts { _ = try Self.keep(text, in: cache, pool) }
        #expect(cache.prefix(of: texts[0]).length == 128)
        #expect(cache.forgetOldest() && cache.forgetOldest())
        #expect(texts.map { cache.prefix(of: $0).length } == [128, 0, 128])
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
            let known = cache.prefix(of: tokens).pages
            for length in 1...blocks.count {
                let start = Array(blocks[..<length])
                #expect((lastUses[start] != nil) == (length <= known.count))
                lastUses[start] = time
            }
            var pages = known
            for page in known { pool.retain(page) }
            while pages.count < blocks.count { pages.append(try #require(pool.take())) }
            cache.insert(pages, of: tokens[...], key: PrefixKey())
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

extension PrefixCache {
    /// What there is of some tokens of anybody.
    fileprivate func prefix(of tokens: [Int32]) -> CachedPrefix { prefix(of: tokens, key: PrefixKey()) }
}
