import Primitives

/// One validator's part of the power in consensus.
public struct VotingPower: Hashable, Sendable {
    public let address: Address
    public let power: UInt64

    public init(address: Address, power: UInt64) {
        self.address = address
        self.power = power
    }
}

/// How weight becomes power in consensus: slowly, and never too much of it with one host (protocol.md section 7). Results are
/// ascending by address and do not depend on the order of what is given; addresses given are different.
public enum VotingPowerRules {
    /// The sum of all powers.
    public static let total: UInt64 = 1_000_000_000
    /// The most hosts that weight makes validators.
    public static let validatorsMax = 100
    /// The most that have power in one epoch: the new ones, and those that still give theirs up.
    public static let holdersMax = 200

    /// The distribution that power moves towards: the strongest, none above its cap, normalised.
    ///
    /// - Parameter weights: min(confirmed weight now, confirmed weight before), so that a newcomer votes an epoch later.
    /// - Returns: empty where nobody has weight.
    public static func target(_ weights: [VotingPower]) -> [VotingPower] {
        normalised(capped(strongest(weights, validatorsMax)))
    }

    /// Those with the most power, ties to the lower address; without any that have none.
    static func strongest(_ powers: [VotingPower], _ count: Int) -> [VotingPower] {
        let sorted = powers.filter { $0.power > 0 }.sorted {
            $0.power != $1.power ? $0.power > $1.power : $0.address < $1.address
        }
        return Array(sorted.prefix(count))
    }

    /// Cuts the largest down until none has more than its share of what is left in all: 30 %, of three 40 %, of two 50 %.
    ///
    /// With the k largest cut to c and the others r together, c is the largest number with c ≤ share · (k·c + r): ⌊share · r ÷ (1 −
    /// k · share)⌋. The smallest k for which none of the others is above c is the one that cuts least; k = 3, of three 2, of two
    /// 1, always is.
    ///
    /// - Parameter powers: strongest first, all above 0.
    static func capped(_ powers: [VotingPower]) -> [VotingPower] {
        guard powers.count > 1 else { return powers }
        let share: UInt128 =
            switch powers.count {
            case 2: 500_000
            case 3: 400_000
            default: 300_000
            }
        let million = UInt128(WeightRules.million)
        var rest = powers.reduce(UInt128(0)) { $0 + UInt128($1.power) }
        var cut: UInt128 = 0
        for next in powers {
            let cap = share * rest / (million - cut * share)
            if UInt128(next.power) <= cap || (cut + 1) * share >= million {
                return powers.map {
                    VotingPower(address: $0.address, power: min($0.power, UInt64(clamping: cap)))
                }
            }
            cut += 1
            rest -= UInt128(next.power)
        }
        return powers
    }

    /// The same proportions with the sum `total`: each rounded down, what is left over to the first address.
    public static func normalised(_ powers: [VotingPower]) -> [VotingPower] {
        let sum = powers.reduce(UInt128(0)) { $0 + UInt128($1.power) }
        guard sum > 0 else { return [] }
        let scaled = powers.filter { $0.power > 0 }.sorted { $0.address < $1.address }.map {
            VotingPower(address: $0.address, power: UInt64(clamping: UInt128($0.power) * UInt128(total) / sum))
        }
        return withRemainder(scaled)
    }

    /// Gives the first address what is left over, so that the sum is `total`; those without power are dropped.
    ///
    /// - Parameter powers: ascending by address, at most `total` together.
    static func withRemainder(_ powers: [VotingPower]) -> [VotingPower] {
        var powers = powers
        let sum = powers.reduce(UInt64(0)) { $0 + $1.power }
        if let first = powers.first, sum < total {
            powers[0] = VotingPower(address: first.address, power: first.power + (total - sum))
        }
        return powers.filter { $0.power > 0 }
    }
}
