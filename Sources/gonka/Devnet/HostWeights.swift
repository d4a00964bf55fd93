import Cryptography
import Foundation
import Messages
import Primitives

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
