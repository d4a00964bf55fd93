import ArgumentParser
import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import WireFormat

/// What audits cost: tokens that are scored again, and bytes of the ledger.
struct CostFigures: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract: "Audited over served tokens by requests a round, and ledger bytes a host and epoch.")

    @Option(help: "What everything follows from.") var seed: UInt64 = 1

    private static let requests = [100, 1_000, 10_000, 100_000]
    private static let hosts = 10

    func run() throws {
        Heading.show("A serving round of \(Self.hosts) equal hosts, 30 prompt and 16 to 256 output tokens a request.")
        print("Tokens that auditors score again, by requests that each host answers in a round:\n")
        print(
            table(
                ["requests", "samples", "served tokens", "scored again", "share %"], try Self.requests.map(auditShare)))
        try bytes()
    }

    /// One host's claim: what its samples fall on is drawn as the ledger draws it.
    private func auditShare(_ requests: Int) throws -> [String] {
        var numbers = SplitMix64(seed: seed)
        let host = TestHost("0").address
        let items = (1...UInt64(requests)).map { number in
            let tokens = 16 + numbers.next() % 241
            return SimulatedItem.serving(
                session: 1, number: number, fee: Amount(30_000 + 1_000 * tokens), host: host, model: "model",
                tokens: tokens)
        }
        let entry = try SimulatedEntry(items)
        let sums = entry.tree.sums
        let total = ItemSums(
            fee: Amount(sums.fee.ngonka * UInt64(Self.hosts)), tokens: sums.tokens * UInt64(Self.hosts))
        let audit = EntryAudit(
            ClaimEntryReference(round: 1, claimant: host, model: "model"), sums: sums, total: total,
            count: UInt64(requests), dustTokens: 0, terms: RoundTerms(of: .serving, ProtocolParameters.network.rounds),
            seed: .sha256(.bigEndian(seed)))
        let scored = (0..<audit.sampleCount).reduce(UInt64(0)) { sum, number in
            guard let item = entry.item(at: audit.point(number), by: audit.measure)?.item else { return sum }
            return sum + item.promptTokens + item.outputTokens
        }
        let served = items.reduce(UInt64(0)) { $0 + $1.item.promptTokens + $1.item.outputTokens }
        return [
            "\(requests)", "\(audit.sampleCount)", "\(served)", "\(scored)",
            (100 * Double(scored) / Double(served)).text(3),
        ]
    }

    /// Runs a network with a network's sample numbers for some epochs and counts what its hosts' duties take.
    private func bytes() throws {
        let network = try SimulatedNetwork(hostCount: 20) { parameters in
            parameters.rounds.samplesPerPercent = 0
            parameters.rounds.servingWorkBlocks = 10
            parameters.rounds.confirmationsPerEpoch = 2
        }
        var bytes: [String: (count: Int, bytes: Int)] = [:]
        let epochs: UInt64 = 5
        try network.run(epochs: epochs)
        for block in network.ledger.blocks {
            for transaction in block.transactions {
                guard let raw = try? TransactionRaw.decode(transaction),
                    let body = try? TransactionBody.decode(raw.bodyBytes), let message = body.messages.first
                else { continue }
                bytes[message.typeURL, default: (0, 0)].count += 1
                bytes[message.typeURL, default: (0, 0)].bytes += transaction.count
            }
        }
        let share = Double(network.ledger.hosts.count) * Double(epochs)
        let duties = bytes.filter { network.ledger.isDuty($0.key) }.sorted { $0.key < $1.key }
        let rows = duties.map { name, sum in
            [name, (Double(sum.count) / share).text(1), (Double(sum.bytes) / share).text(0)]
        }
        let total = duties.reduce(0) { $0 + $1.value.bytes }
        print(
            "Transactions of a host in an epoch of a sprint, some confirmations and four serving rounds of one session:\n"
        )
        print(table(["message", "a host and epoch", "bytes"], rows + [["all", "", (Double(total) / share).text(0)]]))
        print("protocol.md section 11 reckons 45 kB with five sessions and two confirmations.")
    }
}

extension TestLedger {
    /// Whether a message is one of hosts' duties.
    fileprivate func isDuty(_ typeURL: String) -> Bool {
        [
            MsgCommitClaim.typeURL, MsgCommitAudit.typeURL, MsgOpenAudit.typeURL, MsgOpenItems.typeURL,
            MsgBeacon.typeURL,
        ].contains(typeURL)
    }
}
