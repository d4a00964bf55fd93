import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

enum ConsensusInvariants {
    /// Recounts powers and absences, and holds them against what consensus was told; tests and audits use it, a block does not.
    static func recount(in context: ExecutionContext) throws(LedgerError) {
        try recountPowers(in: context)
        try recountAbsences(in: context)
        try compareWithTold(in: context)
    }

    /// Only active hosts vote, together they have no more than the whole, and only who is away has power withheld.
    private static func recountPowers(in context: ExecutionContext) throws(LedgerError) {
        var sum = UInt128(0)
        try context.forEach(ValidatorRecord.self, in: .validators) { (validator) throws(LedgerError) in
            sum += UInt128(validator.power) + UInt128(validator.withheld)
            guard try HostsReads.host(validator.host, in: context)?.state == .active else {
                throw .broken("\(validator.host.bech32) has power, and is no active host")
            }
            let isAway = try ConsensusReads.isAway(validator.host, in: context)
            guard isAway ? validator.power == 0 : validator.withheld == 0 else {
                throw .broken("\(validator.host.bech32) has power withheld that it has, or has what is withheld")
            }
        }
        guard sum <= UInt128(VotingPowerRules.total) else { throw .broken("the powers add up to \(sum)") }
    }

    private static func recountAbsences(in context: ExecutionContext) throws(LedgerError) {
        try context.forEach(AbsenceRecord.self, in: .absences) { (record) throws(LedgerError) in
            guard try HostsReads.host(record.host, in: context)?.state == .active, let window = record.window,
                (window.absences == 0) == (record.awaySince > 0)
            else { throw .broken("the absences of \(record.host.bech32) are damaged") }
        }
        guard let removals = try context.read(AbsentPowerRecord.self, at: ConsensusKeys.absentPower) else { return }
        guard removals.hosts.count == removals.powers.count, Set(removals.hosts).count == removals.hosts.count else {
            throw .broken("the power that absence took in epoch \(removals.epoch) is damaged")
        }
    }

    /// What consensus was told is what hosts with power have, unless there are none.
    private static func compareWithTold(in context: ExecutionContext) throws(LedgerError) {
        let due = try ConsensusReads.due(in: context)
        let told = try ConsensusReads.told(in: context)
        guard due.isEmpty || due == told else {
            throw .broken("consensus was told of other powers than hosts have")
        }
    }
}
