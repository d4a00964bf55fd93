import Messages
import OrderingAPI
import Primitives
import StateStore

extension LedgerApp {
    /// Recounts all that blocks keep up to date step by step (supply, bonds, deposits, claims, indexes, timers) from the
    /// records of the committed state. Takes time in proportion to the state.
    ///
    /// - Throws: what does not add up; the state can then not be trusted.
    public func audit() throws(ApplicationFailure) {
        do throws(LedgerError) {
            try LedgerAudit.run(
                in: .next(over: state, height: state.height, hash: .zero, parentHash: .zero))
        } catch {
            throw ApplicationFailure("height \(state.height): \(error.sentence)")
        }
    }
}

enum LedgerAudit {
    static func run(in context: ExecutionContext) throws(LedgerError) {
        try BankInvariants.checkSupply(context.supply)
        try BankInvariants.recount(in: context)
        try HostsInvariants.recount(in: context)
        try EconomyInvariants.recount(in: context)
        try ConsensusInvariants.recount(in: context)
        try RoundsInvariants.recount(in: context)
        try SessionsInvariants.recount(in: context)
        try PaymentInvariants.recount(in: context)
        for table in StateTable.allCases {
            try context.forEachEntry(in: table) { (entry) throws(LedgerError) in
                guard !entry.value.isEmpty else { throw .broken("the record at \(Hex.encode(entry.key)) is empty") }
            }
        }
    }
}
