import PenstockServing
import PenstockTestSupport
import Testing

/// A roster under traffic of chance: twenty models, of which six have room.
@Suite struct ModelRosterTrafficTests {
    /// A process with a budget, in which nothing takes longer than it has to.
    struct Simulation {
        typealias Roster = ModelRoster

        struct Asking {
            let name: String
            let since: Double
        }

        struct Using {
            let name: String
            let stay: Int
            let until: Double
        }

        struct Freed {
            let stay: Int
            let at: Double
        }

        static let models = 20
        static let budget = 65
        static let loadTime = 0.2

        var roster = Roster()
        var random: SeededGenerator
        var clock = 0.0
        var reserved = 0
        /// Requests that wait, and those that have a model until an instant.
        var waiting: [Asking] = []
        var using: [Using] = []
        /// The load that is done at an instant, or has yet to find room.
        var load: (name: String, order: Int, until: Double?)?
        /// Those that wait for room while others are loaded.
        var aside: [(name: String, order: Int)] = []
        /// The bytes of each model; 10 of one that is not named.
        let sizes: [String: Int]
        /// Memory that comes back at an instant.
        var freed: [Freed] = []
        var answered = 0
        /// Requests whose model was removed while they waited.
        var disappointed = 0
        var loads = 0
        var longestWaits: [String: Double] = [:]
        var longestWait: Double { longestWaits.values.max() ?? 0 }

        var now: ManualInstant { .start + .seconds(clock) }

        init(seed: UInt64, sizes: [String: Int] = [:]) {
            random = SeededGenerator(seed: seed)
            self.sizes = sizes
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
            using.append(Using(name: name, stay: stay, until: clock + Double.random(in: 0.01...0.5, using: &random)))
        }

        private mutating func letGo(_ stay: Int) { freed.append(Freed(stay: stay, at: clock + 0.05)) }

        func bytes(_ name: String) -> Int { sizes[name] ?? 10 }

        /// Has a model forgotten and taken in again, as by somebody who changes it. What is loaded goes with its last user,
        /// and nobody waits any more.
        mutating func replace(_ name: String) {
            guard !roster.isBusy(name), !using.contains(where: { $0.name == name }) else { return }
            if let stay = stays[name] { letGo(stay) }
            disappointed += waiting.count { $0.name == name }
            waiting.removeAll { $0.name == name }
            roster.remove(name)
            roster.add(name, isPinned: false)
        }

        mutating func step(_ seconds: Double) {
            clock += seconds
            for use in using where use.until <= clock {
                answered += 1
                if roster.release(use.name, of: use.stay, at: now) { letGo(use.stay) }
            }
            using.removeAll { $0.until <= clock }
            for memory in freed where memory.at <= clock {
                reserved -= reservedBy.removeValue(forKey: memory.stay) ?? 0
                roster.departed(memory.stay)
            }
            freed.removeAll { $0.at <= clock }
            if let load, let until = load.until {
                guard until <= clock else { return }
                finish(load.name, load.order)
            }
            // Who waits for room asks again now and then, in any order, between others that are next.
            steps += 1
            let asks = steps.isMultiple(of: 5) ? aside.count : 0
            if asks > 0 { aside.shuffle(using: &random) }
            for _ in 0...asks where load == nil {
                if asks > 0, !aside.isEmpty, Bool.random(using: &random) {
                    let (name, order) = aside.removeFirst()
                    makeRoom(name, order)
                } else if case .load(let name, let order)? = roster.next(at: now) {
                    makeRoom(name, order)
                }
            }
        }

