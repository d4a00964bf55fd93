import ArgumentParser
import Cryptography
import LedgerClient
import Messages
import Primitives
import WireFormat

/// Reads of single records, which have proofs.
extension QueryCommand {
    struct Model: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A model's record.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Argument(help: "The model's id.") var id: String
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let reader = try await proof.reader(node)
                show(reader.proven(try found(try await reader.ledger.model(id), "model \(id)").json), json)
            }
        }
    }

    struct Host: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A host's record.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Argument(help: "Its address, or the name of a key of yours.") var host: String
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let address = try node.home.address(host)
                let reader = try await proof.reader(node)
                let record = try found(try await reader.ledger.host(address), "host \(address.bech32)")
                show(reader.proven(record.json), json)
            }
        }
    }

    struct Claim: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A host's claim in a round and what it was paid.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Argument(help: "The round's id.") var round: UInt64
        @Argument(help: "The host's address, or the name of a key of yours.") var host: String
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let address = try node.home.address(host)
                let reader = try await proof.reader(node)
                let record = try found(
                    try await reader.ledger.claim(of: address, in: round),
                    "claim of \(address.bech32) in round \(round)")
                show(reader.proven(record.json), json)
            }
        }
    }
}
