import Cryptography
import Messages
import Primitives
import WireFormat

/// A transaction whose bytes could be read and whose form is one that the ledger takes. Nothing in it is verified yet.
///
/// The ladder: `Bytes` → `DecodedTransaction` → `VerifiedTransaction` → result. Each step is a type, so none can be skipped.
struct DecodedTransaction: Sendable {
    let size: Int
    let raw: TransactionRaw
    let body: TransactionBody
    let messages: [DecodedMessage]
    /// The one account that signs.
    let signer: Address
    let signerInfo: SignerInfo
    let offeredFee: Amount
    let gasLimit: UInt64

    init(_ bytes: Bytes) throws(LedgerError) {
        guard bytes.count <= Limits.transactionBytesMax else { throw TransactionRejection.tooLarge(bytes.count).error }
        let authentication: AuthenticationInfo
        do throws(WireError) {
            raw = try TransactionRaw.decode(bytes)
            body = try TransactionBody.decode(raw.bodyBytes)
            authentication = try AuthenticationInfo.decode(raw.authInfoBytes)
        } catch {
            throw TransactionRejection.undecodable("\(error)").error
        }
        try DecodedTransaction.checkForm(of: body)
        messages = try DecodedTransaction.messages(of: body)
        guard let first = messages.first else { throw TransactionRejection.invalidRequest("it holds no message").error }
        signer = first.signer
        guard messages.allSatisfy({ $0.signer == first.signer }) else {
            throw TransactionRejection.invalidRequest("all messages must have the same signer").error
        }
        guard authentication.signerInfos.count == 1, raw.signatures.count == 1 else {
            throw TransactionRejection.unauthorized("exactly one signature").error
        }
        signerInfo = authentication.signerInfos[0]
        guard signerInfo.mode == .direct else {
            throw TransactionRejection.unauthorized("only SIGN_MODE_DIRECT is taken").error
        }
        offeredFee = try DecodedTransaction.fee(of: authentication.fee)
        gasLimit = authentication.fee.gasLimit
        size = bytes.count
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
        for packed in body.messages {
            do throws(WireError) {
                guard let message = try DecodedMessage(packed) else {
                    throw WireError.invalidValue(number: 1)
                }
                messages.append(message)
            } catch {
                let name = packed.typeURL.prefix(128).debugDescription
                throw TransactionRejection.undecodable("message \(name): \(error)").error
            }
        }
        return messages
    }

    private static func fee(of fee: TransactionFee) throws(LedgerError) -> Amount {
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
