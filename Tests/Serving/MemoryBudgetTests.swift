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

    /// To come back is of no use to whoever asks for more than there ever is.
    @Test func whatNeverFitsIsToldApart() throws {
        let budget = MemoryBudget(bytes: 1 << 20)
        func code(_ bytes: Int, behind held: Int = 0) throws -> ServingError.Code? {
            let reservation = try budget.reserve(held)
            do throws(ServingError) {
                try reservation.grow(by: bytes)
                return nil
            } catch { return error.code }
        }
        #expect(try code(1 << 20) == nil)
        #expect(try code(1 << 20 + 1) == .requestTooLarge)
        #expect(try code(1 << 19, behind: 1 << 19 + 1) == .requestTooLarge)
        let large = try budget.reserve(1 << 19)
        #expect(try code(1 << 19 + 1) == .overloaded)
        #expect(try code(1 << 20 + 1) == .requestTooLarge)
        withExtendedLifetime(large) {}
        #expect(try MemoryBudget(bytes: 1 << 10).reserve(16 << 10).bytes == 16 << 10)
    }

    @Test func whatModelsLeaveBoundsIt() throws {
        let budget = MemoryBudget(bytes: 1 << 30) { 400 << 10 }
        let large = try budget.reserve(90 << 10)
        #expect(throws: ServingError.self) { try budget.reserve(20 << 10) }
        let small = try budget.reserve(16 << 10)
        withExtendedLifetime((large, small)) {}
        #expect(try MemoryBudget(bytes: 1 << 20) { nil }.reserve(1 << 20).bytes == 1 << 20)
    }

    @Test func whatIsTakenForAMomentCountsAgainstWhatModelsLeave() throws {
        let budget = MemoryBudget(bytes: 1 << 30) { 400 << 10 }
        func code(_ bytes: Int) -> ServingError.Code? {
            do throws(ServingError) {
                _ = try budget.reserve(passing: bytes)
                return nil
            } catch { return error.code }
        }
        let held = try budget.reserve(50 << 10)
        #expect(code(200 << 10) == nil)
        #expect(code(210 << 10) == .overloaded)
        #expect(code(401 << 10) == .requestTooLarge)
        var passing: MemoryReservation<PassingMemory>? = try budget.reserve(passing: 200 << 10)
        #expect(code(20 << 10) == .overloaded)
        #expect(code(16 << 10) == nil)
        #expect(throws: ServingError.self) { try budget.reserve(20 << 10) }
        passing = nil
        #expect(passing == nil && code(200 << 10) == nil)
        #expect(try budget.reserve(20 << 10).bytes == 20 << 10)
        withExtendedLifetime(held) {}
        #expect(try MemoryBudget.unlimited.reserve(passing: 1 << 40).bytes == 1 << 40)
    }

    @Test func aLedgerKnowsWhatItsModelsLeave() throws {
        let limit = MemoryLimit(.controlGroup, limit: 1000 << 20, used: 400 << 20)
        let ledger = MemoryLedger(limit: { limit }, ownBytes: { 0 })
        let model = try ledger.reserve(200 << 20, for: "a model")
        #expect(ledger.bytesUnreserved == 400 << 20)
        withExtendedLifetime(model) {}
        #expect(MemoryLedger(limit: { nil }).bytesUnreserved == nil)
    }
}
