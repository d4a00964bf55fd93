import Primitives

extension Array where Element == UInt8 {
    /// Whether both hold the same bytes, in a time that depends on the lengths only: for API keys and other secrets that a
    /// remote party could otherwise guess byte by byte.
    public func equalsInConstantTime(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(self, other) { difference |= left ^ right }
        return difference == 0
    }
}
