import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import TestSupport
import Testing

extension SimulatedNetwork {
    /// What every adversary's test ends with: every coin is somewhere, no claim is parked, and nobody else was convicted.
    func expectNoHarm(except adversaries: Range<Int>) throws {
        try ledger.app.audit()
        for place in ledger.hosts.indices where !adversaries.contains(place) {
            #expect(try earnings(of: place).convictions == 0, "host \(place) is honest")
        }
        for host in ledger.hosts {
            for kind in RoundKind.allCases {
                #expect(try claims(of: host.address, kind).allSatisfy { $0.state != .parked })
            }
        }
    }

    /// The last host: honest in every test, with the hardware of all others.
    var honest: Earnings {
        get throws { try earnings(of: ledger.hosts.count - 1) }
    }

    /// Claims that are settled or void, by the height of their rounds' settlement, then by round: the order of judgement.
    func judged(_ place: Int) throws -> [ClaimRecord] {
        let all = try RoundKind.allCases.flatMap { try claims(of: host(place), $0) }.filter { $0.state != .committed }
        let heights = try Dictionary(
            uniqueKeysWithValues: all.map { ($0.round, try ledger.roundRecord($0.round)?.timetable.settleHeight ?? 0) })
        return all.sorted { (heights[$0.round] ?? 0, $0.round) < (heights[$1.round] ?? 0, $1.round) }
    }

    /// All samples of the entries of claims that are judged.
    func samples(of place: Int) throws -> (counted: UInt64, bad: UInt64, abandoned: UInt64) {
        try judged(place).flatMap(\.outcomes).reduce(into: (0, 0, 0)) { sums, outcome in
            sums.counted += outcome.tally.counted
            sums.bad += outcome.tally.bad
            sums.abandoned += outcome.tally.abandoned
        }
    }
}
