import ArgumentParser
import Cryptography
import LedgerClient
import Messages
import Primitives
import Statements
import WireFormat

/// One account of both sides: what was bought from the network and what was sold to it.
struct TradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trade", abstract: "Show what an owner's accounts bought and its hosts sold, from the ledger.",
        discussion: """
            Give all addresses of one owner: payers of gateways and hosts. Bought are all sessions that they opened; sold is \
            what their hosts' claims of the last rounds were paid, after tax.
            """)

    /// Claims are asked for one by one.
    private static let roundsMax: UInt64 = 1_000

    @OptionGroup var node: NodeOptions
    @Argument(help: "Addresses, or names of keys of yours.") var owners: [String]
    @Option(help: "Rounds that are looked back.") var rounds: UInt64 = 100
    @Flag(help: "For programs.") var json = false

    func validate() throws {
        guard (1...Self.roundsMax).contains(rounds) else {
            throw ValidationError("--rounds is from 1 to \(Self.roundsMax).")
        }
    }

    func run() async throws {
        try await Exit.reporting {
            let owners = Set(try owners.map { try node.home.address($0) })
            let ledger = try await node.ledger()
            let newest = try await ledger.newestRound()
            let range = (newest > rounds ? newest - rounds + 1 : 1)..<(newest + 1)
            let statement = TradeStatement(
                hosts: owners, sessions: try await sessions(of: owners, ledger),
                claims: try await claims(of: owners, in: range, ledger))
            if json { Output.json(statement.json) } else { StandardOutput.write(statement.text(rounds: range)) }
        }
    }

    private func sessions(
        of owners: Set<Address>, _ ledger: RPCLedger
    ) async throws -> [(record: SessionRecord, members: [MemberRecord])] {
        var sessions: [(record: SessionRecord, members: [MemberRecord])] = []
        for owner in owners.sorted() {
            let ids = try await ledger.sessionIDs(of: owner)
            guard ids.isComplete else {
                throw OperatorError("\(owner.bech32) opened more sessions than one answer holds.")
            }
            for id in ids.elements {
                guard let record = try await ledger.session(id) else { continue }
                var members: [MemberRecord] = []
                for host in record.members where owners.contains(host) {
                    if let member = try await ledger.member(host, of: id) { members.append(member) }
                }
                sessions.append((record, members))
            }
        }
        return sessions
    }

    private func claims(
        of owners: Set<Address>, in rounds: Range<UInt64>, _ ledger: RPCLedger
    ) async throws -> [ClaimRecord] {
        var claims: [ClaimRecord] = []
        for owner in owners.sorted() {
            guard try await ledger.host(owner) != nil else { continue }
            for round in rounds {
                if let claim = try await ledger.claim(of: owner, in: round) { claims.append(claim) }
            }
        }
        return claims
    }
}

extension TradeStatement {
    func text(rounds: Range<UInt64>) -> String {
        let buying = Output.table(
            ["session", "model", "state", "deposit", "paid", "to own hosts", "refunded"],
            bought.map {
                [
                    "\($0.session)", $0.model, "\($0.state)", "\($0.deposit)", "\($0.paid)", "\($0.toOwnHosts)",
                    "\($0.refunded)",
                ]
            })
        let selling = Output.table(
            ["round", "host", "session", "received", "tax", "from"],
            sold.map {
                [
                    "\($0.round)", $0.host.bech32, "\($0.session)", "\($0.received)", "\($0.tax)",
                    $0.isOwn ? "own" : "others",
                ]
            })
        return """
            Bought, over the life of each session:

            \(buying)
            Sold in rounds \(rounds.lowerBound) to \(rounds.upperBound - 1):

            \(selling)
            paid                  \(paid)
              to own hosts        \(paidToOwnHosts)
            received from others  \(receivedFromOthers)
            received from own     \(receivedFromOwn)

            """
    }

    fileprivate var json: JSONValue {
        [
            "bought": .array(
                bought.map {
                    [
                        "session": .number($0.session), "model": .string($0.model), "state": .string("\($0.state)"),
                        "deposit_ngonka": .number($0.deposit.ngonka), "paid_ngonka": .number($0.paid.ngonka),
                        "to_own_hosts_ngonka": .number($0.toOwnHosts.ngonka),
                        "refunded_ngonka": .number($0.refunded.ngonka),
                    ]
                }),
            "sold": .array(
                sold.map {
                    [
                        "round": .number($0.round), "host": .string($0.host.bech32), "session": .number($0.session),
                        "received_ngonka": .number($0.received.ngonka), "tax_ngonka": .number($0.tax.ngonka),
                        "own": .boolean($0.isOwn),
                    ]
                }), "paid_ngonka": .number(paid.ngonka), "paid_to_own_hosts_ngonka": .number(paidToOwnHosts.ngonka),
            "received_from_others_ngonka": .number(receivedFromOthers.ngonka),
            "received_from_own_ngonka": .number(receivedFromOwn.ngonka),
        ]
    }
}
