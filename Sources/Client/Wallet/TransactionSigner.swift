import Cryptography
import Messages
import Primitives
import WireFormat

/// A chain for which this software must not sign.
public struct ForeignChainError: Error, Equatable, Sendable, CustomStringConvertible {
    public let chainID: String

    public var description: String {
        "\(chainID) is not a chain of this software (those are named `\(TransactionSigner.chainPrefix)…`); "
            + "a signature for it could move coins of value elsewhere."
    }
}

/// A transaction as it is broadcast.
public struct SignedTransaction: Hashable, Sendable {
    /// The `TxRaw`.
    public let bytes: Bytes

    /// SHA-256 of the bytes; wallets show it in upper-case hexadecimal.
    public var hash: Hash32 { Hash32.sha256(bytes) }
}

/// Signs transactions of one account for one chain, in SIGN_MODE_DIRECT.
public struct TransactionSigner: Sendable {
    /// How every chain id of this software begins (protocol.md section 2).
    public static let chainPrefix = "gonka-swift-"

    private let key: PrivateKey
    private let chainID: String

    /// Refuses chains of other software, above all `gonka-mainnet`, whose coins have a value.
    public init(key: PrivateKey, chainID: String) throws(ForeignChainError) {
        guard chainID.hasPrefix(TransactionSigner.chainPrefix) else { throw ForeignChainError(chainID: chainID) }
        self.init(key: key, uncheckedChainID: chainID)
    }

    /// For vectors that were made on another chain.
    init(key: PrivateKey, uncheckedChainID chainID: String) {
        self.key = key
        self.chainID = chainID
    }

    /// The account that signs.
    public var address: Address { key.publicKey.address }

    /// The signed transaction. Deterministic: the same arguments give the same bytes.
    ///
    /// - Parameters:
    ///   - body: the messages, whose signer must be this account, with memo and timeout.
    ///   - fee: what is paid for the transaction, and its gas limit.
    ///   - accountNumber: the number that the ledger gave the account.
    ///   - sequence: how many transactions of the account the ledger has taken.
    public func sign(
        _ body: TransactionBody, fee: TransactionFee, accountNumber: UInt64, sequence: UInt64
    ) -> SignedTransaction {
        let publicKey = Secp256k1PublicKey(key: key.publicKey.compressed)
        let authInfo = AuthenticationInfo(
            signerInfos: [SignerInfo(publicKey: publicKey.packed, sequence: sequence)], fee: fee)
        let document = SignDocument(
            bodyBytes: body.encoded(), authInfoBytes: authInfo.encoded(), chainID: chainID, accountNumber: accountNumber
        )
        let signature = key.sign(Hash32.sha256(document.encoded()))
        let raw = TransactionRaw(
            bodyBytes: document.bodyBytes, authInfoBytes: document.authInfoBytes, signatures: [signature.compact])
        return SignedTransaction(bytes: raw.encoded())
    }
}
