import Primitives
import ProtocolRules

/// What the epochs before some epoch minted, by the recurrence of protocol.md section 8 alone.
public struct EmissionRecurrence: Sendable {
    /// Where the schedule stands at the epoch.
    public let schedule: EmissionSchedule
    /// Σ R(e) over all epochs before it, at most `EmissionSchedule.cap`.
    public let minted: Amount

    /// - Parameter epoch: from 1; the computation takes a step for each.
    public init(before epoch: UInt64) {
        var schedule = EmissionSchedule()
        var minted = Amount.zero
        while schedule.epoch < epoch, let next = try? schedule.next() {
            // The cap keeps the sum within 64 bits.
            minted = (try? minted.adding(schedule.emission(after: minted))) ?? minted
            schedule = next
        }
        self.schedule = schedule
        self.minted = minted
    }

    /// What the epoch itself mints.
    public var emission: Amount { schedule.emission(after: minted) }
}
