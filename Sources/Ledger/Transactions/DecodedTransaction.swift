import Cryptography
import Messages
import Primitives
import WireFormat

/// A transaction whose bytes could be read and whose form is one that the ledger takes. Nothing in it is verified yet.
///
/// The ladder: `Bytes` → `DecodedTransaction` → `VerifiedTransaction` → result. Each step is a type, so none can be skipped.
struct DecodedTransaction: Sendable {
    /// Length of the whole, in bytes.
    let size: Int
    /// What the signature covers, as received.
    let bodyBytes: Bytes
    let authInfoBytes: Bytes
    let signature: Bytes
    let messages: [DecodedMessage]
    /// The one account that signs.
    let signer: Address
    /// The signer's key as the transaction carries it, not checked; nil where it carries none.
    let carriedKey: Bytes?
    let sequence: UInt64
    let offeredFee: Amount
    let gasLimit: UInt64
    /// The last height at which it may enter a block; 0 for none.
    let timeoutHeight: UInt64

    init(_ bytes: Bytes) throws(LedgerError) {
        guard bytes.count <= Limits.transactionBytesMax else { throw TransactionRejection.tooLarge(bytes.count).error }
        let (raw, body, authentication): (TransactionRaw, TransactionBody, AuthenticationInfo)
        do throws(WireError) {
            raw = try TransactionRaw.decode(bytes)
            body = try TransactionBody.decode(raw.bodyBytes)
            authentication = try AuthenticationInfo.decode(raw.authInfoBytes)
        } catch {
            throw TransactionRejection.undecodable("\(error)").error
        }
        size = bytes.count
        (bodyBytes, authInfoBytes) = (raw.bodyBytes, raw.authInfoBytes)
        try DecodedTransaction.checkForm(of: body)
        messages = try DecodedTransaction.messages(of: body)
        signer = try DecodedTransaction.signer(of: messages)
        timeoutHeight = body.timeoutHeight
        guard let info = authentication.signerInfos.first, authentication.signerInfos.count == 1,
            let signature = raw.signatures.first, raw.signatures.count == 1
        else { throw TransactionRejection.unauthorized("exactly one signature").error }
        guard info.mode == .direct else {
            throw TransactionRejection.unauthorized("only SIGN_MODE_DIRECT is taken").error
        }
        self.signature = signature
        carriedKey = try CarriedPublicKey.read(info.publicKey)
        sequence = info.sequence
        offeredFee = try DecodedTransaction.amount(of: authentication.fee)
        gasLimit = authentication.fee.gasLimit
    }

    private static func checkForm(of body: TransactionBody) throws(LedgerError) {
        guard body.messages.count <= Limits.messagesMax else {
            throw TransactionRejection.invalidRequest("over \(Limits.messagesMax) messages").error
        }
        let memo = body.memo.utf8.count
        guard memo <= Limits.memoBytesMax else { throw TransactionRejection.memoTooLong(memo).error }
        guard !body.isUnordered, body.timeoutTimestamp.isEmpty else {
            throw TransactionRejection.invalidRequest("unordered transactions are not taken").error
        }
        guard body.extensionOptions.isEmpty, body.nonCriticalExtensionOptions.isEmpty else {
            throw TransactionRejection.unknownExtension.error
        }
    }

    private static func messages(of body: TransactionBody) throws(LedgerError) -> [DecodedMessage] {
        var messages: [DecodedMessage] = []
        messages.reserveCapacity(body.messages.count)
        for packed in body.messages {
            let message: DecodedMessage?
            do throws(WireError) {
                message = try DecodedMessage(packed)
            } catch {
                throw TransactionRejection.undecodable("\(packed.typeURL): \(error)").error
            }
            guard let message else {
                let name = packed.typeURL.prefix(128).debugDescription
                throw TransactionRejection.undecodable("no message has the type \(name)").error
            }
            messages.append(message)
        }
        return messages
    }

    private static func signer(of messages: [DecodedMessage]) throws(LedgerError) -> Address {
        guard let signer = messages.first?.signer else {
            throw TransactionRejection.invalidRequest("it holds no message").error
        }
        guard messages.allSatisfy({ $0.signer == signer }) else {
            throw TransactionRejection.invalidRequest("all messages must have the same signer").error
        }
        return signer
    }

    private static func amount(of fee: TransactionFee) throws(LedgerError) -> Amount {
        guard fee.payer.isEmpty, fee.granter.isEmpty else {
            throw TransactionRejection.invalidRequest("the signer pays the fee").error
        }
        guard let coin = fee.amount.first else { return .zero }
        guard fee.amount.count == 1, let amount = coin.inBaseCoins else {
            throw BankRejection.invalidCoins("the fee is one coin of \(Amount.denomination)").error
        }
        return amount
    }
}
