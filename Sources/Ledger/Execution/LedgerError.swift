import Primitives

/// Why the ledger did not do what it was asked.
enum LedgerError: Error, Equatable {
    /// The transaction (or one settlement) is refused and its scope rolled back; blocks go on.
    case rejected(Rejection)
    /// The ledger contradicts itself. The node stops with this sentence rather than sign something wrong.
    case broken(String)
}

/// A refusal with a stable code: clients decide by `codespace` and `code`, people read `sentence`.
struct Rejection: Error, Equatable {
    let codespace: String
    let code: UInt32
    let sentence: String
}

/// The reasons of one module. Codes are never renumbered and never reused.
protocol RejectionReason: Sendable {
    static var codespace: String { get }
    var code: UInt32 { get }
    /// One sentence, with both values where two disagree.
    var sentence: String { get }
}

extension RejectionReason {
    /// The reason, ready to throw from a handler.
    var error: LedgerError {
        .rejected(Rejection(codespace: Self.codespace, code: code, sentence: sentence))
    }
}

/// Reasons that belong to no module.
enum CommonRejection: RejectionReason {
    case arithmetic(ArithmeticError)
    /// The node cannot answer: it has no genesis yet, or a broken state.
    case unavailable(String)

    static let codespace = "ledger"

    var code: UInt32 {
        switch self {
        case .arithmetic: 1
        case .unavailable: 2
        }
    }

    var sentence: String {
        switch self {
        case .arithmetic(let error): "the amounts do not fit: \(error)"
        case .unavailable(let reason): "the ledger is not available: \(reason)"
        }
    }
}

/// Runs checked arithmetic; an overflow refuses the transaction.
func checked<Value>(_ body: () throws(ArithmeticError) -> Value) throws(LedgerError) -> Value {
    do { return try body() } catch { throw CommonRejection.arithmetic(error).error }
}
