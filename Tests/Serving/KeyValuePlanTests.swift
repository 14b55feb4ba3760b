import PenstockServing
import Testing

@Suite("The memory for keys and values of a model that generates")
struct KeyValuePlanTests {
    private let plenty = MemoryLimit(.system, limit: 64 << 30, used: 0)

    @Test("A large model has pages for 64 texts as long as it takes, up to 8,192 tokens")
    func large() throws {
        let plan = try KeyValuePlan(page: 4 << 20, longest: 2048, wanted: nil, memory: plenty)
        #expect(plan.pages == 64 * 32)
        #expect(plan.bytes == 64 * 32 * (4 << 20))
    }

    @Test("A tiny model has more: 128 texts or beams of a prompt have a page each")
    func tiny() throws {
        let plan = try KeyValuePlan(page: 32 << 10, longest: 48, wanted: nil, memory: plenty)
        #expect(plan.pages >= 128 * 2)
        #expect(plan.bytes <= 64 << 20)
    }

    @Test("No model has more than a quarter of the memory that is left, unless it is told to")
    func share() throws {
        let little = MemoryLimit(.budget, limit: 200 << 20, used: 0)
        #expect(try KeyValuePlan(page: 32 << 10, longest: 48, wanted: nil, memory: little).bytes <= 50 << 20)
        #expect(try KeyValuePlan(page: 32 << 10, longest: 48, wanted: 8 << 20, memory: little).bytes == 8 << 20)
    }
}
