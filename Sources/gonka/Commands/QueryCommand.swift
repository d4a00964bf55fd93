import ArgumentParser
import Cryptography
import LedgerClient
import Messages
import Primitives
import Wallet
import WireFormat

/// Reads of the ledger.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Read the ledger.",
        discussion: """
            With --verify an answer is checked against the app hash that the next block records, and with --trust that \
            block is another node's, for example of a CometBFT node of yours: then the node that is asked can make up \
            nothing. Lists have no proofs: ask for single records.
            """,
        subcommands: [
            Status.self, AccountQuery.self, Supply.self, Parameters.self, Model.self, Models.self, Host.self,
            Hosts.self, Session.self, Sessions.self, Round.self, Claim.self, Claims.self, Epoch.self,
            TransactionQuery.self,
        ])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Chain, height and app hash.")
        @OptionGroup var node: NodeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let status = try await node.ledger().status()
                let value: JSONValue = [
                    "chain_id": .string(status.chainID), "height": .number(status.height),
                    "app_hash": .string(status.appHash.description),
                    "newest_round": .number(try await node.ledger().newestRound()),
                ]
                show(value, json)
            }
        }
    }

    struct AccountQuery: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "account", abstract: "An account's balance and sequence.")
        @OptionGroup var node: NodeOptions
        @Argument(help: "An address, or the name of a key of yours.") var account: String
        @OptionGroup var proof: ProofOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let address = try node.home.address(account)
                let reader = try await proof.reader(node)
                // Where no account is, the proof says so, and coins may be sent there.
                let record = try await reader.ledger.account(address) ?? (proof.verify ? AccountRecord(number: 0) : nil)
                show(reader.proven(try found(record, "account \(address.bech32)").json), json)
            }
        }
    }

    struct Supply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Where all coins are.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let reader = try await proof.reader(node)
                show(reader.proven(try found(try await reader.ledger.supply(), "supply").json), json)
            }
        }
    }

    struct Parameters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The network's parameters.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let reader = try await proof.reader(node)
                show(reader.proven(try await reader.ledger.parameters().json), json)
            }
        }
    }

    struct Models: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All models.")
        @OptionGroup var node: NodeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { showAll(try await node.ledger().models().map(\.json), json) }
        }
    }

    struct Hosts: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All hosts.")
        @OptionGroup var node: NodeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { showAll(try await node.ledger().hosts().map(\.json), json) }
        }
    }

    struct Session: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A session, with what each member earned.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Argument(help: "The session's id.") var id: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let reader = try await proof.reader(node)
                let session = try found(try await reader.ledger.session(id), "session \(id)")
                var earned = JSONObject()
                for host in session.members {
                    guard let member = try await reader.ledger.member(host, of: id) else { continue }
                    earned.append(host.bech32, member.json)
                }
                var object = session.json.object ?? JSONObject()
                object.append("earned", .object(earned))
                show(reader.proven(.object(object)), json)
            }
        }
    }

    struct Sessions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The ids of an account's sessions.")
        @OptionGroup var node: NodeOptions
        @Argument(help: "An address, or the name of a key of yours.") var payer: String
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let address = try node.home.address(payer)
                let ids = try await node.ledger().sessionIDs(of: address)
                if json {
                    Output.json(.array(ids.elements.map { .number($0) }))
                } else {
                    StandardOutput.write(ids.elements.map { "\($0)\n" }.joined())
                }
                tellWhereCut(ids)
            }
        }
    }

    struct Round: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A round's timetable and how far it has come.")
        @OptionGroup var node: NodeOptions
        @OptionGroup var proof: ProofOptions
        @Argument(help: "The round's id.") var id: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let reader = try await proof.reader(node)
                show(reader.proven(try found(try await reader.ledger.round(id), "round \(id)").json), json)
            }
        }
    }

    struct Claims: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "All claims of a round and what they were paid.")
        @OptionGroup var node: NodeOptions
        @Argument(help: "The round's id.") var round: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { showAll(try await node.ledger().claims(in: round).map(\.json), json) }
        }
    }

    struct Epoch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What all hosts did in an epoch, and were paid for it.")
        @OptionGroup var node: NodeOptions
        @Argument(help: "The epoch, from 1.") var epoch: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { showAll(try await node.ledger().hostEpochs(epoch).map(\.json), json) }
        }
    }
}
