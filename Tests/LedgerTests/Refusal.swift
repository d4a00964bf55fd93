import OrderingAPI

/// What clients decide by: codespace and code. `nil` stands for an accepted transaction.
struct Refusal: Equatable, Sendable, CustomStringConvertible {
    let codespace: String
    let code: UInt32

    init(_ codespace: String, _ code: UInt32) {
        self.codespace = codespace
        self.code = code
    }

    var description: String { "\(codespace)/\(code)" }
}

extension TransactionResult {
    var refusal: Refusal? { isAccepted ? nil : Refusal(codespace, code) }
}
