/// What came of a first token that was late.
enum HedgeEnd: String, CaseIterable, Sendable {
    /// The second host was faster.
    case won
    /// The first host was faster after all, or neither answered.
    case lost
    /// Nobody else could be asked.
    case nobody
    /// The budget was used up.
    case budget
}
