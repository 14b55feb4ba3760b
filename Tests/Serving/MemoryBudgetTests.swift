import PenstockServing
import Testing

@Suite struct MemoryBudgetTests {
    @Test func aReservationIsGivenBackWithItsLastHolder() throws {
        let budget = MemoryBudget(bytes: 1 << 20)
        var held: MemoryBudget.Reservation? = try budget.reserve(1 << 20)
        #expect(throws: ServingError.self) { try budget.reserve(100_000) }
        held?.shrink(to: 1 << 19)
        let second = try budget.reserve(1 << 19)
        #expect(budget.bytesInUse == 1 << 20)
        held = nil
        try second.grow(by: 1 << 19)
        #expect(throws: ServingError.self) { try second.grow(by: 1) }
        #expect(budget.bytesInUse == 1 << 20)
    }

    @Test func smallRequestsAreNotLockedOutByLargeOnes() throws {
        let budget = MemoryBudget(bytes: 1 << 20)
        let large = try budget.reserve(1 << 20)
        let small = try budget.reserve(0)
        try small.grow(by: 8192)
        try small.grow(by: 8192)
        #expect(throws: ServingError.self) { try small.grow(by: 1) }
        withExtendedLifetime(large) {}
    }
}
