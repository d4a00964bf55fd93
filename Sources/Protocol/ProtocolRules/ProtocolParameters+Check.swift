import Primitives

/// Why a set of parameters is refused.
public enum ParameterError: Error, Equatable, Sendable {
    case outOfBounds(name: String, field: UInt32, value: UInt64, bounds: ClosedRange<UInt64>)
    /// Each of the two is within its bounds, but not beside the other.
    case inconsistent(name: String, field: UInt32, with: String)

    /// The parameter to blame, by its field number.
    public var field: UInt32 {
        switch self {
        case .outOfBounds(_, let field, _, _), .inconsistent(_, let field, _): field
        }
    }
}

extension ProtocolParameters {
    /// Checks each parameter against its bounds, and those that must fit one another. Throws the first that is wrong.
    public func check() throws(ParameterError) {
        for parameter in ProtocolParameter.all {
            let value = self[keyPath: parameter.keyPath]
            guard parameter.bounds.contains(value) else {
                throw .outOfBounds(
                    name: parameter.name, field: parameter.field, value: value, bounds: parameter.bounds)
            }
        }
        try check(2, chain.epochBlocks % chain.beaconIntervalBlocks == 0, fits: 3)
        try check(5, sprintBlocksMax <= chain.epochBlocks, fits: 2)
        try check(21, sessions.groupSizeDefault <= sessions.groupSizeMax, fits: 22)
        try check(23, sessions.expiryEpochs <= sessions.expiryEpochsMax, fits: 24)
        try check(30, economy.priceMin <= economy.priceMax, fits: 31)
    }

    /// The longest that a sprint can take up to its first settling block, that one included: the next epoch starts from
    /// what the sprint proved. Bounds have been checked, so nothing overflows.
    private var sprintBlocksMax: UInt64 {
        let drawMax = 2 * chain.beaconIntervalBlocks - 1
        let audit = drawMax + rounds.auditBlocks + rounds.openBlocks
        let appeal = drawMax + rounds.appealBlocks + rounds.appealOpenBlocks
        return rounds.sprintWorkBlocks + rounds.commitBlocks + audit + appeal + 1
    }

    private func check(_ field: UInt32, _ holds: Bool, fits other: UInt32) throws(ParameterError) {
        if holds { return }
        func name(_ field: UInt32) -> String { ProtocolParameter.all.first { $0.field == field }?.name ?? "" }
        throw .inconsistent(name: name(field), field: field, with: name(other))
    }
}
