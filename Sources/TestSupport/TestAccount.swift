import Cryptography
import Primitives

/// An account with its key; the same name gives the same key in every run.
public struct TestAccount: Sendable {
    public let key: PrivateKey
    public let address: Address

    public init(_ name: String) {
        key = TestAccount.key(seed: .sha256(utf8: "gonka test account \(name)"))
        address = key.publicKey.address
    }

    /// One seed in 2¹²⁸ is no key; its hash is tried then.
    private static func key(seed: Hash32) -> PrivateKey {
        var seed = seed
        while true {
            if let key = PrivateKey(Secret(seed.bytes)) { return key }
            seed = .sha256(seed.bytes)
        }
    }
}
