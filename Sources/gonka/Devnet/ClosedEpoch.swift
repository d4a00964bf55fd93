import Cryptography
import Foundation
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Statements

/// What one epoch of equal hosts came to.
struct ClosedEpoch {
    static let columns = [
        "epoch", "minted", "paid", "items a host", "off the mean weight %", "samples good", "duties done",
        "statements agree",
    ]

    /// One host's part.
    struct Share {
        let host: Address
        /// Of the sprint's claim.
        let items: UInt64
        let weight: UInt64
        let paid: Amount
    }

    let epoch: UInt64
    let emission: Amount
    let shares: [Share]
    let statements: Int
    let agreeing: Int
    private let paid: Amount
    /// Of the sprint's claims.
    private let samples: (good: UInt64, drawn: UInt64)
    private let duties: (done: UInt64, owed: UInt64)

    init(_ facts: EpochFacts, agreeing: Int) {
        epoch = facts.record.epoch
        emission = facts.record.emission
        paid = facts.record.paid
        statements = facts.hosts.count
        self.agreeing = agreeing
        shares = facts.hosts.map { host in
            Share(
                host: host.host,
                items: facts.sprintClaims[host.host]?.entries.reduce(0) { $0 + $1.count } ?? 0,
                weight: host.payout?.weight ?? 0, paid: host.payout?.paid ?? .zero)
        }
        let tallies = facts.sprintClaims.values.flatMap(\.outcomes).map(\.tally)
        samples = (tallies.reduce(0) { $0 + $1.counted - $1.bad }, tallies.reduce(0) { $0 + $1.drawn })
        duties = (facts.hosts.reduce(0) { $0 + $1.dutiesDone }, facts.hosts.reduce(0) { $0 + $1.duties })
    }

    var meanWeight: Double {
        shares.isEmpty ? 0 : shares.reduce(0) { $0 + Double($1.weight) } / Double(shares.count)
    }

    /// The largest distance of a host's weight from the mean, as a part of it.
    var off: Double {
        guard meanWeight > 0 else { return 1 }
        return shares.map { abs(Double($0.weight) - meanWeight) / meanWeight }.max() ?? 0
    }

    private var items: String {
        let (low, high) = (shares.map(\.items).min() ?? 0, shares.map(\.items).max() ?? 0)
        return low == high ? "\(low)" : "\(low) to \(high)"
    }

    var row: [String] {
        [
            "\(epoch)", emission.inGNK, paid.inGNK, items, String(format: "%.1f", off * 100),
            "\(samples.good) of \(samples.drawn)", "\(duties.done) of \(duties.owed)", "\(agreeing) of \(statements)",
        ]
    }

    /// The same for a person who watches.
    var line: String {
        "epoch \(epoch): \(items) items a host, weights within \(row[4]) % of their mean, sprint samples \(row[5]) good, "
            + "duties \(row[6]) done, statements \(row[7]) agree"
    }
}
