import Logging
import Messages

/// A duty message that is to be sent now.
struct DutyOffer: Sendable {
    let duty: DutySender.Duty
    let message: any LedgerMessage
    /// The last height of a block that takes it: what ends first goes first.
    let last: UInt64
    /// What the log says about it.
    let figures: Logger.Metadata
}
