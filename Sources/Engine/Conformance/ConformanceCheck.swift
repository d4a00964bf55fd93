/// What an engine of this network must do (docs/mlnode.md says how each is checked).
public enum ConformanceCheck: String, CaseIterable, Sendable {
    case vocabulary, prompt, text, length, greedy, seed
    case seedBinding = "seed_binding"
    case fingerprint
    case sampling
    case forgery
    case candidates
    case designated
    case continuation, constraints
    case refusals
    case parallel
    case cancellation
    case reference
}

/// What came of one check.
public struct ConformanceReport: Sendable, Equatable {
    public enum Outcome: String, Sendable {
        case passed, failed, skipped
    }

    public let check: ConformanceCheck
    public let outcome: Outcome
    /// What was found, in a few words.
    public let detail: String

    public init(_ check: ConformanceCheck, _ outcome: Outcome, _ detail: String) {
        self.check = check
        self.outcome = outcome
        self.detail = detail
    }
}

/// Why a check does not hold.
struct Nonconformity: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
