import ArgumentParser
import PenstockHTTP

/// The options of whom `serve` answers.
struct SecurityOptions: ParsableArguments {
    /// Names a key in the environment.
    private static let variable = "PENSTOCK_API_KEY"

    @Option(
        name: .customLong("api-key"),
        help: ArgumentHelp(
            """
            A key that clients have to send. Can be repeated. Other users of the machine can see it; a file, or the variable \
            PENSTOCK_API_KEY, keeps it from them.
            """, valueName: "key"))
    var apiKeys: [String] = []

    @Option(
        name: .customLong("api-keys"),
        help: ArgumentHelp(
            "A file of such keys, KEY or NAME KEY on each line, or JSON; SIGHUP has it read again.", valueName: "file"))
    var apiKeysFile: String?

    @Flag(
        help: """
            Let administrators load models by PUT /models/NAME and have them served no longer by DELETE, at --admin-address if \
            there is one.
            """)
    var admin = false

    @Option(
        help: ArgumentHelp(
            """
            The key of an administrator, for --admin; keys in a file may have the right, too. The variable PENSTOCK_ADMIN_KEY \
            keeps it from other users of the machine.
            """, valueName: "key"))
    var adminKey: String?

    @Option(
        help: ArgumentHelp(
            "The directory in which the models of administrators are; without it they come from the Hub alone.",
            valueName: "directory"), completion: .directory)
    var modelRoot: String?

    @Option(
        name: .customLong("tls-certificate"),
        help: ArgumentHelp(
            "A certificate in PEM, with those that lead to a known one behind it, for TLS; read again when it changes.",
            valueName: "file"))
    var tlsCertificate: String?

    @Option(
        name: .customLong("tls-key"),
        help: ArgumentHelp("The private key of the certificate, in PEM.", valueName: "file"))
    var tlsKey: String?

    func validate() throws {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together.")
        }
        guard admin || adminKey == nil && modelRoot == nil else {
            throw ValidationError("--admin-key and --model-root are for --admin.")
        }
    }

    /// The files for TLS; nil for none.
    var tls: TLSFiles? {
        guard let tlsCertificate, let tlsKey else { return nil }
        return TLSFiles(certificate: tlsCertificate, key: tlsKey)
    }

    /// The keys of arguments, environment and file; nil if there are none at all.
    ///
    /// - Parameter config: the path of the configuration file, which may have keys, too
    /// - Throws: what is wrong about one. A variable that is empty is an error, since the server would be open to all.
    func keys(config: String?) throws -> KeyStore? {
        let fromEnvironment = ProcessEnvironment.value(of: Self.variable)
        let hasConfigured = try config.map { try !ConfigurationFile.keys(at: $0).isEmpty } ?? false
        guard !apiKeys.isEmpty || fromEnvironment != nil || apiKeysFile != nil || hasConfigured || admin else {
            return nil
        }
        guard fromEnvironment != "" else {
            throw CommandFailure(message: "\(Self.variable) is set to nothing; unset it, or give it a key", status: 2)
        }
        var configured: (@Sendable () throws(KeysError) -> [APIKey])?
        if let config, hasConfigured {
            configured = { () throws(KeysError) in try ConfigurationFile.keys(at: config) }
        }
        let keys = try KeyStore(
            apiKeys, environment: fromEnvironment, administrator: adminKey, file: apiKeysFile, configured: configured)
        guard !admin || keys.hasAdministrators else {
            throw CommandFailure(
                message:
                    "--admin needs the key of an administrator: give --admin-key, or a key in the file \"admin\": true",
                status: 2)
        }
        return keys
    }
}

extension AllowedOrigin: ExpressibleByArgument {
    /// `*` or an origin.
    public init?(argument: String) { self.init(argument) }
}
