import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore

/// What consensus tells the ledger, and what the ledger tells consensus. Read this first.
///
/// A block tells who was absent from the one before (`Absences`) and what was proven against validators (`DoubleSigning`); its
/// result tells whose power has changed. Powers themselves are made elsewhere: by weight, where an epoch ends (`EpochPowers`).
///
/// The state holds what consensus was told last, so that updates follow from the state alone, whatever moved powers, keys or hosts in
/// a block. Where one node orders the blocks, it tells of nobody and ignores the updates.
enum ConsensusModule {
    /// Takes in what validators did. After an epoch is closed, so that a conviction takes of the new weights and powers; before
    /// anything else, so that draws and transactions of this block see what it left.
    static func beginBlock(_ news: ConsensusNews, in context: inout ExecutionContext) throws(LedgerError) {
        for misbehavior in news.misbehavior {
            try context.contain("misbehavior at height \(misbehavior.height)") { (context) throws(LedgerError) in
                try DoubleSigning.punish(misbehavior, in: &context)
            }
        }
        guard news.votes.contains(where: { !$0.isPresent }) else { return }
        try context.contain("absences") { (context) throws(LedgerError) in
            try Absences.note(news.votes, in: &context)
        }
    }

    /// Compares the powers that are with those that consensus was told, and notes the new ones as told: the last step of a block, and
    /// of genesis.
    ///
    /// Where nobody has power, those from whom absence withheld some have it again. Where there is none of them either, consensus is told
    /// nothing: whoever it knows goes on signing, until somebody else has power.
    ///
    /// - Returns: what changed, ascending by key, each key once.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) -> [ValidatorUpdate] {
        let told = try ConsensusReads.told(in: context)
        var due = try ConsensusReads.due(in: context)
        if due.isEmpty {
            try Absences.giveBackAll(in: &context)
            due = try ConsensusReads.due(in: context)
        }
        guard !due.isEmpty, due != told else { return [] }
        let kept = Set(due.map(\.publicKey))
        let gone = told.filter { !kept.contains($0.publicKey) }
        for update in gone { context.state.delete(StateKey.consensusValidator(update.publicKey)) }
        let known = Set(told)
        let new = due.filter { !known.contains($0) }
        for update in new {
            context.state.write(.bigEndian(update.power), for: StateKey.consensusValidator(update.publicKey))
        }
        let updates = new + gone.map { ValidatorUpdate(publicKey: $0.publicKey, power: 0) }
        return updates.sorted { $0.publicKey.lexicographicallyPrecedes($1.publicKey) }
    }

    /// Whom consensus was told of last, ascending by key: after genesis, who makes the first block.
    static func validators(of state: StoredState) throws(LedgerError) -> [ValidatorUpdate] {
        let context = try ExecutionContext.next(over: state, height: state.height, hash: .zero, parentHash: .zero)
        return try ConsensusReads.told(in: context)
    }
}
