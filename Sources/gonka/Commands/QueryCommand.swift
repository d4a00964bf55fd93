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
            With --verify an answer is checked against the app hash that the next block records: what the ledger holds, \
            not what a node says.
            """,
        subcommands: [
            Status.self, AccountQuery.self, Supply.self, Parameters.self, Models.self, Hosts.self, Session.self,
            Sessions.self, Round.self, Claims.self, Epoch.self, TransactionQuery.self,
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
        @Flag(help: "Check the answer against the app hash.") var verify = false
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let address =
                    try Address(bech32: account) ?? keyring(node.home.folder).entry(try keyName(account)).address
                let key = StateKey.account(address)
                guard verify else {
                    let record = try await node.ledger().account(address)
                    return show(try found(record, "account \(address.bech32)").json, json)
                }
                let read = try await node.ledger().readProven(key)
                let record = read.value.isEmpty ? AccountRecord(number: 0) : try AccountRecord.decode(read.value)
                var object = record.json.object ?? JSONObject()
                object.append("verified_height", .number(read.height))
                object.append("verified_app_hash", .string(read.appHash.description))
                show(.object(object), json)
            }
        }
    }

    struct Supply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Where all coins are.")
        @OptionGroup var node: NodeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { show(try found(try await node.ledger().supply(), "supply").json, json) }
        }
    }

    struct Parameters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The network's parameters.")
        @OptionGroup var node: NodeOptions
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { show(try await node.ledger().parameters().json, json) }
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
        @Argument(help: "The session's id.") var id: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting {
                let session = try found(try await node.ledger().session(id), "session \(id)")
                var earned = JSONObject()
                for host in session.members {
                    guard let member = try await node.ledger().member(host, of: id) else { continue }
                    earned.append(host.bech32, member.json)
                }
                var object = session.json.object ?? JSONObject()
                object.append("earned", .object(earned))
                show(.object(object), json)
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
                let address = try Address(bech32: payer) ?? keyring(node.home.folder).entry(try keyName(payer)).address
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
        @Argument(help: "The round's id.") var id: UInt64
        @Flag(help: "For programs.") var json = false

        func run() async throws {
            try await Exit.reporting { show(try found(try await node.ledger().round(id), "round \(id)").json, json) }
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
}

extension QueryCommand {
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

private func found<Record>(_ record: Record?, _ name: String) throws -> Record {
    guard let record else { throw OperatorError("the ledger has no \(name).") }
    return record
}

private func show(_ value: JSONValue, _ json: Bool) {
    if json { Output.json(value) } else { StandardOutput.write(value.lines) }
}

private func showAll(_ values: Listing<JSONValue>, _ json: Bool) {
    if json {
        Output.json(.array(values.elements))
    } else {
        StandardOutput.write(values.elements.map(\.lines).joined(separator: "\n"))
    }
    tellWhereCut(values)
}

/// A list that ends at its bound and not at its end says so, beside the answer.
private func tellWhereCut<Element>(_ list: Listing<Element>) {
    guard !list.isComplete else { return }
    StandardError.write("gonka: the list is longer; these are its first \(list.elements.count) records.\n")
}
