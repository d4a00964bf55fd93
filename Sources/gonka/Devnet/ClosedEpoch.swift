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

/// What all epochs came to for each host.
struct HostWeights {
    private let closed: [ClosedEpoch]
    private let hosts: [Address]

    init(_ closed: [ClosedEpoch]) {
        self.closed = closed
        hosts = Set(closed.flatMap(\.shares).map(\.host)).sorted()
    }

    private func shares(of host: Address) -> [ClosedEpoch.Share] {
        closed.flatMap(\.shares).filter { $0.host == host }
    }

    private func mean(of host: Address) -> Double {
        closed.isEmpty ? 0 : shares(of: host).reduce(0) { $0 + Double($1.weight) } / Double(closed.count)
    }

    private var meanOfAll: Double {
        hosts.isEmpty ? 0 : hosts.reduce(0) { $0 + mean(of: $1) } / Double(hosts.count)
    }

    var itemsMin: UInt64 { closed.flatMap(\.shares).map(\.items).min() ?? 0 }

    var itemsMax: UInt64 { closed.flatMap(\.shares).map(\.items).max() ?? 0 }

    /// The largest distance of a host's mean weight from the mean of all, as a part of it.
    var meanOff: Double {
        let all = meanOfAll
        guard all > 0 else { return 1 }
        return hosts.map { abs(mean(of: $0) - all) / all }.max() ?? 0
    }

    var epochOff: Double { closed.map(\.off).max() ?? 0 }

    func rows(_ names: [Address: String]) -> [[String]] {
        hosts.map { host in
            let shares = shares(of: host)
            let items = Double(shares.reduce(0) { $0 + $1.items }) / Double(max(1, closed.count))
            let paid = shares.reduce(Amount.zero) { (try? $0.adding($1.paid)) ?? $0 }
            return [
                names[host] ?? host.bech32, String(format: "%.1f", items), String(format: "%.0f", mean(of: host)),
                String(format: "%.1f", meanOfAll > 0 ? 100 * mean(of: host) / meanOfAll : 0), paid.inGNK,
            ]
        }
    }
}

/// The samples of all settled claims of all kinds of rounds, each counted once.
struct SampleCounts {
    private let ledger: RPCLedger
    /// Rounds that have not settled yet.
    private var pending: [UInt64] = []
    /// The id of the newest round that was looked at.
    private var newest: UInt64 = 0
    private(set) var rounds = 0
    private(set) var counted: UInt64 = 0
    private(set) var bad: UInt64 = 0
    private(set) var notScored: UInt64 = 0

    init(ledger: RPCLedger) { self.ledger = ledger }

    /// Adds what was settled since the last call.
    mutating func follow() async throws {
        let last = try await ledger.newestRound()
        if last > newest { pending += (newest + 1)...last }
        newest = last
        var left: [UInt64] = []
        for id in pending {
            guard let round = try await ledger.round(id) else { continue }
            guard round.isSettled else {
                left.append(id)
                continue
            }
            rounds += 1
            for tally in try await ledger.claims(in: id).elements.flatMap(\.outcomes).map(\.tally) {
                counted += tally.counted
                bad += tally.bad
                notScored += tally.drawn - min(tally.drawn, tally.counted)
            }
        }
        pending = left
    }
}

/// What the first epochs mint by the recurrence of protocol.md section 8.
struct EmissionSum {
    private(set) var total = Amount.zero

    init(epochs: UInt64) {
        var schedule = EmissionSchedule()
        while schedule.epoch <= epochs {
            total = (try? total.adding(schedule.emission(after: total))) ?? total
            guard let next = try? schedule.next() else { return }
            schedule = next
        }
    }
}
