import Cryptography
import Primitives

enum EconomyRejection: RejectionReason {
    case nothingMoves
    case collateralTooSmall(has: Amount, asked: Amount)
    case invalidEvidence(String)
    case reportedAlready
    case tooLate(String)
    case wasBusy(served: UInt64, proven: UInt64)
    case blockIsFull

    static let codespace = "economy"

    var code: UInt32 {
        switch self {
        case .nothingMoves: 1
        case .collateralTooSmall: 2
        case .invalidEvidence: 3
        case .reportedAlready: 4
        case .tooLate: 5
        case .wasBusy: 6
        case .blockIsFull: 7
        }
    }

    var sentence: String {
        switch self {
        case .nothingMoves: "the amount must be above zero"
        case .collateralTooSmall(let has, let asked): "the collateral is \(has), less than the \(asked) asked for"
        case .invalidEvidence(let reason): "the evidence shows nothing: \(reason)"
        case .reportedAlready: "this was reported before, and counts once"
        case .tooLate(let reason): "it cannot be reported now: \(reason)"
        case .wasBusy(let served, let proven):
            "the host claimed \(served) tokens of \(proven) that it proved for this round, and may refuse above half"
        case .blockIsFull: "this block takes no more reports; send it again"
        }
    }
}
