import ArgumentParser
import PenstockHTTP
import PenstockJSON
import PenstockServing

/// The options of which models `serve` has in the memory.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            What the models may take of the memory together, such as 6GiB. Those that find no room at the start are loaded \
            when they are asked for, and the least recently used that nobody uses make room; without it all are loaded.
            """, valueName: "size"))
    var memory: MemorySize?

    @Option(
        name: .customLong("pin"),
        help: ArgumentHelp("The name of a model that never makes room for others. Can be repeated.", valueName: "name"))
    var pins: [String] = []

    @Option(
        name: .customLong("weight"),
        help: ArgumentHelp(
            "A model's seconds of the cores in relation to those of others, while all have work: 1 by default. Can be repeated.",
            valueName: "name=number"))
    var weights: [ModelWeight] = []

    @Option(
        help: """
            Seconds that a request waits for a model that is not loaded, within its own time; with 0 it is answered 503 at \
            once, with the time to come back.
            """)
    var loadTimeout = Seconds(ServerConfiguration().loadTimeout)

    /// The weight of a model.
    func weight(of name: String) -> Double { weights.last { $0.name == name }?.weight ?? 1 }

    /// - Throws: `ValidationError` if options name models that are not served
    func check(names: [String]) throws {
        for (option, name) in pins.map({ ("pin", $0) }) + weights.map({ ("weight", $0.name) })
        where !names.contains(name) {
            throw ValidationError(
                "--\(option) names \(name.shown), but there is no such model\(NearNames.question(name, among: names))")
        }
    }
}

/// `NAME=NUMBER`
struct ModelWeight: ExpressibleByArgument {
    let name: String
    let weight: Double

    init?(argument: String) {
        guard let index = argument.lastIndex(of: "="), index > argument.startIndex,
            let weight = Double(argument[argument.index(after: index)...]),
            ServingConfiguration.weights.contains(weight)
        else { return nil }
        (name, self.weight) = (String(argument[..<index]), weight)
    }
}
