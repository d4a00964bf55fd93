import ArgumentParser
import Gateway
import Primitives
import WireFormat

/// The keys that applications show to a gateway.
struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "Make, list and remove the API keys of this home's gateway.",
        discussion:
            "A key is shown once, when it is made; the file holds its hash. A running gateway follows the file within seconds.",
        subcommands: [Create.self, List.self, Remove.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print it.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "Who or what it is for.") var name: String

        func run() async throws {
            try await Exit.reporting {
                var keys = try apiKeys(home.folder)
                StandardOutput.write(try keys.create(name: name, isDevnet: false) + "\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the names of all keys.")
        @OptionGroup var home: HomeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let names = try apiKeys(home.folder).names
                guard !json else { return Output.json(.array(names.map { .string($0) })) }
                StandardOutput.write(names.map { "\($0)\n" }.joined())
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a key.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "The key's name.") var name: String

        func run() async throws {
            try await Exit.reporting {
                var keys = try apiKeys(home.folder)
                guard try keys.remove(name: name) else {
                    throw OperatorError("there is no key \(name.debugDescription); `gonka api-keys list` lists them.")
                }
                StandardOutput.write("removed \(name)\n")
            }
        }
    }
}

private func apiKeys(_ home: Home) throws -> APIKeys {
    try home.prepare()
    return try APIKeys(path: try home.folder("gateway") + "/api-keys.json")
}
