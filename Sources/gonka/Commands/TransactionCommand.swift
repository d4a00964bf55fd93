import ArgumentParser
import Cryptography
import LedgerClient
import Messages
import Primitives
import Wallet
import WireFormat

/// Transactions.
struct TransactionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tx", abstract: "Send transactions.",
        discussion: "Each waits for its block and costs its bytes times the fee per byte.",
        subcommands: [
            Send.self, RegisterHost.self, UpdateHost.self, RotateOperatorKey.self, RetireHost.self, CloseSession.self,
        ])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send coins.", usage: "gonka tx send <key> <address> <amount>",
            discussion: "The amount is in ngonka, or in GNK with the unit: 1500, 1500ngonka, 1.5GNK.")

        @OptionGroup var transaction: TransactionOptions
        @Argument(help: "Who gets them, gonka1…") var address: String
        @Argument(help: "How much.") var amount: String

        func run() async throws {
            try await Exit.reporting {
                guard let target = Address(bech32: address) else {
                    throw OperatorError("\(address.debugDescription) is no address; they begin with gonka1.")
                }
                let coins = try AmountText.parse(amount)
                try await transaction.send("sent \(coins.inGNK)") { sender in
                    MsgSend(from: sender, to: target, amount: coins)
                }
            }
        }
    }

    struct CloseSession: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "close-session", abstract: "Close a session of yours; what nobody earned comes back.",
            discussion: "New vouchers stop at once. The rest of the deposit is back when its last round has settled.")

        @OptionGroup var transaction: TransactionOptions
        @Argument(help: "The session's id.") var session: UInt64

        func run() async throws {
            try await Exit.reporting {
                try await transaction.send("closing session \(session)") { payer in
                    MsgCloseSession(payer: payer, session: session)
                }
            }
        }
    }
}

/// Who signs a transaction, and where it goes.
struct TransactionOptions: ParsableArguments {
    @OptionGroup var node: NodeOptions
    @Argument(help: "The name of the key that signs and pays.") var key: String
    @Option(help: "A note of at most 256 bytes.") var memo = ""
    @Flag(help: "For programs.") var json = false

    func privateKey() throws -> PrivateKey { try keyring(node.home.folder).privateKey(try keyName(key)) }

    /// Sends one message of the key's account and says where it is.
    ///
    /// - Parameter done: what is done by it, for a person.
    /// - Throws: `OperatorError` with the ledger's reason where it refuses.
    func send<Message: LedgerMessage>(_ done: String, _ message: (Address) throws -> Message) async throws {
        let sender = TransactionSender(ledger: try await node.ledger(), key: try privateKey())
        let result = try await sender.send([try message(sender.address).packed], memo: memo)
        guard result.isAccepted else {
            throw OperatorError(
                "the ledger refused: \(result.log.hasSuffix(".") ? String(result.log.dropLast()) : result.log).")
        }
        let hash = Hex.encode(result.hash.bytes).uppercased()
        if json {
            Output.json(["hash": .string(hash), "height": .number(result.height)])
        } else {
            StandardOutput.write("\(done) in block \(result.height), transaction \(hash)\n")
        }
    }
}

/// Amounts as people type them.
enum AmountText {
    static func parse(_ text: String) throws -> Amount {
        let failure = OperatorError("\(text.debugDescription) is no amount; write 1500, 1500ngonka or 1.5GNK.")
        if let number = text.hasSuffix("GNK") ? text.dropLast(3) : nil {
            let parts = number.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let whole = UInt64(parts[0]) else { throw failure }
            let fraction = parts.count == 2 ? String(parts[1]) : "0"
            guard (1...9).contains(fraction.utf8.count), fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let rest = UInt64(fraction + String(repeating: "0", count: 9 - fraction.utf8.count)),
                let coins = try? whole.multiplied(by: Amount.ngonkaPerGNK).adding(rest)
            else { throw failure }
            return Amount(coins)
        }
        let number = text.hasSuffix(Amount.denomination) ? text.dropLast(Amount.denomination.count) : text[...]
        guard let coins = UInt64(number) else { throw failure }
        return Amount(coins)
    }
}
