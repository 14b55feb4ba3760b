import Testing

@Suite struct SecurityOptionsTests {
    /// A run of `serve` for a model that is not there, which would be the error of what is right otherwise.
    private static func serve(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Command {
        try Command.run(["serve", "./nothing"] + arguments, environment: environment)
    }

    @Test func anEmptyKeyIsAnErrorAndNoOpenServer() throws {
        let variable = try Self.serve([], ["PENSTOCK_API_KEY": ""])
        #expect(variable.status == 1)
        #expect(variable.errors == "penstock: PENSTOCK_API_KEY is set to nothing; unset it, or give it a key\n")
        let argument = try Self.serve(["--api-key", ""])
        #expect(argument.status == 1 && argument.errors == "penstock: the API key is empty\n")
        let file = try Self.serve(["--api-keys", "/dev/null"])
        #expect(file.status == 1 && file.errors.hasPrefix("penstock: /dev/null: "))
    }

    @Test func whatIsSecretIsInNoMessage() throws {
        let twice = try Self.serve(["--api-key", "hidden", "--api-key", "hidden"])
        #expect(twice.status == 1 && !twice.errors.contains("hidden"))
        let spaced = try Self.serve(["--api-key", "hid den"])
        #expect(spaced.status == 1 && !spaced.errors.contains("den"))
    }

    @Test(arguments: [
        ["--tls-certificate", "a"], ["--tls-key", "a"], ["--admin-address", "9000"], ["--admin-address", "a:70000"],
        ["--request-log", "xml"],
    ])
    func argumentsThatAreWrongAreStatusTwo(arguments: [String]) throws {
        #expect(try Self.serve(arguments).status == 2)
    }

    @Test func filesForTLSThatCannotBeUsedAreNamed() throws {
        let run = try Self.serve(["--tls-certificate", "/none.pem", "--tls-key", "/none.key", "--port", "0"])
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("penstock: TLS by /none.pem and /none.key is not possible: "))
    }
}
