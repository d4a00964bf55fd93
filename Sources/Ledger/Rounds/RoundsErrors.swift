import Primitives

enum RoundsRejection: RejectionReason {
    case unknownRound(UInt64)
    case outsideWindow(round: UInt64, window: ClosedRange<UInt64>, height: UInt64)
    case claimedAlready(round: UInt64)
    case invalidEntries(String)
    case sumsDiffer(String)
    case retiresBefore(round: UInt64, last: UInt64)

    static let codespace = "rounds"

    var code: UInt32 {
        switch self {
        case .unknownRound: 1
        case .outsideWindow: 2
        case .claimedAlready: 3
        case .invalidEntries: 4
        case .sumsDiffer: 5
        case .retiresBefore: 6
        }
    }

    var sentence: String {
        switch self {
        case .unknownRound(let id): "there is no round \(id)"
        case .outsideWindow(let round, let window, let height):
            "round \(round) takes claims in blocks \(window.lowerBound) to \(window.upperBound), and this is \(height)"
        case .claimedAlready(let round): "this host has claimed in round \(round) already"
        case .invalidEntries(let reason): "the claim's entries are not usable: \(reason)"
        case .sumsDiffer(let what): "the sessions do not add up to the entry: \(what)"
        case .retiresBefore(let round, let last): "this host retires after round \(last), before round \(round) settles"
        }
    }
}
