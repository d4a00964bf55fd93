import Messages
import Primitives

/// Keys that only this module reads.
enum ConsensusKeys {
    /// `0903`: whose power absence took in the last epoch in which it took any.
    static let absentPower = StateTable.absentPower.prefix
}
