import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Keys that only this module reads.
enum RoundsKeys {
    /// `0605`: the id given last.
    static let counter = StateTable.roundCounter.prefix

    /// `0604 ‖ 0000000000000034 ‖ 0000000000000003`: round 3, which settles from block 52 on, is not settled yet.
    static func unsettled(_ round: RoundRecord) -> Bytes {
        StateTable.unsettledRounds.key(.bigEndian(round.timetable.settleHeight), .bigEndian(round.id))
    }

    /// `0603 ‖ 0000000000000003 ‖ SHA256(address ‖ BE64 round)` → the claimant: an order that no claimant chose.
    static func settlement(round: UInt64, host: Address) -> Bytes {
        StateTable.settlementQueue.key(.bigEndian(round), Hash32.sha256(host.bytes + .bigEndian(round)).bytes)
    }

    /// `0606 ‖ fc7250a2…1cef ‖ 03`: the last round of this kind in which the host sent a claim without a fee.
    static func dutyQuota(host: Address, kind: RoundKind) -> Bytes {
        StateTable.dutyQuotas.key(host.bytes, [UInt8(truncatingIfNeeded: kind.rawValue)])
    }

    static func claimant(of entry: StateEntry) throws(LedgerError) -> Address {
        guard let address = Address(entry.value) else {
            throw .broken("the settlement at \(Hex.encode(entry.key)) is damaged")
        }
        return address
    }
}
