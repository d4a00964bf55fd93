import ArgumentParser
import Cryptography
import Gateway
import Primitives
import WireFormat

/// What can be done to a gateway's keys.
enum KeyCommands {
    static let all: [any ParsableCommand.Type] = [Create.self, List.self, Change.self, Remove.self]

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, or let an account in that signs its requests.", aliases: ["add"])
        @OptionGroup var home: HomeOptions
        @OptionGroup var terms: KeyTermOptions
        @Option(help: "Instead of making a key: the account that signs, gonka1….") var address: String?
        @Argument(help: "Who or what it is for; with --address the address itself where it is left out.")
        var name: String?

        func validate() throws {
            if name == nil, address == nil { throw ValidationError("Give the key a name.") }
        }

        func run() async throws {
            try await Exit.reporting {
                var keys = try apiKeys(home.folder)
                let terms = try terms.applied(to: KeyTerms())
                try await checkPolicy(terms, home.folder)
                guard let address else {
                    let key = try keys.create(name: name ?? "", isDevnet: false, terms: terms)
                    return StandardOutput.write(key + "\n")
                }
                guard let account = Address(bech32: address) else {
                    throw OperatorError("\(address.debugDescription) is no address; write gonka1….")
                }
                try keys.list(account, name: name ?? account.bech32, terms: terms)
                StandardOutput.write("listed \(account.bech32)\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys; with --json with their terms.")
        @OptionGroup var home: HomeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let keys = try apiKeys(home.folder).keys
                guard !json else { return Output.json(.array(keys.map(\.json))) }
                StandardOutput.write(keys.map { "\($0.name)\n" }.joined())
            }
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what a key may do; what is not named stays.",
            discussion: "The word `none` takes a limit away.")
        @OptionGroup var home: HomeOptions
        @OptionGroup var terms: KeyTermOptions
        @Argument(help: "The key's name.") var name: String

        func run() async throws {
            try await Exit.reporting {
                var keys = try apiKeys(home.folder)
                let changes = try terms.changes()
                try await checkPolicy(try terms.applied(to: KeyTerms()), home.folder)
                let changed = try keys.change(name: name) { (terms) throws(GatewayError) in
                    try terms.takeChecked(changes)
                }
                guard let changed else { throw noKey(name) }
                Output.json(changed.json)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a key.", aliases: ["revoke"])
        @OptionGroup var home: HomeOptions
        @Argument(help: "The key's name.") var name: String

        func run() async throws {
            try await Exit.reporting {
                var keys = try apiKeys(home.folder)
                guard try keys.remove(name: name) else { throw noKey(name) }
                StandardOutput.write("removed \(name)\n")
            }
        }
    }

    /// Holds what is asked for against the policies of this home's gateway.
    private static func checkPolicy(_ terms: KeyTerms, _ home: Home) async throws {
        guard terms.policy != nil else { return }
        let settings = try await Settings(home: home)
        try KeyPolicies(try settings.keyPolicies(within: RoutingPolicy(settings))).check(terms)
    }

    private static func noKey(_ name: String) -> OperatorError {
        OperatorError("there is no key \(name.debugDescription); `gonka gateway keys list` lists them.")
    }

    private static func apiKeys(_ home: Home) throws -> APIKeys {
        try home.prepare()
        return try APIKeys(path: try home.folder("gateway") + "/api-keys.json")
    }
}

/// What a key may do.
struct KeyTermOptions: ParsableArguments {
    @Option(help: "What it may spend on one day (UTC), for example 2.5GNK.") var budgetDay: String?
    @Option(help: "What it may spend in one calendar month (UTC).") var budgetMonth: String?
    @Option(help: "What it may spend in all.") var budgetTotal: String?
    @Option(help: "Requests a minute.") var requestsPerMinute: String?
    @Option(help: "Tokens a minute, prompt and output together.") var tokensPerMinute: String?
    @Option(help: "A model that it may ask for; repeat it for more. Else all.") var model: [String] = []
    @Option(help: "The day (UTC) from which on it is refused, for example 2027-01-31.") var expires: String?
    @Option(help: "The routing policy of its requests: NAME of a table [gateway.policies.NAME] in config.toml.")
    var policy: String?
    @Flag(inversion: .prefixedEnableDisable, help: "Whether it is taken.") var use: Bool?

    /// - Throws: `OperatorError`, `GatewayError`.
    func applied(to terms: KeyTerms) throws -> KeyTerms {
        var terms = terms
        try terms.takeChecked(try changes())
        return terms
    }

    /// What was given, as the admin API has it.
    func changes() throws -> JSONValue {
        var object = JSONObject()
        for case (let name, let text?) in [
            ("budget_day", budgetDay), ("budget_month", budgetMonth), ("budget_total", budgetTotal),
        ] {
            object.append(name, text == Self.none ? .null : .number(try AmountText.parse(text).ngonka))
        }
        for case (let name, let text?) in [
            ("requests_per_minute", requestsPerMinute), ("tokens_per_minute", tokensPerMinute),
        ] {
            object.append(name, text == Self.none ? .null : .number(try Self.number(text)))
        }
        if !model.isEmpty { object.append("models", model == [Self.none] ? [] : .array(model.map { .string($0) })) }
        if let expires {
            object.append("expires", expires == Self.none ? .null : .number(try Self.seconds(ofDay: expires)))
        }
        if let policy { object.append("policy", policy == Self.none ? .null : .string(policy)) }
        if let use { object.append("disabled", .boolean(!use)) }
        return .object(object)
    }

    private static let none = "none"

    private static func number(_ text: String) throws -> UInt64 {
        guard let number = UInt64(text) else { throw OperatorError("\(text.debugDescription) is no number.") }
        return number
    }

    private static func seconds(ofDay text: String) throws -> UInt64 {
        guard let seconds = KeyTerms.seconds(ofDay: text) else {
            throw OperatorError("\(text.debugDescription) is no day; write for example 2027-01-31.")
        }
        return seconds
    }
}
