import PenstockTestSupport
import Testing

@Suite(.blocking) struct SecurityOptionsTests {
    /// A run of `serve` for a model that is not there, which would be the error of what is right otherwise.
    private static func serve(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Command {
        try Command.run(["serve", "./nothing"] + arguments, environment: environment)
    }

    @Test func anEmptyKeyIsAnErrorAndNoOpenServer() throws {
        let variable = try Self.serve([], ["PENSTOCK_API_KEY": ""])
        #expect(variable.status == 2)
        #expect(variable.errors == "penstock: PENSTOCK_API_KEY is set to nothing; unset it, or give it a key\n")
        let argument = try Self.serve(["--api-key", ""])
        #expect(argument.status == 2 && argument.errors == "penstock: the API key is empty\n")
        let file = try Self.serve(["--api-keys", "/dev/null"])
        #expect(file.status == 2 && file.errors.hasPrefix("penstock: /dev/null: "))
    }

    @Test func whatIsSecretIsInNoMessage() throws {
        let twice = try Self.serve(["--api-key", "hidden", "--api-key", "hidden"])
        #expect(twice.status == 2 && !twice.errors.contains("hidden"))
        let spaced = try Self.serve(["--api-key", "hid den"])
        #expect(spaced.status == 2 && !spaced.errors.contains("den"))
    }

    @Test(arguments: [
        ["--tls-certificate", "a"], ["--tls-key", "a"], ["--admin-address", "9000"], ["--admin-address", "a:70000"],
        ["--request-log", "xml"],
    ])
    func argumentsThatAreWrongAreStatusTwo(arguments: [String]) throws {
        #expect(try Self.serve(arguments).status == 2)
    }

    @Test func administratorsNeedAKey() throws {
        let run = try Self.serve(["--admin", "--port", "0"])
        #expect(run.status == 2 && run.errors.contains("--admin needs the key of an administrator"))
        #expect(try Self.serve(["--admin-key", "x"]).errors.contains("--admin-key and --model-root are for --admin"))
    }

    @Test func modelsThatAreNotServedCannotBePinned() throws {
        let run = try Self.serve(["--pin", "nothin"])
        #expect(run.status == 2 && run.errors.contains("no such model; did you mean nothing?"))
        #expect(try Self.serve(["--weight", "nothin=2"]).status == 2)
    }

    @Test(arguments: ["--weight=nothing", "--weight=nothing=0", "--weight=nothing=x", "--memory=0", "--memory=6PB"])
    func numbersThatCannotBeAreStatusTwo(argument: String) throws {
        #expect(try Self.serve([argument]).status == 2)
    }

    @Test func filesForTLSThatCannotBeUsedAreNamed() throws {
        let run = try Self.serve(["--tls-certificate", "/none.pem", "--tls-key", "/none.key", "--port", "0"])
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("penstock: TLS by /none.pem and /none.key is not possible: "))
    }
}
