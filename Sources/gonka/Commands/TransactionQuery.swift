import ArgumentParser
import LedgerClient
import Primitives
import WireFormat

/// What became of a transaction.
struct TransactionQuery: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transaction", abstract: "What became of a transaction: its block, and why it failed if it did.",
        discussion: "A node remembers results since its last start; one that waits, or was never sent, is not found.")

    @OptionGroup var node: NodeOptions
    @Argument(help: "The transaction's hash: 64 hexadecimal digits, as `gonka tx` prints it.") var hash: String
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            guard let hash = Hex.decode(hash).flatMap({ Hash32($0) }) else {
                throw OperatorError("\(hash.debugDescription) is no transaction hash; it has 64 hexadecimal digits.")
            }
            guard let result = try await node.ledger().transaction(hash) else {
                throw OperatorError("the node knows no such transaction; it waits, was never sent, or is too old.")
            }
            let value: JSONValue = [
                "hash": .string(Hex.encode(result.hash.bytes).uppercased()), "height": .number(result.height),
                "code": .number(UInt64(result.code)), "codespace": .string(result.codespace),
                "log": .string(result.log),
            ]
            if json { Output.json(value) } else { StandardOutput.write(value.lines) }
        }
    }
}
