import Cryptography
import Messages
import Primitives
import ProtocolRules
import Wallet
import WireFormat

/// Signs and sends the transactions of one account, one after the other, so that their sequences never collide.
public actor TransactionSender {
    private let ledger: any LedgerAccess
    private let key: PrivateKey
    private var chain: (id: String, feePerByte: UInt64)?

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

    /// Sends `messages` in one transaction and waits for its block.
    ///
    /// - Returns: the result, accepted or not.
    public func send(
        _ messages: [AnyMessage], fee: FeePolicy = .perByte, memo: String = ""
    ) async throws(LedgerAccessError) -> SubmissionResult {
        var result = try await attempt(messages, fee, memo)
        for _ in 0..<Limits.sequenceRetriesMax where result.codespace == "sdk" && result.code == 32 {
            result = try await attempt(messages, fee, memo)
        }
        return result
    }

    private func attempt(
        _ messages: [AnyMessage], _ policy: FeePolicy, _ memo: String
    ) async throws(LedgerAccessError) -> SubmissionResult {
        let (chainID, feePerByte) = try await chainFacts()
        guard let account = try await ledger.account(address) else {
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
        return try await ledger.submit(transaction)
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
