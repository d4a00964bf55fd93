import ArgumentParser
import Cryptography
import Foundation
import LedgerClient
import Messages
import Primitives
import Wallet
import WireFormat

extension TransactionCommand {
    struct RegisterHost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "register-host", abstract: "Make an account a host, against a bond that comes back.",
            discussion: """
                Makes the operator key and the consensus key where they are missing: the first in the keyring, the second \
                in consensus-key.json of the home, in CometBFT's own format. Run the host itself with `gonka host`, which \
                needs the operator key alone; the account's key can stay elsewhere.
                """)

        @OptionGroup var transaction: TransactionOptions
        @Option(help: "Where clients reach the host, http:// or https://.") var url: String
        @Option(help: "The name of the operator key in this home.") var operatorKey: String = "operator"
        @Option(help: "A model that it serves; may be repeated.") var model: [String] = [DemoModel.id]

        func run() async throws {
            try await Exit.reporting {
                let operatorKey = try operatorPublicKey()
                let consensus = try ConsensusKey.load(transaction.node.home.folder)
                let chainID = try await transaction.node.ledger().status().chainID
                try await transaction.send("registered the host at \(url)") { host in
                    let statement = ConsensusKeyStatement(chainID: chainID, host: host)
                    let signature = consensus.sign(SigningDomain.consensusKey.digest(statement.encoded()).bytes)
                    return MsgRegisterHost(
                        host: host, url: url, operatorKey: operatorKey.compressed,
                        consensusKey: consensus.publicKey.bytes, consensusSignature: signature,
                        models: Array(Set(model)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
                }
            }
        }

        private func operatorPublicKey() throws -> PublicKey {
            let keyring = try keyring(transaction.node.home.folder)
            let name = try keyName(operatorKey)
            let isThere = try keyring.list().contains { $0.name == name }
            if !isThere {
                try keyring.add(PrivateKey.random(), as: name, isDevnet: false)
                StandardError.write("made the operator key \(name); it has no words, the account can replace it.\n")
            }
            return try keyring.privateKey(name).publicKey
        }
    }

    struct UpdateHost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update-host", abstract: "Change a host's URL and the models it serves.")

        @OptionGroup var transaction: TransactionOptions
        @Option(help: "Where clients reach the host, http:// or https://.") var url: String
        @Option(help: "A model that it serves; may be repeated.") var model: [String] = [DemoModel.id]

        func run() async throws {
            try await Exit.reporting {
                try await transaction.send("changed the host") { host in
                    MsgUpdateHost(
                        host: host, url: url,
                        models: Array(Set(model)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
                }
            }
        }
    }

    struct RotateOperatorKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rotate-operator-key", abstract: "Replace a host's operator key, at once.",
            discussion:
                "Start `gonka host` anew with the new key; claims signed by the old one are refused from then on.")

        @OptionGroup var transaction: TransactionOptions
        @Argument(help: "The name of the new operator key.") var newKey: String

        func run() async throws {
            try await Exit.reporting {
                let key = try keyring(transaction.node.home.folder).privateKey(try keyName(newKey)).publicKey
                try await transaction.send("changed the operator key") { host in
                    MsgRotateOperatorKey(host: host, operatorKey: key.compressed)
                }
            }
        }
    }

    struct RetireHost: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retire-host", abstract: "End a host; its coins come back an epoch after its last round.")

        @OptionGroup var transaction: TransactionOptions

        func run() async throws {
            try await Exit.reporting {
                try await transaction.send("the host retires") { host in MsgRetireHost(host: host) }
            }
        }
    }
}

/// A home's consensus key.
enum ConsensusKey {
    /// Reads it, making it where it is missing.
    static func load(_ home: Home) throws -> ConsensusPrivateKey {
        let path = home.path + "/consensus-key.json"
        let file = ConsensusKeyFile(path: path)
        if !FileManager.default.fileExists(atPath: path) { try file.create(ConsensusPrivateKey.random()) }
        return try file.load()
    }
}
