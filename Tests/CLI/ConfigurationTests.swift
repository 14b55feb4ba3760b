import PenstockJSON
import PenstockTestSupport
import Testing

/// Options of `serve` from the environment and a file. Each run ends with an error, since none is to serve.
@Suite(.blocking) struct ConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var path: String { "\(directory.path)/penstock.yaml" }

    /// - Parameter file: what the file of `--config` holds; nil for none
    private func serve(
        _ arguments: [String] = [], file: String? = nil, _ environment: [String: String] = [:]
    ) throws -> Command {
        if let file { try directory.write("penstock.yaml", file.utf8) }
        return try Command.run(
            ["serve"] + (file == nil ? [] : ["--config", path]) + arguments, environment: environment)
    }

    @Test(
        arguments: [
            ("prot: 1\nmodels: [./a]", "line 1: prot is not known; did you mean port?"),
            ("max_body_byts: 1", "did you mean max-body-bytes?"), ("zzzzzz: 1", "known are"),
            ("port: 1\nport: 2", "line 2: port is there already"),
            ("max-body-bytes: 1\nmax_body_bytes: 2", "there twice"),
            ("models: [{model: ./a, max-input-tokens: 1, max_input_tokens: 2}]", "max-input-tokens is there twice"),
            ("models: [{model: ./a, name: null}]", "models[0].name has to be a text"),
            ("models: [~]", "models[0] has to be a model"),
            ("models: [{model: ./a, prompt: {q: [1]}}]", "models[0].prompt has to be a mapping to values"),
            ("port: [1]", "port has to be a value"), ("expose-errors: 3", "has to be true or false"),
            ("- a", "has to be a mapping"), ("models: a", "models has to be a list"),
            ("models: [{name: a}]", "models[0] has no `model`"),
            ("models: [{model: ./a, dtpye: int8}]", "did you mean dtype?"),
            ("models: [{model: ./a, dtype: int9}]", "models[0]: The value 'int9'"),
            ("models: [{model: ./a, dtype: int9}]", "int8?"),
            ("models: [{model: ./a, name: 'a b'}]", "no name of a model"),
            ("models: [{model: ./a, port: 1}]", "port is not known"),
            ("models: [./a, ./b/a]", "There are two models of the name a"), ("models: []", "There are no models"),
            ("models: []", "penstock.yaml."), ("port: 1", "penstock.yaml."),
            ("port: 1\n\tb", "line 2"), ("config: a.yaml", "config is not known"),
            ("models: [./a]\nport: x", "the file"),
            ("models: [./a]\ndtype: auto\nself-check: false", "self-check"),
            ("models: [{model: ./a, task: fil-mask}]", "models[0]: --task has to name a task"),
            ("models: [./a]\ntask: fil-mask", "--task is from the file"),
        ] as [(String, String)])
    func whatIsWrongInAFileIsStatusTwo(file: String, mention: String) throws {
        let result = try serve(file: file)
        #expect(result.status == 2 && result.errors.contains(mention), "\(result.errors)")
    }

    /// Each model has its GGUF file, and that of the command line counts for all others.
    @Test func filesOfGGUF() throws {
        let folder = Fixtures.path("gguf-encoders")
        let own = try serve(["--port", "0"], file: "models: [{model: \(folder), gguf: Q9_0}]\ngguf: Q7_0")
        #expect(own.status == 1 && own.errors.contains("has no GGUF 'Q9_0'"), "\(own.errors)")
        let shared = try serve([folder, "--port", "0", "--gguf", "Q8_1"])
        #expect(shared.status == 1 && shared.errors.contains("has no GGUF 'Q8_1'"), "\(shared.errors)")
    }

    @Test func aFileThatIsNotThereIsNamed() throws {
        let result = try serve(["--config", "/no/such.yaml"])
        #expect(result.status == 2 && result.errors.contains("/no/such.yaml"))
    }

    /// Variables of Text Embeddings Inference count if its own says which model is meant.
    @Test func variablesOfAnotherServerStandForThoseOfThisOne() throws {
        let other = ["MODEL_ID": "/no/such", "PORT": "70000", "SERVED_MODEL_NAME": "a", "MAX_BATCH_TOKENS": "16384"]
        #expect(try serve([], other).errors.contains("--port is from the variable PENSTOCK_PORT."))
        let ours = other.merging(["PENSTOCK_PORT": "70001"]) { $1 }
        #expect(try serve(["--port", "0"], ours).errors.contains("/no/such"))
        let withoutModel = try serve(["/no/such"], ["PORT": "70000"])
        #expect(!withoutModel.errors.contains("port"))
        let withoutKey = try serve(["--port", "0"], ["MODEL_ID": "/no/such", "API_KEY": ""])
        #expect(withoutKey.errors.contains("is set to nothing"))
    }

    /// The command line stands above the environment, and that above the file; the message says where an option is from.
    @Test func theOrderOfPlaces() throws {
        let file = "models: [./a]\nport: 70000\n"
        let fromFile = try serve(file: file)
        #expect(fromFile.status == 2 && fromFile.errors.contains("--port is from the file \(path)."))
        let fromEnvironment = try serve(file: file, ["PENSTOCK_PORT": "70001"])
        #expect(fromEnvironment.errors.contains("--port is from the variable PENSTOCK_PORT."))
        let given = try serve(["--port", "70002"], file: file, ["PENSTOCK_PORT": "70001"])
        #expect(given.status == 2 && !given.errors.contains("is from"))
        let joined = try serve(["--config=\(path)"])
        #expect(joined.errors.contains("--port is from the file \(path)."))
        let right = try serve(["--port=0"], file: file, ["PENSTOCK_PORT": "70001"])
        #expect(right.status == 1, "\(right.errors)")
        #expect(right.errors.contains("penstock: ./a: no such file or directory"), "\(right.errors)")
    }

    @Test(
        arguments: [
            (["PENSTOCK_PORT": ""], "PENSTOCK_PORT is set to nothing"),
            (["PENSTOCK_API_KEYS": ""], "PENSTOCK_API_KEYS"),
            (["PENSTOCK_EXPOSE_ERRORS": "maybe"], "PENSTOCK_EXPOSE_ERRORS has to be true or false"),
            (["PENSTOCK_PORT": "tcp://10.0.0.1:8000"], "Kubernetes"), (["PENSTOCK_DTYPE": "int9"], "PENSTOCK_DTYPE"),
            (["PENSTOCK_CORS_ALLOW_ORIGIN": "https://a.com,b"], "PENSTOCK_CORS_ALLOW_ORIGIN"),
            (["PENSTOCK_CONFIG": "/no/such.yaml"], "/no/such.yaml"),
        ] as [([String: String], String)])
    func whatIsWrongInTheEnvironmentIsStatusTwo(environment: [String: String], mention: String) throws {
        let result = try serve(["./a"], environment)
        #expect(result.status == 2 && result.errors.contains(mention), "\(result.errors)")
    }

    /// A value for all models is not told as one of a model in the file.
    @Test func valuesForAllModelsAreToldByTheirPlaces() throws {
        let file = "models: [./a]\n"
        let given = try serve(["--dtype", "int9"], file: file)
        #expect(given.status == 2 && given.errors.contains("'int9'"), "\(given.errors)")
        #expect(!given.errors.contains("models[0]") && !given.errors.contains("is from"), "\(given.errors)")
        let variable = try serve(file: file, ["PENSTOCK_DTYPE": "int9"])
        #expect(variable.status == 2 && !variable.errors.contains("models[0]"), "\(variable.errors)")
        #expect(variable.errors.contains("--dtype is from the variable PENSTOCK_DTYPE."), "\(variable.errors)")
        let shared = try serve(file: file + "dtype: int9\n")
        #expect(shared.status == 2 && shared.errors.contains("--dtype is from the file \(path)."), "\(shared.errors)")
        let none = try serve(file: file, ["PENSTOCK_MODELS": " "])
        #expect(none.status == 2 && none.errors.contains("PENSTOCK_MODELS is set to nothing"), "\(none.errors)")
    }

    /// Mistyped variables are told, but for what Kubernetes sets for services.
    @Test func aVariableThatNoOptionHasIsWarnedOf() throws {
        let result = try serve(
            ["--port", "0"],
            [
                "PENSTOCK_DYTPE": "int8", "PENSTOCK_ZZZZZZ": "1", "PENSTOCK_MODELS": "/no/such",
                "PENSTOCK_API_KEY": "x", "PENSTOCK_SERVICE_HOST": "10.0.0.1", "PENSTOCK_PORT_80_TCP_ADDR": "10.0.0.1",
                "PENSTOCK_X_PORT": "tcp://10.0.0.1:80",
            ])
        let warnings = result.errors.split(separator: "\n").filter { $0.contains("no option has the variable") }
        #expect(warnings.count == 2, "\(result.errors)")
        #expect(warnings.first?.hasSuffix("PENSTOCK_DYTPE, which is ignored; did you mean PENSTOCK_DTYPE?") == true)
        #expect(warnings.last?.hasSuffix("PENSTOCK_ZZZZZZ, which is ignored") == true)
        #expect(try !serve(["--help"], ["PENSTOCK_DYTPE": "int8"]).errors.contains("PENSTOCK_DYTPE"))
    }

    @Test func helpIsGivenWhateverIsSet() throws {
        #expect(try serve(["--help"], ["PENSTOCK_PORT": ""]).status == 0)
    }

    /// Every option of `serve` has a key in the file and a variable.
    @Test func everyOptionHasItsKeyAndVariable() throws {
        let dump = try JSONValue(parsing: try Command.run(["serve", "--experimental-dump-help"]).output)
        var names: [String] = []
        for argument in dump["command"]?["arguments"]?.array ?? [] where argument["kind"]?.string == "option" {
            guard argument["shouldDisplay"]?.bool == true else { continue }
            names += (argument["names"]?.array ?? []).compactMap { $0["name"]?.string }
        }
        #expect(names.count > 20)
        for name in names where name != "config" {
            // A list of lists is a value of none.
            let result = try serve(file: "models: [./a]\n\(name): [[]]\n")
            #expect(result.status == 2 && result.errors.contains("\(name) has to be"), "\(name): \(result.errors)")
            guard name != "api-key" else { continue }
            let variable = "PENSTOCK_" + name.uppercased().replacing("-", with: "_")
            #expect(try serve(["./a"], [variable: ""]).errors.contains(variable), "\(name)")
        }
    }

    @Test func keysAreNeverNone() throws {
        for keys in ["[]", "", "~"] {
            let result = try serve(file: "models: [./a]\nkeys: \(keys)\n")
            #expect(result.status == 2 && result.errors.contains("keys is empty"), "\(result.errors)")
        }
        let wrong = try serve(file: "models: [./a]\nkeys:\n  - name: a\n    key: hidden\n    wieght: 1\n")
        #expect(wrong.status == 2 && wrong.errors.contains("wieght") && !wrong.errors.contains("hidden"))
    }
}
