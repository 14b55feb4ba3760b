import PenstockServing
import Testing

@Suite struct MemoryPlanTests {
    /// 8 MiB and 176 KiB for each token: 96 MiB for 512.
    private static let cost = WorkspaceCost(fixedBytes: 8 << 20, bytesPerToken: 176 << 10)

    private static func memory(left: Int, _ source: MemoryLimit.Source = .controlGroup) -> MemoryLimit {
        MemoryLimit(source, limit: 256 << 20, used: (256 << 20) - left)
    }

    private static func message(
        _ cost: WorkspaceCost = cost, minimum: Int = 512, memory: MemoryLimit, margin: Int = 0
    ) -> String? {
        do {
            _ = try WorkspacePlan(cost, wantedTokens: 1024, minimumTokens: minimum, memory: memory, margin: margin)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func takesWhatIsWantedWhereItFits() throws {
        for memory in [nil, Self.memory(left: 96 << 20)] {
            let plan = try WorkspacePlan(Self.cost, wantedTokens: 512, minimumTokens: 128, memory: memory, margin: 0)
            #expect(plan.tokens == 512)
            #expect(plan.bytes == 96 << 20)
            #expect(plan.shrinkage == nil)
        }
        // The minimum is wanted in any case.
        #expect(try WorkspacePlan(Self.cost, wantedTokens: 1, minimumTokens: 513, memory: nil).tokens == 513)
    }

    /// The bytes that are left beyond the margin, and the tokens they give.
    @Test(arguments: [
        ((96 << 20) - 1, 100, 448), (60 << 20, 100, 256), (60 << 20, 300, 300), (60 << 20, 302, 302),
        ((8 << 20) + (64 * 176 << 10), 1, 64), ((8 << 20) + (63 * 176 << 10), 1, 1), ((8 << 20) + (176 << 10), 1, 1),
    ])
    func shrinksInWholeSteps(left: Int, minimum: Int, tokens: Int) throws {
        for margin in [0, 1 << 20] {
            let plan = try WorkspacePlan(
                Self.cost, wantedTokens: 512, minimumTokens: minimum, memory: Self.memory(left: left + margin),
                margin: margin)
            #expect(plan.tokens == tokens)
            #expect(plan.bytes == Self.cost.bytes(tokens: tokens))
            #expect(plan.bytes <= left)
        }
    }

    @Test func saysWhyItShrinks() throws {
        let plan = try WorkspacePlan(
            Self.cost, wantedTokens: 512, minimumTokens: 128, memory: Self.memory(left: 60 << 20), margin: 4 << 20)
        #expect(
            plan.shrinkage == """
                the token budget is 256: a workspace for 512 tokens needs 96 MiB (8 MiB + 512 × 176 KiB), but only 60 MiB \
                of memory are left (cgroup limit 256 MiB, 196 MiB used), of which 4 MiB are kept free
                """)
    }

    @Test func refusesWithTheArithmetic() {
        #expect(
            Self.message(memory: Self.memory(left: 60 << 20)) == """
                a workspace for 512 tokens needs 96 MiB (8 MiB + 512 × 176 KiB), but only 60 MiB of memory are left \
                (cgroup limit 256 MiB, 196 MiB used); free 36 MiB, or raise the limit by as much
                """)
        #expect(
            Self.message(memory: Self.memory(left: 60 << 20, .system), margin: 32 << 20) == """
                a workspace for 512 tokens needs 96 MiB (8 MiB + 512 × 176 KiB), but only 60 MiB of memory are left \
                (system memory 256 MiB, 196 MiB used), of which 32 MiB are kept free; free 68 MiB
                """)
    }

    /// Needs are rounded up and what is left is rounded down, so that the sums never look as if they fitted.
    @Test func rounds() {
        let odd = WorkspaceCost(fixedBytes: (1 << 20) + 1, bytesPerToken: 700)
        #expect(
            Self.message(odd, minimum: 10, memory: Self.memory(left: (1 << 20) - 1)) == """
                a workspace for 10 tokens needs 1.1 MiB (1 MiB + 10 × 700 bytes), but only 0.9 MiB of memory are left \
                (cgroup limit 256 MiB, 255 MiB used); free 0.1 MiB, or raise the limit by as much
                """)
        #expect(
            Self.message(WorkspaceCost(fixedBytes: 0, bytesPerToken: 1536), minimum: 1, memory: Self.memory(left: 0))?
                .hasPrefix("a workspace for 1 tokens needs 0.1 MiB (0 MiB + 1 × 1.5 KiB), but only 0 MiB") == true)
    }

    @Test func theLastByteDecides() {
        #expect(Self.message(memory: Self.memory(left: 96 << 20)) == nil)
        #expect(Self.message(memory: Self.memory(left: (96 << 20) - 1)) != nil)
        #expect(Self.message(memory: Self.memory(left: (97 << 20) - 1), margin: 1 << 20) != nil)
        #expect(Self.message(memory: Self.memory(left: 0)) != nil)
    }

    @Test func takesAnySize() throws {
        let huge = WorkspaceCost(fixedBytes: .max, bytesPerToken: .max)
        #expect(huge.bytes(tokens: 2) == .max)
        #expect(Self.message(huge, memory: Self.memory(left: 1), margin: .max) != nil)
        let free = WorkspaceCost(fixedBytes: 10, bytesPerToken: 0)
        #expect(try WorkspacePlan(free, wantedTokens: .max, minimumTokens: 1, memory: nil).bytes == 10)
        #expect(Self.message(free, memory: Self.memory(left: 9)) != nil)
        #expect(Self.message(free, memory: Self.memory(left: 10)) == nil)
    }
}
