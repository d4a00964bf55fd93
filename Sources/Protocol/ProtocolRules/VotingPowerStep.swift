import Primitives

/// One epoch's move from the powers that are to those that weight asks for.
extension VotingPowerRules {
    /// The most power that changes hands in one epoch: a quarter.
    static let stepMax: UInt64 = total / 4

    /// Moves each power by ⌊Δ · min(1, a quarter ÷ ΣΔ⁺)⌋; what rounding leaves over goes to the first address that has power. All
    /// the way where nobody had any; nowhere where nobody is to have any.
    ///
    /// - Parameters:
    ///   - old: in any proportions; normalised here.
    ///   - target: from `target`.
    /// - Returns: with the sum `total`, unless both are empty. At most `holdersMax`: while more than that would be left giving up
    ///   theirs, the weakest lose it at once.
    public static func step(from old: [VotingPower], to target: [VotingPower]) -> [VotingPower] {
        let (old, target) = (normalised(old), normalised(target))
        guard !target.isEmpty else { return old }
        guard !old.isEmpty else { return target }
        let moves = moves(from: old, to: target)
        let rising = moves.reduce(UInt64(0)) { $0 + ($1.to > $1.from ? $1.to - $1.from : 0) }
        let stepped = moves.map { move in
            let distance = move.to > move.from ? move.to - move.from : move.from - move.to
            let (quotient, isExact) = part(of: distance, rising: rising)
            if move.to >= move.from { return VotingPower(address: move.address, power: move.from + quotient) }
            // Rounded down, which for a fall is away from zero; never below it, as `distance` is at most `from`.
            return VotingPower(address: move.address, power: move.from - quotient - (isExact ? 0 : 1))
        }
        let holders = stepped.filter { $0.power > 0 }
        return holders.count > holdersMax ? normalised(strongest(holders, holdersMax)) : withRemainder(holders)
    }

    /// ⌊distance · min(1, a quarter ÷ rising)⌋, and whether nothing was rounded off.
    private static func part(of distance: UInt64, rising: UInt64) -> (UInt64, isExact: Bool) {
        guard rising > stepMax else { return (distance, true) }
        let (quotient, rest) = (distance * stepMax).quotientAndRemainder(dividingBy: rising)
        return (quotient, rest == 0)
    }

    /// Where each of both distributions is and is to be; both are ascending.
    private static func moves(
        from old: [VotingPower], to target: [VotingPower]
    ) -> [(address: Address, from: UInt64, to: UInt64)] {
        var moves: [(address: Address, from: UInt64, to: UInt64)] = []
        var (old, target) = (old[...], target[...])
        while let next = [old.first, target.first].compactMap({ $0?.address }).min() {
            let from = old.first?.address == next ? old.removeFirst().power : 0
            let to = target.first?.address == next ? target.removeFirst().power : 0
            moves.append((next, from, to))
        }
        return moves
    }
}
