import Cryptography
import Primitives

/// Who a host is: its account, and the warm key that signs receipts and claims for it. The account's own key is never
/// needed here.
public struct HostIdentity: Sendable {
    public let chainID: String
    /// The host's account.
    public let address: Address
    public let operatorKey: PrivateKey
    /// Where clients reach the host, without a slash at the end; receipts' links begin with it.
    public let url: String

    public init(chainID: String, address: Address, operatorKey: PrivateKey, url: String) {
        self.chainID = chainID
        self.address = address
        self.operatorKey = operatorKey
        self.url = url
    }
}
