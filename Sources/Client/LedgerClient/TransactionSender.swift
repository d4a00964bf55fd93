import Cryptography
import Messages
import Primitives
import ProtocolRules
import Wallet
import WireFormat

/// Signs and sends the transactions of one account, one after the other, so that their sequences never collide: a second
/// one is signed when the first is in a block or refused.
public actor TransactionSender {
    private let ledger: any LedgerAccess
    private let key: PrivateKey
    private var chain: (id: String, feePerByte: UInt64)?
    private var isSending = false
    /// Senders that wait for their turn, in the order they came.
    private var turns: [CheckedContinuation<Void, Never>] = []

    /// The account that signs.
    public nonisolated let address: Address

    public init(ledger: any LedgerAccess, key: PrivateKey) {
        self.ledger = ledger
        self.key = key
        address = key.publicKey.address
    }

    /// Whether a transaction pays its fee.
    public enum FeePolicy: Sendable {
        /// Bytes × fee per byte.
        case perByte
        /// A host's duty within its quota.
        case free
    }

    /// Sends `messages` in one transaction and waits for its block, after the sends that came before.
    ///
    /// - Returns: the result, accepted or not.
    /// - Throws: `.outcomeUnknown` where nobody can say what became of the transaction; it is not sent again.
    public func send(
        _ messages: [AnyMessage], fee: FeePolicy = .perByte, memo: String = ""
    ) async throws(LedgerAccessError) -> SubmissionResult {
        try await takeTurn()
        defer { passTurn() }
        var retries = 0
        while true {
            let (result, height) = try await attempt(messages, fee, memo)
            guard result.isOutOfSequence, retries < Limits.sequenceRetriesMax else { return result }
            retries += 1
            // Only a block changes the sequence that the account is read with.
            try await ledger.waitForBlock(after: height)
        }
    }

    // MARK: Turns

    /// Returns when nobody else sends. An actor is re-entrant: without this, a send that waits for its block would let the
    /// next one sign with the same sequence.
    private func takeTurn() async throws(LedgerAccessError) {
        if isSending {
            if turns.count >= Limits.sendsWaitingMax { throw .refused("\(turns.count) transactions wait already") }
            await withCheckedContinuation { turns.append($0) }
        }
        isSending = true
        if Task.isCancelled {
            passTurn()
            throw .unreachable("the wait was cancelled")
        }
    }

    private func passTurn() {
        // `isSending` stays true where somebody waits, so that nobody slips in before he goes on.
        if turns.isEmpty { isSending = false } else { turns.removeFirst().resume() }
    }

    // MARK: One attempt

    /// - Returns: what became of it, and the height at which the account was read.
    private func attempt(
        _ messages: [AnyMessage], _ policy: FeePolicy, _ memo: String
    ) async throws(LedgerAccessError) -> (result: SubmissionResult, height: UInt64) {
        let (chainID, feePerByte) = try await chainFacts()
        let (record, height) = try await ledger.datedRecord(AccountRecord.self, at: StateKey.account(address))
        guard let account = record else {
            throw .refused("account \(address.bech32) does not exist; send it coins first")
        }
        let signer: TransactionSigner
        do { signer = try TransactionSigner(key: key, chainID: chainID) } catch { throw .refused("\(error)") }
        let body = TransactionBody(messages: messages, memo: memo)
        func signed(_ fee: Amount) -> Bytes {
            let coins = fee > .zero ? [Coin(fee)] : []
            return signer.sign(
                body, fee: TransactionFee(amount: coins, gasLimit: Limits.gasLimit), accountNumber: account.number,
                sequence: account.sequence
            ).bytes
        }
        let transaction =
            switch policy {
            case .free: signed(.zero)
            case .perByte: try Self.payingForItself(feePerByte: feePerByte, signed)
            }
        return (try await ledger.submit(transaction), height)
    }

    /// The fee's digits are part of the length that it pays for: it is raised until it covers itself, which it does at the
    /// latest when its digits no longer grow.
    private static func payingForItself(
        feePerByte: UInt64, _ signed: (Amount) -> Bytes
    ) throws(LedgerAccessError) -> Bytes {
        var fee = Amount.zero
        while true {
            let transaction = signed(fee)
            guard let needed = try? feePerByte.multiplied(by: UInt64(transaction.count)) else {
                throw .refused("the fee for \(transaction.count) bytes does not fit an amount")
            }
            if fee.ngonka >= needed { return transaction }
            fee = Amount(needed)
        }
    }

    private func chainFacts() async throws(LedgerAccessError) -> (id: String, feePerByte: UInt64) {
        if let chain { return chain }
        let facts = (
            id: try await ledger.status().chainID, feePerByte: try await ledger.parameters().economy.feePerByteNgonka
        )
        chain = facts
        return facts
    }
}

extension SubmissionResult {
    /// Whether it was signed with another sequence than the account's next: codespace `sdk`, code 32, as on every Cosmos
    /// chain.
    fileprivate var isOutOfSequence: Bool { codespace == "sdk" && code == 32 }
}
