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

    /// `0603 ‖ 0000000000000003 ‖ SHA256(address ‖ BE64 round)` → round and claimant: an order that no claimant chose.
    ///
    /// - Parameters:
    ///   - auditRound: in whose windows the claim is audited.
    ///   - round: the claim's own, which differs where it was carried.
    static func settlement(auditRound: UInt64, round: UInt64, host: Address) -> Bytes {
        StateTable.settlementQueue.key(.bigEndian(auditRound), Hash32.sha256(host.bytes + .bigEndian(round)).bytes)
    }

    /// `0606 ‖ fc7250a2…1cef ‖ 00`: the messages of rounds that the host sent without a fee.
    static func dutyQuota(host: Address) -> Bytes { StateTable.dutyQuotas.key(host.bytes, [0]) }

    /// `0606 ‖ fc7250a2…1cef ‖ 01`: the last interval in which it sent a beacon message without a fee, BE64.
    static func beaconQuota(host: Address) -> Bytes { StateTable.dutyQuotas.key(host.bytes, [1]) }

    /// `0608 ‖ 03`: the serial given last to a round of this kind.
    static func serialCounter(_ kind: RoundKind) -> Bytes {
        StateTable.roundSerials.key([UInt8(truncatingIfNeeded: kind.rawValue)])
    }

    /// `0609 ‖ 0000000000000003 ‖ fc7250a2…1cef`: where all audits of a claim start.
    static func audits(round: UInt64, claimant: Address) -> Bytes {
        StateTable.audits.key(.bigEndian(round), claimant.bytes)
    }

    /// `060a ‖ 0000000000000003 ‖ fc7250a2…1cef`: where all opened items of a claim start.
    static func openedItems(round: UInt64, claimant: Address) -> Bytes {
        StateTable.openedItems.key(.bigEndian(round), claimant.bytes)
    }

    /// `060c ‖ 0000000000000003 ‖ 0b736d6f… ‖ fc7250a2…1cef`: this host scored items of the model in round 3, and its word counted.
    static func auditor(_ auditor: Address, of model: String, in round: UInt64) -> Bytes {
        auditors(of: model, in: round) + auditor.bytes
    }

    /// `060c ‖ 0000000000000003 ‖ 0b736d6f…`: where all auditors of the model start.
    static func auditors(of model: String, in round: UInt64) -> Bytes {
        let id = Bytes(model.utf8)
        return StateTable.roundAuditors.key(.bigEndian(round), [UInt8(truncatingIfNeeded: id.count)], id)
    }

    /// The queue's value: BE64 round ‖ claimant.
    static func queued(_ round: UInt64, _ host: Address) -> Bytes { .bigEndian(round) + host.bytes }

    /// The key of the claim that an entry of the queue names.
    static func claim(of entry: StateEntry) throws(LedgerError) -> Bytes {
        guard let round = UInt64(bigEndianBytes: entry.value.prefix(8)),
            let host = Address(Bytes(entry.value.dropFirst(8)))
        else { throw .broken("the settlement at \(Hex.encode(entry.key)) is damaged") }
        return StateKey.claim(round: round, host: host)
    }
}
