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
            let transaction = try context.scope { (context) throws(LedgerError) in
                try admit(bytes, in: &context, noting: &result)
            }
            let eventsBefore = context.events.count
            defer { context.events.removeSubrange(eventsBefore...) }
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

    /// Admits a transaction to the mempool: everything but running its messages.
    func check(_ bytes: Bytes, in context: inout ExecutionContext) throws(LedgerError) -> TransactionResult {
        var result = ResultBuilder(bytes)
        do {
            try context.scope { (context) throws(LedgerError) in
                _ = try admit(bytes, in: &context, noting: &result)
            }
            return result.accepted(events: [])
        } catch .rejected(let rejection) {
            return result.rejected(rejection)
        }
    }

    /// Reads, authenticates, takes the fee and uses the sequence.
    private func admit(
        _ bytes: Bytes, in context: inout ExecutionContext, noting result: inout ResultBuilder
    ) throws(LedgerError) -> DecodedTransaction {
        let hash = Hash32.sha256(bytes)
        let known = verified[hash]
        let transaction = if let known { known.transaction } else { try DecodedTransaction(bytes) }
        result.note(transaction)
        let timeout = transaction.body.timeoutHeight
        guard timeout == 0 || timeout >= context.block.height else {
            throw TransactionRejection.timeoutHeightPassed(timeout: timeout, height: context.block.height).error
        }
        guard var account = try context.read(AccountRecord.self, at: StateKey.account(transaction.signer)) else {
            throw TransactionRejection.unknownAccount(transaction.signer).error
        }
        guard transaction.signerInfo.sequence == account.sequence else {
            throw TransactionRejection.wrongSequence(
                expected: account.sequence, signed: transaction.signerInfo.sequence
            ).error
        }
        let key = try publicKey(of: transaction, account: account)
        try verify(transaction, hash, by: key, known: known, accountNumber: account.number)
        try TransactionFees.take(from: transaction, in: &context)
        account = try BankReads.account(transaction.signer, in: context)
        account.sequence = try checked { () throws(ArithmeticError) in try account.sequence.adding(1) }
        account.publicKey = key.compressed
        BankWrites.put(account, at: transaction.signer, in: &context)
        return transaction
    }

    private func verify(
        _ transaction: DecodedTransaction, _ hash: Hash32, by key: PublicKey, known: VerifiedTransaction?,
        accountNumber: UInt64
    ) throws(LedgerError) {
        if let known, known.publicKey == key, known.accountNumber == accountNumber { return }
        verified[hash] = try VerifiedTransaction(
            transaction, publicKey: key, accountNumber: accountNumber, chainID: chainID)
    }

    /// The key that signs for the account: the one it carries, which must be the one the account always had.
    private func publicKey(
        of transaction: DecodedTransaction, account: AccountRecord
    ) throws(LedgerError) -> PublicKey {
        let carried = try CarriedPublicKey.read(transaction.signerInfo.publicKey)
        let bytes = carried ?? account.publicKey
        guard !bytes.isEmpty else {
            throw TransactionRejection.invalidPublicKey("none is carried and none known").error
        }
        guard let key = PublicKey(compressed: bytes) else {
            throw TransactionRejection.invalidPublicKey("not a compressed secp256k1 point of 33 bytes").error
        }
        guard key.address == transaction.signer else {
            throw TransactionRejection.invalidPublicKey("it is not the key of \(transaction.signer.bech32)").error
        }
        return key
    }
}

/// Collects what a result says, step by step.
private struct ResultBuilder {
    private let size: Int
    private var gasWanted: UInt64 = 0
    private var sender: Bytes = []
    private var sequence: UInt64 = 0

    init(_ bytes: Bytes) { size = bytes.count }

    mutating func note(_ transaction: DecodedTransaction) {
        gasWanted = transaction.gasLimit
        sender = transaction.signer.bytes
        sequence = transaction.signerInfo.sequence
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
