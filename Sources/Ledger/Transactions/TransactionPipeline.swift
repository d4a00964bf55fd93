import Cryptography
import Messages
import OrderingAPI
import Primitives
import ProtocolRules

/// One transaction, from bytes to result. Read this to follow a transaction through the ledger.
///
/// What is admitted pays: the fee is burned and the sequence used even where a message then fails, so that failing costs the
/// sender and not the network. What is not admitted leaves no trace.
struct TransactionPipeline {
    let chainID: String
    let verified: VerifiedTransactions

    /// Executes a transaction of a block.
    func execute(_ bytes: Bytes, in context: inout ExecutionContext) throws(LedgerError) -> TransactionResult {
        var result = ResultBuilder(bytes)
        do {
            let hash = Hash32.sha256(bytes)
            let transaction = try context.scope { (context) throws(LedgerError) in
                try admit(bytes, hash, in: &context, noting: &result)
            }.decoded
            let eventsBefore = context.events.count
            context.checkedVouchers = verified.vouchers(of: hash) ?? []
            defer {
                context.events.removeSubrange(eventsBefore...)
                context.checkedVouchers = []
            }
            try context.scope { (context) throws(LedgerError) in
                for message in transaction.messages {
                    try Permissions.check(message, in: context)
                    try message.apply(in: &context)
                }
            }
            return result.accepted(events: Array(context.events[eventsBefore...]))
        } catch .rejected(let rejection) {
            return result.rejected(rejection)
        }
    }

    /// Admits a transaction to the mempool: everything but running its messages, and the dear part of a claim. Only what is
    /// admitted is remembered, so that memory costs a fee.
    func check(_ bytes: Bytes, in context: inout ExecutionContext) throws(LedgerError) -> TransactionResult {
        var result = ResultBuilder(bytes)
        do {
            let hash = Hash32.sha256(bytes)
            let transaction = try context.scope { (context) throws(LedgerError) in
                try admit(bytes, hash, in: &context, noting: &result)
            }
            let vouchers =
                if let remembered = verified.vouchers(of: hash) { remembered } else {
                    try checkVouchers(of: transaction.decoded, in: context)
                }
            verified.insert(transaction, vouchers: vouchers)
            return result.waiting()
        } catch .rejected(let rejection) {
            return result.rejected(rejection)
        }
    }

    /// Only of a claim by its host's operator that is alone in its transaction, as the one is that a host sends each round:
    /// others are refused before their vouchers matter, or are rare.
    private func checkVouchers(
        of transaction: DecodedTransaction, in context: ExecutionContext
    ) throws(LedgerError) -> Set<Hash32> {
        guard transaction.messages.count == 1, case .commitClaim(let claim) = transaction.messages[0],
            try HostsReads.isOperator(transaction.signer, of: claim.host, in: context)
        else { return [] }
        return try SessionClaims.checkVouchers(of: claim, in: context)
    }

    /// Reads, authenticates, takes the fee and uses the sequence.
    private func admit(
        _ bytes: Bytes, _ hash: Hash32, in context: inout ExecutionContext, noting result: inout ResultBuilder
    ) throws(LedgerError) -> VerifiedTransaction {
        let known = verified[hash]
        let transaction = if let known { known.decoded } else { try DecodedTransaction(bytes) }
        result.note(transaction)
        let timeout = transaction.timeoutHeight
        guard timeout == 0 || timeout >= context.block.height else {
            throw TransactionRejection.timeoutHeightPassed(timeout: timeout, height: context.block.height).error
        }
        guard var account = try context.read(AccountRecord.self, at: StateKey.account(transaction.signer)) else {
            throw TransactionRejection.unknownAccount(transaction.signer).error
        }
        guard transaction.sequence == account.sequence else {
            throw TransactionRejection.wrongSequence(expected: account.sequence, signed: transaction.sequence).error
        }
        let authentic = try verify(transaction, hash, of: account, known: known)
        result.note(try TransactionFees.take(from: &account, for: transaction, in: &context))
        account.sequence = try checked { () throws(ArithmeticError) in try account.sequence.adding(1) }
        account.publicKey = authentic.publicKey
        BankWrites.put(account, at: transaction.signer, in: &context)
        return authentic
    }

    /// What was verified before holds for this account number alone; numbers are given once.
    private func verify(
        _ transaction: DecodedTransaction, _ hash: Hash32, of account: AccountRecord, known: VerifiedTransaction?
    ) throws(LedgerError) -> VerifiedTransaction {
        if let known, known.accountNumber == account.number { return known }
        return try VerifiedTransaction(
            transaction, hash: hash, known: account.publicKey, accountNumber: account.number, chainID: chainID)
    }
}

/// Collects what a result says, step by step.
private struct ResultBuilder {
    private let size: Int
    private var gasWanted: UInt64 = 0
    private var sender: Bytes = []
    private var sequence: UInt64 = 0
    private var lane = TransactionLane.ordinary

    init(_ bytes: Bytes) { size = bytes.count }

    mutating func note(_ transaction: DecodedTransaction) {
        gasWanted = transaction.gasLimit
        sender = transaction.signer.bytes
        sequence = transaction.sequence
    }

    mutating func note(_ lane: TransactionLane) { self.lane = lane }

    /// It may wait for a block.
    func waiting() -> TransactionResult {
        TransactionResult(
            gasWanted: gasWanted, gasUsed: UInt64(size), sender: sender, sequence: sequence, lane: lane)
    }

    /// Gas is reported for wallets, one unit a byte; nothing is priced by it.
    func accepted(events: [Event]) -> TransactionResult {
        TransactionResult(
            gasWanted: gasWanted, gasUsed: UInt64(size), events: events, sender: sender, sequence: sequence)
    }

    func rejected(_ rejection: Rejection) -> TransactionResult {
        TransactionResult(
            code: rejection.code, codespace: rejection.codespace, log: rejection.sentence, gasWanted: gasWanted,
            gasUsed: UInt64(size), sender: sender, sequence: sequence)
    }
}
