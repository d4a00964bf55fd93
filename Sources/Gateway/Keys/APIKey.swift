import Cryptography
import Primitives
import WireFormat

/// One who may ask a gateway: whoever shows a secret, or an account that signs its requests.
public struct APIKey: Equatable, Sendable {
    /// How it is recognised.
    public enum Credential: Equatable, Sendable {
        /// By the SHA-256 of a secret that the gateway itself does not keep.
        case secret(hash: Hash32)
        /// By this account's signatures.
        case address(Address)
    }

    /// What its owner calls it; the same for no other key.
    public let name: String
    public let credential: Credential
    /// Whether it is a local trial network's, and worth nothing.
    public let isDevnet: Bool
    public var terms: KeyTerms

    /// With its terms, and without what it is recognised by.
    public var json: JSONValue {
        var object = JSONObject()
        object.append("name", .string(name))
        if let address { object.append("address", .string(address.bech32)) }
        object.append("devnet", .boolean(isDevnet))
        for member in terms.members { object.append(member.key, member.value) }
        return .object(object)
    }

    /// The account that signs, where there is one.
    public var address: Address? {
        if case .address(let address) = credential { address } else { nil }
    }
}
