import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore

/// Who is absent from half of 200 blocks has no power until it asks for it: consensus needs two thirds of what there is.
///
/// Only an absence is written down, and only who is absent from a block is judged in it: a validator that signs costs neither a read
/// nor a write. Power that is withheld stays beside the host's name and moves as all power does where an epoch ends, so the host
/// has back what is then left of it.
enum Absences {
    /// Counts who did not sign the block before, and takes the power of those for whom it was once too often.
    ///
    /// A vote of whoever has no power in the state counts for nothing: consensus hears of a change two blocks late.
    static func note(_ votes: [CommitVote], in context: inout ExecutionContext) throws(LedgerError) {
        var candidates: [ValidatorRecord] = []
        for vote in votes where !vote.isPresent {
            guard let address = Address(vote.validator),
                let owner = try HostsReads.consensusKey(address, in: context), owner.untilHeight == 0,
                let validator = try context.read(ValidatorRecord.self, at: StateKey.validator(owner.host)),
                validator.power > 0
            else { continue }
            if try count(owner.host, in: &context) >= AbsenceRules.absencesMax { candidates.append(validator) }
        }
        if !candidates.isEmpty { try withhold(candidates, in: &context) }
    }

    /// - Returns: the host's absences from the blocks of the window.
    private static func count(_ host: Address, in context: inout ExecutionContext) throws(LedgerError) -> Int {
        let key = StateKey.absence(host)
        var window = AbsenceWindow()
        if let record = try context.read(AbsenceRecord.self, at: key) {
            guard let known = record.window else { throw .broken("the absences of \(host.bech32) are damaged") }
            window = known
        }
        window.note(absenceAt: context.block.height)
        context.write(AbsenceRecord(host: host, window: window), at: key)
        return window.absences
    }

    /// Takes the power of as many as the epoch's bound allows, strongest first; the others are looked at again when they are
    /// absent again. A host counts against the bound once an epoch, whether or not it has come back since.
    private static func withhold(
        _ candidates: [ValidatorRecord], in context: inout ExecutionContext
    ) throws(LedgerError) {
        var removals = try removals(in: context)
        let before = removals
        let powers = try ConsensusReads.powers(in: context)
        let whole = powers.reduce(UInt64(0)) { sum, record in
            sum.addingClamped(record.power)
                .addingClamped(removals.hosts.contains(record.host) ? record.withheld : 0)
        }
        var voting = powers.count { $0.power > 0 }
        for candidate in candidates.strongestFirst where voting > 1 {
            if !removals.hosts.contains(candidate.host) {
                guard AbsenceRules.mayRemove(candidate.power, beside: removals.sum, of: whole) else { continue }
                removals.hosts.append(candidate.host)
                removals.powers.append(candidate.power)
            }
            withhold(candidate, in: &context)
            voting -= 1
        }
        if removals != before { context.write(removals, at: ConsensusKeys.absentPower) }
    }

    private static func withhold(_ validator: ValidatorRecord, in context: inout ExecutionContext) {
        context.write(
            ValidatorRecord(host: validator.host, power: 0, withheld: validator.power),
            at: StateKey.validator(validator.host))
        // The window begins anew when it is back.
        context.write(
            AbsenceRecord(host: validator.host, awaySince: context.block.height),
            at: StateKey.absence(validator.host))
        context.emit("host_absent", ("host", validator.host.bech32), ("power", "\(validator.power)"))
    }

    /// Whose power absence took in the epoch that runs.
    private static func removals(in context: ExecutionContext) throws(LedgerError) -> AbsentPowerRecord {
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
        guard let last = try context.read(AbsentPowerRecord.self, at: ConsensusKeys.absentPower), last.epoch == epoch
        else { return AbsentPowerRecord(epoch: epoch) }
        return last
    }

    /// Who was away long enough has again, at once, what is left of its power.
    static func ask(for host: Address, in context: inout ExecutionContext) throws(LedgerError) {
        let since = try ConsensusReads.awaySince(host, in: context)
        guard since > 0, context.block.height >= since.addingClamped(AbsenceRules.returnBlocks) else { return }
        try giveBack(to: host, in: &context)
    }

    /// Gives back whatever is withheld, because nobody else is left.
    static func giveBackAll(in context: inout ExecutionContext) throws(LedgerError) {
        for record in try ConsensusReads.powers(in: context) where record.withheld > 0 {
            try giveBack(to: record.host, in: &context)
        }
    }

    static func giveBack(to host: Address, in context: inout ExecutionContext) throws(LedgerError) {
        guard try ConsensusReads.awaySince(host, in: context) > 0 else { return }
        context.state.delete(StateKey.absence(host))
        var power: UInt64 = 0
        if let record = try context.read(ValidatorRecord.self, at: StateKey.validator(host)) {
            power = record.power.addingClamped(record.withheld)
            context.write(ValidatorRecord(host: host, power: power), at: StateKey.validator(host))
        }
        context.emit("host_returned", ("host", host.bech32), ("power", "\(power)"))
    }
}

extension AbsentPowerRecord {
    /// Nil where nobody's power was taken.
    fileprivate var sum: UInt64? { hosts.isEmpty ? nil : powers.reduce(0) { $0.addingClamped($1) } }
}
