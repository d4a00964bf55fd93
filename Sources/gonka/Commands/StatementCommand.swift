import ArgumentParser
import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Statements
import Wallet
import WireFormat

/// A host's account of an epoch, computed anew from what the ledger shows to everybody.
struct StatementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statement", abstract: "Recompute what a host was paid for an epoch, line by line.",
        discussion: """
            Weight, audits, confirmations, duties, penalties and reward follow from the ledger's records alone; each line says \
            what follows and what the ledger wrote down. Exit status 1 where they differ.
            """)

    @OptionGroup var node: NodeOptions
    @Argument(help: "The host's address, or the name of a key of yours.") var host: String
    @Argument(help: "The epoch; it is closed in the first block of the next.") var epoch: UInt64
    @Flag(help: "For programs.") var json = false

    func run() async throws {
        try await Exit.reporting {
            let address = try node.home.address(host)
            let ledger = try await node.ledger()
            let facts = try await EpochFactsReader(ledger: ledger).facts(of: epoch)
            guard let record = facts.hosts.first(where: { $0.host == address }) else {
                throw OperatorError("the ledger notes nothing about \(address.bech32) in epoch \(epoch).")
            }
            let statement = EpochStatement(of: record, facts)
            if json { Output.json(statement.json) } else { StandardOutput.write(statement.text) }
            if !statement.agrees { throw Exit.checkFailed }
        }
    }
}

/// Reads what a statement needs.
struct EpochFactsReader {
    let ledger: RPCLedger

    func facts(of epoch: UInt64) async throws -> EpochFacts {
        guard let record = try await ledger.epoch(epoch) else {
            throw OperatorError("epoch \(epoch) is not closed; `gonka query status` tells how far the ledger is.")
        }
        let hosts = try await complete(try await ledger.hostEpochs(epoch))
        let before = epoch > 1 ? try await complete(try await ledger.hostEpochs(epoch - 1)) : []
        let named = EpochFacts.named(by: hosts + before)
        var rounds: [UInt64: RoundRecord] = [:]
        for id in Set(named.map(\.round)) { rounds[id] = try await ledger.round(id) }
        var models: [EpochFacts.RoundModel: RoundModelRecord] = [:]
        for key in named { models[key] = try await ledger.model(key.model, in: key.round) }
        let sprintClaims = record.sprint > 0 ? try await claims(in: record.sprint) : [:]
        var servingClaims: [UInt64: [Address: ClaimRecord]] = [:]
        for round in EpochFacts.servingRounds(of: hosts) { servingClaims[round] = try await claims(in: round) }
        return EpochFacts(
            parameters: try await ledger.parameters(), record: record, hosts: hosts, before: before, rounds: rounds,
            models: models, sprintClaims: sprintClaims, servingClaims: servingClaims)
    }

    private func claims(in round: UInt64) async throws -> [Address: ClaimRecord] {
        let claims = try await complete(try await ledger.claims(in: round))
        return Dictionary(claims.map { ($0.host, $0) }) { first, _ in first }
    }

    /// A statement of a part would say that the ledger is wrong.
    private func complete<Record>(_ list: Listing<Record>) async throws -> [Record] {
        guard list.isComplete else {
            throw OperatorError("the ledger has more records than one answer holds; ask a node with a higher bound.")
        }
        return list.elements
    }
}

extension EpochStatement {
    /// For people: what each line is, how it comes about, and whether it is what the ledger says.
    var text: String {
        let rows = lines.map { line in
            let word =
                switch line.verdict {
                case .agrees: "ok"
                case .differs: "DIFFERS: the ledger says \(line.recorded)"
                case .bounded: "the ledger says \(line.recorded), within this bound"
                }
            return [line.name, line.computed, word, line.formula]
        }
        return Output.table(["line", "computed", "ledger", "how"], rows)
            + (agrees ? "\nThe statement agrees with what was paid.\n" : "\nThe ledger paid something else.\n")
    }

    fileprivate var json: JSONValue {
        [
            "agrees": .boolean(agrees),
            "lines": .array(
                lines.map {
                    [
                        "name": .string($0.name), "formula": .string($0.formula), "computed": .string($0.computed),
                        "recorded": .string($0.recorded), "verdict": .string("\($0.verdict)"),
                    ]
                }),
        ]
    }
}
