import PenstockJSON

/// The arguments of `serve`, completed by the environment and the configuration file: what is given on the command line
/// stands, then what is in the environment, then what is in the file.
struct ServeArguments {
    /// The arguments that the parser is given.
    private(set) var arguments: [String]
    /// The sources of options that are not on the command line, by their names.
    private var sources: [String: String] = [:]
    /// Lines that warn of variables that nothing reads.
    private(set) var warnings: [String] = []

    private let declared: [DeclaredOption]
    private let ofModels: [DeclaredOption]

    /// Names the file.
    private static let config = "config"
    /// Names the models, with white space between them.
    private static let modelsVariable = "PENSTOCK_MODELS"
    /// Is read where the keys are, which it adds one to.
    private static let notFromVariables: Set<String> = ["api-key"]
    /// Options that name a model, of which the file has those of a model beside its other settings.
    private static let naming: KeyValuePairs = ["pin": false, "weight": true]

    /// - Parameters:
    ///   - given: the arguments behind `serve`
    ///   - variables: the names of all that are set
    ///   - environment: the value of a variable; nil if it is not set
    /// - Throws: ``CommandFailure`` for a variable or a file that is wrong
    init(
        _ given: [String], declared: [DeclaredOption], ofModels: [DeclaredOption], variables: [String],
        environment: (String) -> String?
    ) throws(CommandFailure) {
        (arguments, self.declared, self.ofModels) = (given, declared, ofModels)
        let isGiven = Self.names(in: given)
        // Whoever asks for help gets it, whatever else is wrong.
        guard !given.contains(where: { ["-h", "--help", "--version", "--experimental-dump-help"].contains($0) }) else {
            return
        }
        warnings = Self.warnings(of: variables, declared, environment)
        var added: [String] = []
        for option in declared where !option.names.contains(where: isGiven.contains) {
            guard !Self.notFromVariables.contains(option.name), let text = environment(option.variable) else {
                continue
            }
            added += try Self.arguments(of: option, variable: text)
            sources[option.name] = "the variable \(option.variable)"
        }
        let path = Self.value(of: Self.config, in: given + added)
        let file = try path.map { (path) throws(CommandFailure) in
            try ConfigurationFile(
                path: path, declared.filter { $0.name != Self.config }, ofModels: ofModels + namingOptions)
        }
        for (option, arguments) in file?.options ?? [] {
            guard sources[option.name] == nil, !option.names.contains(where: isGiven.contains) else { continue }
            added += arguments
            sources[option.name] = "the file \(path ?? "")"
        }
        arguments = added + given
        let models = try models(environment(Self.modelsVariable), file, at: path ?? "")
        // In front, so that a `--` among what is given ends nothing of it.
        arguments = added + models + given
    }

    /// Completes the arguments behind `serve` by the environment of this process.
    static func ofProcess(_ given: [String]) throws(CommandFailure) -> ServeArguments {
        try ServeArguments(
            given, declared: DeclaredOption.all(of: Serve.self), ofModels: DeclaredOption.all(of: ModelSettings.self),
            variables: ProcessEnvironment.names
        ) { ProcessEnvironment.value(of: $0) }
    }

    /// Returns where the options that a message names come from, if not from the command line: lines to put behind it.
    func notes(on message: String) -> [String] {
        sources.keys.sorted().filter { name in
            message.contains("'--\(name) ") || message.contains("'--\(name)'") || message.contains("--\(name) has")
        }.map { "--\($0) is from \(sources[$0] ?? "")." }
    }

    // MARK: Variables

    private static func arguments(of option: DeclaredOption, variable text: String) throws(CommandFailure) -> [String] {
        guard !text.isEmpty else {
            throw CommandFailure(
                message: "\(option.variable) is set to nothing; unset it, or give it a value", status: 2)
        }
        if text.hasPrefix("tcp://") {
            throw CommandFailure(
                message:
                    "\(option.variable) is an address as Kubernetes sets it for a service named penstock; name the service "
                    + "otherwise, or set enableServiceLinks: false for the pod", status: 2)
        }
        do throws(SettingError) {
            return try option.arguments(ofVariable: text)
        } catch {
            throw CommandFailure(message: "\(option.variable) \(error.message)", status: 2)
        }
    }

    /// Warns of variables that are ours by their names, and that no option has: they may be mistyped.
    private static func warnings(
        of variables: [String], _ declared: [DeclaredOption], _ environment: (String) -> String?
    ) -> [String] {
        let prefix = DeclaredOption.variablePrefix
        let known = (declared.map(\.variable) + [modelsVariable]).map { String($0.dropFirst(prefix.count)) }
        var warnings: [String] = []
        for variable in variables.sorted() where variable.hasPrefix(prefix) {
            let name = String(variable.dropFirst(prefix.count))
            guard !known.contains(name), !isOfKubernetes(variable, environment(variable) ?? "") else { continue }
            let near = NearNames.of(name, among: known).map { prefix + $0 }
            let question = near.isEmpty ? "" : "; did you mean \(near.joined(separator: " or "))?"
            warnings.append("no option has the variable \(variable), which is ignored\(question)")
        }
        return warnings
    }

