extension UInt64 {
    /// The sum, or the largest number where it is larger: for sums of what others claim or weigh, which nobody
    /// can be refused for.
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    mutating func addClamped(_ other: UInt64) { self = addingClamped(other) }
}
