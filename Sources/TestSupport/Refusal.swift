import OrderingAPI

/// What clients decide by: codespace and code. `nil` stands for an accepted transaction.
public struct Refusal: Equatable, Sendable, CustomStringConvertible {
    public let codespace: String
    public let code: UInt32

    public init(_ codespace: String, _ code: UInt32) {
        self.codespace = codespace
        self.code = code
    }

    public var description: String { "\(codespace)/\(code)" }
}

extension TransactionResult {
    public var refusal: Refusal? { isAccepted ? nil : Refusal(codespace, code) }
}