    /// Tells whether Kubernetes sets a variable for a service whose name begins like ours.
    private static func isOfKubernetes(_ variable: String, _ value: String) -> Bool {
        value.contains("://") || ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT_"].contains { variable.contains($0) }
    }

    // MARK: Models

    /// Options that exist and name a model, as the file has them with the model.
    private var namingOptions: [DeclaredOption] {
        Self.naming.compactMap { name, hasValue in
            guard declared.contains(where: { $0.name == name }) else { return nil }
            return DeclaredOption(name: name, kind: hasValue ? .value : .flag(negation: nil))
        }
    }

    /// Arguments that give the models of the environment, or else of the file.
    private func models(
        _ variable: String?, _ file: ConfigurationFile?, at path: String
    ) throws(CommandFailure) -> [String] {
        if let variable {
            let models = variable.split(whereSeparator: \.isWhitespace).map(String.init)
            guard !models.isEmpty else {
                throw CommandFailure(
                    message: "\(Self.modelsVariable) is set to nothing; unset it, or name models in it", status: 2)
            }
            return try models.map { (model) throws(CommandFailure) in
                try argument(nil, model, [], at: Self.modelsVariable)
            }
        }
        var result: [String] = []
        for (index, model) in (file?.models ?? []).enumerated() {
            var own: [String] = []
            for (option, arguments) in model.options {
                guard let isValued = Self.naming.first(where: { $0.key == option.name })?.value else {
                    own += arguments
                    continue
                }
                let name = model.name ?? NamedModel(argument: model.model)?.name ?? model.model
                result += arguments.map { argument in
                    isValued
                        ? "--\(option.name)=\(name)=\(argument.dropFirst(option.name.count + 3))"
                        : "--\(option.name)=\(name)"
                }
            }
            result.append(try argument(model.name, model.model, own, at: "\(path): models[\(index)]"))
        }
        return result
    }

    /// The argument for a model whose own options stand above those of all models.
    private func argument(
        _ name: String?, _ model: String, _ own: [String], at place: String
    ) throws(CommandFailure) -> String {
        let shared = modelArguments(besides: own)
        let entry = ModelEntry.Text(name: name, model: model, arguments: shared + own)
        do {
            _ = try ModelEntry(entry)
        } catch {
            // A value for all models is not this one's fault.
            try check(shared)
            throw CommandFailure(message: "\(place): \(ModelSettings.message(for: error))", status: 2)
        }
        return "--\(ModelEntry.option)=\(entry.json)"
    }

    /// Refuses options for all models that are wrong by themselves, and says where they are from.
    private func check(_ shared: [String]) throws(CommandFailure) {
        do {
            _ = try ModelSettings.parse(shared)
        } catch {
            let message = ModelSettings.message(for: error)
            throw CommandFailure(message: ([message] + notes(on: message)).joined(separator: "\n"), status: 2)
        }
    }

    /// The options that arguments give for all models, but for those that a model has of its own.
    private func modelArguments(besides own: [String]) -> [String] {
        let isOwn = Self.names(in: own)
        var result: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst(), argument != "--" {
            guard let name = Self.name(argument), let option = ofModels.first(where: { $0.names.contains(name) }) else {
                continue
            }
            var own = [argument]
            if case .flag = option.kind {} else if !argument.contains("=") { own += rest.popFirst().map { [$0] } ?? [] }
            if !option.names.contains(where: isOwn.contains) { result += own }
        }
        return result
    }

    // MARK: Names

    /// The long names that arguments give, up to a `--`.
    private static func names(in arguments: [String]) -> Set<String> {
        Set(arguments.prefix { $0 != "--" }.compactMap(name))
    }

    private static func name(_ argument: String) -> String? {
        guard argument.hasPrefix("--") else { return nil }
        return argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).first.map(
            String.init)
    }

    /// The last value that arguments give an option.
    private static func value(of name: String, in arguments: [String]) -> String? {
        var value: String?
        let arguments = Array(arguments.prefix { $0 != "--" })
        for (index, argument) in arguments.enumerated() {
            if argument.hasPrefix("--\(name)=") { value = String(argument.dropFirst(name.utf8.count + 3)) }
            if argument == "--\(name)", index + 1 < arguments.count { value = arguments[index + 1] }
        }
        return value
    }
}
