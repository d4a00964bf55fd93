import OpenAIWire
import Primitives

/// What a host sells to others of what its owner does not need: the owner's own sessions always get in, others while enough places
/// are free and within the hours.
///
/// A refusal is one for load. Witnesses may see it, and it counts as a miss of a host that claimed less than half of its proven rate
/// in the round (protocol.md section 6): what is kept free is better left unproven as well.
public struct SellingTerms: Equatable, Sendable {
    /// Hours of the day in UTC, from the first to before the second; over midnight where the second is the smaller one.
    public struct Hours: Equatable, Sendable {
        public let from: Int
        public let until: Int

        /// nil unless both are from 0 to 24 and differ.
        public init?(from: Int, until: Int) {
            guard (0...24).contains(from), (0...24).contains(until), from != until else { return nil }
            (self.from, self.until) = (from, until)
        }

        /// - Parameter seconds: since 1970-01-01 UTC.
        func contain(_ seconds: UInt64) -> Bool {
            let hour = Int(seconds / 3_600 % 24)
            return from < until ? (from..<until).contains(hour) : hour >= from || hour < until
        }
    }

    /// Payers whose sessions are the owner's.
    public var owners: Set<Address> = []
    /// Of the places of the engine, in hundredths, rounded up: others are refused where fewer would be left. 0 keeps none, and
    /// others may wait for the engine as the owner's may.
    public var keptFreePercent = 0
    /// nil for all day.
    public var hours: Hours?

    public init() {}

    /// Requests that may be open, this one included, when one of `payer` comes; nil for as many as the host takes.
    func activeMax(payer: Address, places: Int, at seconds: UInt64) -> Int? {
        if owners.contains(payer) { return nil }
        if let hours, !hours.contain(seconds) { return 0 }
        guard keptFreePercent > 0 else { return nil }
        let kept = (places * min(keptFreePercent, 100) + 99) / 100
        return max(0, places - kept)
    }
}
