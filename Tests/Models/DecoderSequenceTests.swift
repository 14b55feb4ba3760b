import PenstockCheckpoints
import PenstockCompute
import PenstockModels
import PenstockTestSupport
import Testing

/// Pages that are shared, copied, forgotten and given back.
@Suite struct DecoderSequenceTests {
    /// Forgotten tokens leave nothing behind: neither in pages nor in what comes after them.
    @Test(arguments: ["llama", "bloom", "gemma3"], Precision.allCases)
    func rollBack(name: String, precision: Precision) throws {
        var random = SeededGenerator(seed: 1)
        let runner = try DecoderRunner(name, precision)
        let (ids, drafts) = (runner.ids(150, &random), runner.ids(90, &random))
        for (kept, forgotten) in [(70, 3), (64, 1), (63, 80), (128, 5), (1, 64)] {
            let (plain, drafted) = (try runner.sequence(extent: 160), try runner.sequence(extent: 160))
            _ = try runner.logits(Array(ids[..<kept]), chunks: [kept], of: plain)
            _ = try runner.logits(Array(ids[..<kept]), chunks: [kept], of: drafted)
            _ = try runner.logits(Array(drafts[..<forgotten]), chunks: [forgotten], of: drafted)
            drafted.rollBack(to: kept, in: runner.pool)
            #expect(drafted.length == kept && runner.bytes(of: drafted) == runner.bytes(of: plain))
            let rest = Array(ids[kept..<min(kept + 10, 150)])
            #expect(
                try runner.logits(rest, chunks: [1], of: drafted)
                    == runner.logits(rest, chunks: [rest.count], of: plain))
            #expect(runner.bytes(of: drafted) == runner.bytes(of: plain))
            plain.releaseAll(in: runner.pool)
            drafted.releaseAll(in: runner.pool)
        }
        #expect(runner.pool.free == runner.pool.count)
    }

    /// Forks share pages until one of them writes.
    @Test(arguments: [70, 64, 1], [0, 3])
    func forksDoNotTouchEachOther(prompt: Int, forgotten: Int) throws {
        var random = SeededGenerator(seed: 2)
        let runner = try DecoderRunner("llama", .bfloat16)
        let ids = runner.ids(prompt, &random)
        let tails = (0..<3).map { _ in runner.ids(5, &random) }
        let kept = max(1, prompt - forgotten)
        let first = try runner.sequence(extent: 100)
        _ = try runner.logits(ids, chunks: [prompt], of: first)
        let forks = [first, first.fork(in: runner.pool), first.fork(in: runner.pool)]
        #expect(runner.pool.count - runner.pool.free == first.pages.count)
        for fork in forks { fork.rollBack(to: kept, in: runner.pool) }
        // Together, and each as if it were alone.
        let found = try #require(runner.run(zip(forks, tails).map { ($0, $1, .from(0)) }))
        for (index, tail) in tails.enumerated() {
            let alone = try runner.sequence(extent: 100)
            _ = try runner.logits(Array(ids[..<kept]), chunks: [kept], of: alone)
            #expect(try runner.logits(tail, chunks: [tail.count], of: alone) == found[index])
            #expect(runner.bytes(of: alone) == runner.bytes(of: forks[index]))
            alone.releaseAll(in: runner.pool)
        }
        for fork in forks { fork.releaseAll(in: runner.pool) }
        #expect(runner.pool.free == runner.pool.count)
    }

    @Test func prefixesAreAdopted() throws {
        var random = SeededGenerator(seed: 3)
        let runner = try DecoderRunner("mistral")
        let ids = runner.ids(140, &random)
        let whole = try runner.sequence(extent: 140)
        let expected = try runner.logits(ids, chunks: [140], of: whole)
        let warm = try runner.sequence(extent: 140)
        warm.adopt(Array(whole.pages[..<2]), length: 128, in: runner.pool)
        #expect(warm.length == 128 && warm.pagesNeeded(for: 12, in: runner.pool) == 1)
        #expect(try runner.logits(Array(ids[128...]), chunks: [5], of: warm) == Array(expected[128...]))
        whole.releaseAll(in: runner.pool)
        #expect(runner.bytes(of: warm).count == 3)
        warm.releaseAll(in: runner.pool)
        #expect(runner.pool.free == runner.pool.count)
    }

    /// Of a page whose first tokens alone are the same, a copy is written to, even by whoever is its last holder.
    @Test(arguments: ["llama", "gemma2", "bloom"], [false, true])
    func partsOfPagesAreAdopted(name: String, isLastHolder: Bool) throws {
        var random = SeededGenerator(seed: 7)
        let runner = try DecoderRunner(name)
        let ids = runner.ids(100, &random), others = runner.ids(60, &random)
        let cold = try runner.sequence(extent: 140)
        let expected = try runner.logits(Array(ids[..<80]) + others, chunks: [140], of: cold)
        let whole = try runner.sequence(extent: 140)
        let logits = try runner.logits(ids, chunks: [100], of: whole)
        let bytes = runner.bytes(of: whole)
        let warm = try runner.sequence(extent: 140)
        warm.adopt(whole.pages, length: 80, in: runner.pool)
        #expect(warm.length == 80 && warm.pagesNeeded(for: 60, in: runner.pool) == 2)
        if isLastHolder { whole.releaseAll(in: runner.pool) }
        #expect(try runner.logits(others, chunks: [3], of: warm) == Array(expected[80...]))
        #expect(runner.bytes(of: warm) == runner.bytes(of: cold))
        if !isLastHolder {
            #expect(runner.bytes(of: whole) == bytes && logits.count == 100)
            whole.releaseAll(in: runner.pool)
        }
        for sequence in [warm, cold] { sequence.releaseAll(in: runner.pool) }
        #expect(runner.pool.free == runner.pool.count)
    }

    /// Too few pages change nothing, and those that were in use are zero when they are taken.
    @Test func pagesRunOut() throws {
        var random = SeededGenerator(seed: 4)
        let runner = try DecoderRunner("llama", pages: 3)
        let (first, second) = (try runner.sequence(extent: 100), try runner.sequence(extent: 100))
        _ = try runner.logits(runner.ids(100, &random), chunks: [100], of: first)
        #expect(!second.reserve(65, in: runner.pool) && second.pages.isEmpty && runner.pool.free == 1)
        #expect(second.reserve(64, in: runner.pool) && runner.pool.free == 0)
        #expect(!first.reserve(29, in: runner.pool) && first.reserve(28, in: runner.pool))
        #expect(runner.pool.take() == nil && runner.pool.copy(first.pages[0]) == nil)
        let page = first.pages[1]
        #expect(runner.pool.bytes(of: page).contains { $0 != 0 })
        first.releaseAll(in: runner.pool)
        let taken = [runner.pool.take(), runner.pool.take()]
        #expect(taken.contains(page))
        for page in taken.compactMap(\.self) { #expect(runner.pool.bytes(of: page).allSatisfy { $0 == 0 }) }
    }

    /// A fork of a partial page needs a page for its copy.
    @Test func copiesAreCounted() throws {
        var random = SeededGenerator(seed: 5)
        let runner = try DecoderRunner("llama", pages: 2)
        let first = try runner.sequence(extent: 60)
        _ = try runner.logits(runner.ids(10, &random), chunks: [10], of: first)
        let (second, third) = (first.fork(in: runner.pool), first.fork(in: runner.pool))
        #expect(second.pagesNeeded(for: 1, in: runner.pool) == 1 && second.reserve(1, in: runner.pool))
        #expect(!third.reserve(1, in: runner.pool) && third.pages == first.pages && third.pages != second.pages)
        second.releaseAll(in: runner.pool)
        #expect(third.reserve(1, in: runner.pool) && first.pagesNeeded(for: 1, in: runner.pool) == 0)
    }

    /// A step that nobody waits for any more leaves sequences and pages as they were.
    @Test(arguments: ["llama", "gemma2"])
    func abandonedSteps(name: String) throws {
        var random = SeededGenerator(seed: 6)
        let runner = try DecoderRunner(name)
        let (ids, tail) = (runner.ids(70, &random), runner.ids(80, &random))
        let (sequence, other) = (try runner.sequence(extent: 150), try runner.sequence(extent: 150))
        _ = try runner.logits(ids, chunks: [70], of: sequence)
        _ = try runner.logits(ids, chunks: [70], of: other)
        #expect(runner.run([(sequence, tail, .last)], layersWanted: 1) == nil)
        #expect(sequence.length == 70 && sequence.pages.count == 3)
        #expect(Array(runner.bytes(of: sequence)[..<2]) == runner.bytes(of: other))
        #expect(runner.bytes(of: sequence)[2].allSatisfy { $0 == 0 })
        #expect(runner.run([(sequence, tail, .last)]) == runner.run([(other, tail, .last)]))
    }

    /// Angles are fixed by the extent, so that what comes later changes no key.
    @Test(arguments: ["llama-dynamic", "phi3-longrope"])
    func anglesAreFixedByTheExtent(name: String) throws {
        var random = SeededGenerator(seed: 7)
        let runner = try DecoderRunner(name)
        let ids = runner.ids(30, &random)
        let (short, long) = (try runner.sequence(extent: 30), try runner.sequence(extent: 120))
        let found = try runner.logits(ids, chunks: [30], of: short)
        #expect(try runner.logits(ids, chunks: [30], of: long) != found)
        let (model, longest) = (runner.model, runner.model.limits.tokens)
        #expect(try model.rotation(extent: 10).key == model.rotation(extent: 30).key)
        #expect(try model.rotation(extent: 10).key != model.rotation(extent: 120).key)
        #expect(try model.rotation(extent: longest).key == model.rotation(extent: longest + 1).key)
    }
}
