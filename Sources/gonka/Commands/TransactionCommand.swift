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
        commandName: "tx", abstract: "Send transactions.", subcommands: [Send.self])

    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send coins.", usage: "gonka tx send <key> <address> <amount>",
            discussion: "The amount is in ngonka, or in GNK with the unit: 1500, 1500ngonka, 1.5GNK.")

        @OptionGroup var home: HomeOptions
        @OptionGroup var node: NodeOptions
        @Argument(help: "The name of the key that pays.") var key: String
        @Argument(help: "Who gets them, gonka1…") var address: String
        @Argument(help: "How much.") var amount: String
        @Option(help: "A note of at most 256 bytes.") var memo = ""
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                guard let target = Address(bech32: address) else {
                    throw OperatorError("\(address.debugDescription) is no address; they begin with gonka1.")
                }
                let coins = try AmountText.parse(amount)
                let sender = TransactionSender(
                    ledger: node.ledger, key: try keyring(home.folder).privateKey(try keyName(key)))
                let message = MsgSend(from: sender.address, to: target, amount: coins)
                let result = try await sender.send([message.packed], memo: memo)
                guard result.isAccepted else { throw OperatorError("the ledger refused: \(result.log).") }
                if json {
                    Output.json(["hash": .string(hash(result)), "height": .number(result.height)])
                } else {
                    StandardOutput.write("sent \(coins.inGNK) in block \(result.height), transaction \(hash(result))\n")
                }
            }
        }

        private func hash(_ result: SubmissionResult) -> String { Hex.encode(result.hash.bytes).uppercased() }
    }
}

/// Amounts as people type them.
enum AmountText {
    static func parse(_ text: String) throws -> Amount {
        let failure = OperatorError("\(text.debugDescription) is no amount; write 1500, 1500ngonka or 1.5GNK.")
        if let number = text.hasSuffix("GNK") ? text.dropLast(3) : nil {
            let parts = number.split(separator: ".", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let whole = UInt64(parts[0]) else { throw failure }
            let fraction = parts.count == 2 ? String(parts[1]) : ""
            guard fraction.count <= 9, fraction.allSatisfy(\.isASCII),
                let rest = UInt64(fraction + String(repeating: "0", count: 9 - fraction.count)),
                let coins = try? whole.multiplied(by: Amount.ngonkaPerGNK).adding(rest)
            else { throw failure }
            return Amount(coins)
        }
        let number = text.hasSuffix(Amount.denomination) ? text.dropLast(Amount.denomination.count) : text[...]
        guard let coins = UInt64(number) else { throw failure }
        return Amount(coins)
    }
}
