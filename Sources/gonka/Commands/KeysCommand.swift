import ArgumentParser
import Cryptography
import Foundation
import Wallet
import WireFormat

/// Accounts of this user.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Create, import, list and delete keys.",
        discussion: "Keys lie in the home folder, readable by you alone, and are not encrypted.",
        subcommands: [Create.self, Import.self, List.self, Show.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a new account and show its 24 words once.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "A name for it: letters, digits, - and _.") var name: String

        func run() async throws {
            try await Exit.reporting {
                let (entry, mnemonic) = try keyring(home.folder).create(try keyName(name), isDevnet: false)
                StandardError.write(
                    "Write these words down. They are the only way to restore the account, and are shown once:\n\n")
                StandardOutput.write(mnemonic.revealed() + "\n")
                StandardError.write("\n\(entry.name)  \(entry.address.bech32)\n")
            }
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Restore an account from its words, read from standard input.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "A name for it: letters, digits, - and _.") var name: String

        func run() async throws {
            try await Exit.reporting {
                guard let words = readLine(strippingNewline: true) else {
                    throw OperatorError("no words came; give them on standard input.")
                }
                let entry = try keyring(home.folder).restore(
                    try Mnemonic(words), as: try keyName(name), isDevnet: false)
                StandardOutput.write("\(entry.name)  \(entry.address.bech32)\n")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all keys.")
        @OptionGroup var home: HomeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let entries = try keyring(home.folder).list()
                guard !json else { return Output.json(.array(entries.map(Self.json))) }
                for entry in entries {
                    let mark = entry.isDevnet ? "  (devnet)" : ""
                    StandardOutput.write("\(entry.name)  \(entry.address.bech32)\(mark)\n")
                }
            }
        }

        static func json(_ entry: KeyEntry) -> JSONValue {
            [
                "name": .string(entry.name.description), "address": .string(entry.address.bech32),
                "devnet": .boolean(entry.isDevnet),
            ]
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a key's address.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "The key's name.") var name: String

        func run() async throws {
            try await Exit.reporting {
                StandardOutput.write(try keyring(home.folder).entry(try keyName(name)).address.bech32 + "\n")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a key for good.")
        @OptionGroup var home: HomeOptions
        @Argument(help: "The key's name.") var name: String
        @Flag(help: "Yes, its coins are lost unless the words are kept elsewhere.") var yes = false

        func run() async throws {
            try await Exit.reporting {
                guard yes else { throw OperatorError("deleting cannot be undone; say --yes if you mean it.") }
                try keyring(home.folder).delete(try keyName(name))
            }
        }
    }
}

/// The keyring of a home.
func keyring(_ home: Home) throws -> Keyring {
    try home.prepare()
    return try Keyring(folder: home.path + "/keys")
}

/// A key's name as it was typed.
func keyName(_ text: String) throws -> KeyName {
    guard let name = KeyName(text) else {
        throw OperatorError("\(text.debugDescription) is no key name; use letters, digits, - and _.")
    }
    return name
}
