import Primitives

/// Codespace `sdk`: wallets know these numbers from every Cosmos chain.
enum BankRejection: RejectionReason {
    case insufficientFunds(has: Amount, needs: Amount)
    case invalidCoins(String)

    static let codespace = "sdk"

    var code: UInt32 {
        switch self {
        case .insufficientFunds: 5
        case .invalidCoins: 10
        }
    }

    var sentence: String {
        switch self {
        case .insufficientFunds(let has, let needs): "insufficient funds: \(has) is smaller than \(needs)"
        case .invalidCoins(let reason): "invalid coins: \(reason)"
        }
    }
}
