import Cryptography
import Primitives

/// Whose signed requests a gateway answers and pays for.
public struct SignedRequests: Equatable, Sendable {
    public enum Mode: String, CaseIterable, Sendable {
        /// Nobody's.
        case off
        /// Those of the addresses in the file of API keys, each on its own terms.
        case listed
        /// Everybody's: for trial networks, whose coins are worth nothing.
        case any
    }

    public var mode: Mode
    /// The address that requests must be signed for; nil for the payer's.
    public var transferAgent: Address?
    /// What an address that is not listed may spend on one day (UTC), with `.any`.
    public var dayBudget: Amount

    public init(
        mode: Mode = .listed, transferAgent: Address? = nil, dayBudget: Amount = SignedRequests.dayBudgetDefault
    ) {
        self.mode = mode
        self.transferAgent = transferAgent
        self.dayBudget = dayBudget
    }

    /// 1 GNK.
    public static let dayBudgetDefault = Amount(Amount.ngonkaPerGNK)
}
