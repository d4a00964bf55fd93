/// Why a regular expression cannot be followed.
struct PatternError: Error, Equatable {
    /// One clause without a full stop.
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