        private mutating func makeRoom(_ name: String, _ order: Int) {
            let bytes = bytes(name)
            let needed = RoomNeeded(bytes: bytes, leastBytes: bytes, free: Self.budget - reserved)
            let stays = stays
            switch roster.room(for: name, order: order, needed, at: now) {
            case .granted:
                reserved += bytes
                reservedBy[order] = bytes
                if reserved > Self.budget { Issue.record("\(reserved) bytes are more than the budget") }
                load = (name, order, clock + Self.loadTime)
            case .letGo(let names):
                for name in names {
                    if using.contains(where: { $0.stay == stays[name] }) { Issue.record("\(name) is let go in use") }
                    if let stay = stays[name] { letGo(stay) }
                }
                makeRoom(name, order)
            case .wait: aside.append((name, order))
            case .withdrawn:
                if roster.waitsForRoom(name), aside.contains(where: { $0.order == order }) {
                    Issue.record("\(name) is withdrawn and waits")
                }
            case .later, .never: Issue.record("\(name) finds no room")
            }
        }

        private mutating func finish(_ name: String, _ order: Int) {
            let mine = waiting.filter { $0.name == name }
            waiting.removeAll { $0.name == name }
            #expect(!mine.isEmpty, "nobody waits for \(name)")
            let isWanted = roster.finish(name, order: order, bytes: bytes(name), users: mine.count, at: now)
            #expect(isWanted)
            for asking in mine {
                longestWaits[name] = max(longestWaits[name] ?? 0, clock - asking.since)
                begin(name, order)
            }
            stayOf[name] = order
            (load, loads) = (nil, loads + 1)
        }

        private var stayOf: [String: Int] = [:]
        private var reservedBy: [Int: Int] = [:]
        private var steps = 0
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

    /// Models of all sizes, which are also changed by somebody while they wait.
    @Test(arguments: 10..<13 as Range<UInt64>) func modelsOfAllSizesAreAnswered(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let names = (0..<Simulation.models).map { "m\($0)" }
        let sizes = Dictionary(uniqueKeysWithValues: names.map { ($0, Int.random(in: 1...50, using: &random)) })
        var simulation = Simulation(seed: seed, sizes: sizes.merging(["m0": 5]) { $1 })
        var asked = 0
        for _ in 0..<8_000 {
            if Int.random(in: 0..<6, using: &random) == 0, let name = names.randomElement(using: &random) {
                simulation.ask(for: name)
                asked += 1
            }
            if Int.random(in: 0..<300, using: &random) == 0, let name = names.dropFirst().randomElement(using: &random)
            {
                simulation.replace(name)
            }
            simulation.step(0.01)
        }
        for _ in 0..<20_000 where simulation.answered + simulation.disappointed < asked { simulation.step(0.01) }
        #expect(simulation.answered + simulation.disappointed == asked)
        #expect(simulation.disappointed > 0 && simulation.answered > asked / 2)
        #expect(simulation.longestWait < 60)
    }

    /// One model needs nearly all there is, and the others come all the time and are small.
    @Test(arguments: [20, 21] as [UInt64]) func smallModelsKeepNoLargeOneWaiting(seed: UInt64) {
        var simulation = Simulation(seed: seed, sizes: ["large": 55])
        simulation.roster.add("large", isPinned: false)
        var asked = 0
        for round in 0..<8_000 {
            if round.isMultiple(of: 7) {
                simulation.ask(for: "m\(Int.random(in: 0..<Simulation.models, using: &simulation.random))")
                asked += 1
            }
            if round.isMultiple(of: 500) {
                simulation.ask(for: "large")
                asked += 1
            }
            simulation.step(0.01)
        }
        for _ in 0..<10_000 where simulation.answered < asked { simulation.step(0.01) }
        #expect(simulation.answered == asked)
        // All others may be before it, once, and a few pass it.
        #expect(simulation.longestWaits["large"] ?? 100 < Double(Simulation.models) * (2 * Simulation.loadTime + 0.6))
    }

    /// Two models of which one has room, and each is asked for all the time: every load answers whoever waited for it.
    @Test func twoModelsThatTakeEachOthersPlaceBothAnswer() {
        var simulation = Simulation(seed: 4)
        simulation.reserved = Simulation.budget - 10
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
