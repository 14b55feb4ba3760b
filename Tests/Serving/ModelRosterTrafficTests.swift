import PenstockServing
import PenstockTestSupport
import Testing

/// A roster under traffic of chance: twenty models, of which six have room.
@Suite struct ModelRosterTrafficTests {
    /// A process with a budget, in which nothing takes longer than it has to.
    private struct Simulation {
        typealias Roster = ModelRoster<ManualInstant>

        struct Asking {
            let name: String
            let since: Double
        }

        static let models = 20
        static let bytes = 10
        static let budget = 65
        static let loadTime = 0.2

        var roster = Roster()
        var random: SeededGenerator
        var clock = 0.0
        var reserved = 0
        /// Requests that wait, and those that have a model until an instant.
        var waiting: [Asking] = []
        var using: [(name: String, stay: Int, until: Double)] = []
        /// A load that waits for room, or is done at an instant.
        var load: (name: String, order: Int, until: Double?)?
        /// Memory that comes back at an instant.
        var freed: [(stay: Int, at: Double)] = []
        var answered = 0
        var loads = 0
        var longestWait = 0.0

        var now: ManualInstant { .start + .seconds(clock) }

        init(seed: UInt64) {
            random = SeededGenerator(seed: seed)
            for index in 0..<Self.models { roster.add("m\(index)", isPinned: index == 0) }
        }

        mutating func ask(for name: String) {
            switch roster.admit(name, needsFiles: false, at: now) {
            case .use(let stay): begin(name, stay)
            case .wait: waiting.append(Asking(name: name, since: clock))
            case .failed, .unknown: Issue.record("\(name) is refused")
            }
        }

        private mutating func begin(_ name: String, _ stay: Int) {
            using.append((name, stay, clock + Double.random(in: 0.01...0.5, using: &random)))
        }

        private mutating func letGo(_ stay: Int) { freed.append((stay, clock + 0.05)) }

        mutating func step(_ seconds: Double) {
            clock += seconds
            for (name, stay, _) in using.filter({ $0.until <= clock }) {
                answered += 1
                if roster.release(name, of: stay, at: now) { letGo(stay) }
            }
            using.removeAll { $0.until <= clock }
            for (stay, _) in freed.filter({ $0.at <= clock }) {
                reserved -= Self.bytes
                roster.departed(stay)
            }
            freed.removeAll { $0.at <= clock }
            if load == nil, case .load(let name, let order)? = roster.next(at: now) { load = (name, order, nil) }
            guard let (name, order, until) = load else { return }
            if let until {
                guard until <= clock else { return }
                finish(name, order)
            } else {
                makeRoom(name, order)
            }
        }

        private mutating func makeRoom(_ name: String, _ order: Int) {
            let needed = RoomNeeded(bytes: Self.bytes, leastBytes: Self.bytes, free: Self.budget - reserved)
            let stays = stays
            switch roster.room(for: name, order: order, needed, at: now) {
            case .granted:
                reserved += Self.bytes
                #expect(reserved <= Self.budget)
                load?.until = clock + Self.loadTime
            case .letGo(let names):
                for name in names {
                    #expect(!using.contains { $0.stay == stays[name] }, "a model in use is let go")
                    if let stay = stays[name] { letGo(stay) }
                }
            case .wait: break
            case .later, .never: Issue.record("\(name) finds no room")
            }
        }

        private mutating func finish(_ name: String, _ order: Int) {
            let mine = waiting.filter { $0.name == name }
            waiting.removeAll { $0.name == name }
            #expect(!mine.isEmpty, "nobody waits for \(name)")
            let isWanted = roster.finish(name, order: order, bytes: Self.bytes, users: mine.count, at: now)
            #expect(isWanted)
            for asking in mine {
                longestWait = max(longestWait, clock - asking.since)
                begin(name, order)
            }
            stayOf[name] = order
            (load, loads) = (nil, loads + 1)
        }

        private var stayOf: [String: Int] = [:]
        private var stays: [String: Int] { stayOf.filter { roster.isLoaded($0.key) } }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func everyRequestIsAnsweredWithinTheBudget(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        var asked = 0
        for _ in 0..<20_000 {
            if Int.random(in: 0..<4, using: &simulation.random) == 0 {
                // Half of all requests are for three models, which are in use nearly always.
                let isHot = Bool.random(using: &simulation.random)
                let index = Int.random(in: 0..<(isHot ? 3 : Simulation.models), using: &simulation.random)
                simulation.ask(for: "m\(index)")
                asked += 1
            }
            simulation.step(0.01)
        }
        for _ in 0..<10_000 where simulation.answered < asked { simulation.step(0.01) }
        #expect(simulation.answered == asked)
        // All others may be in front, each with its load, and those who use what has to leave.
        #expect(simulation.longestWait < Double(Simulation.models) * (2 * Simulation.loadTime + 0.6))
        #expect(simulation.loads > Simulation.models)
    }

    /// Two models of which one has room, and each is asked for all the time: every load answers whoever waited for it.
    @Test func twoModelsThatTakeEachOthersPlaceBothAnswer() {
        var simulation = Simulation(seed: 4)
        simulation.reserved = Simulation.budget - Simulation.bytes
        var answered = 0
        for round in 0..<3_000 {
            if round % 5 == 0 { for index in [1, 2] { simulation.ask(for: "m\(index)") } }
            simulation.step(0.01)
            answered = simulation.answered
        }
        #expect(answered > 1_000)
        #expect(simulation.loads > 20)
        #expect(simulation.longestWait < 4)
    }
}
