import Cryptography
import Primitives
import WireFormat

/// CometBFT's `priv_validator_key.json`, so that a host can hand its consensus key to CometBFT as it is:
///
///     {"address":"<40 hex digits, upper case>",
///      "pub_key":{"type":"tendermint/PubKeyEd25519","value":"<base64, 32 bytes>"},
///      "priv_key":{"type":"tendermint/PrivKeyEd25519","value":"<base64, 64 bytes: seed ‖ public key>"}}
public struct ConsensusKeyFile: Sendable {
    private static let publicKeyType = "tendermint/PubKeyEd25519"
    private static let privateKeyType = "tendermint/PrivKeyEd25519"

    private let file: PrivateFile

    public init(path: String) { file = PrivateFile(path: path) }

    /// Stores `key` with mode 0600; never replaces a file.
    public func create(_ key: ConsensusPrivateKey) throws(KeyStoreError) {
        try file.create(ConsensusKeyFile.encode(key))
    }

    /// Reads the key; refuses a file that others may read, and one whose parts contradict each other.
    public func load() throws(KeyStoreError) -> ConsensusPrivateKey {
        let bytes = try file.read()
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw malformed(error.description)
        }
        guard value["priv_key"]?["type"]?.string == Self.privateKeyType,
            let pair = value["priv_key"]?["value"]?.string.flatMap({ Base64.decode($0) }), pair.count == 64,
            let key = ConsensusPrivateKey(Secret(Bytes(pair.prefix(ConsensusPrivateKey.length))))
        else { throw malformed("no ed25519 `priv_key`") }
        guard Bytes(pair.suffix(ConsensusPublicKey.length)) == key.publicKey.bytes,
            value["pub_key"]?["type"]?.string == Self.publicKeyType,
            value["pub_key"]?["value"]?.string == Base64.encode(key.publicKey.bytes),
            value["address"]?.string == Self.address(key.publicKey)
        else { throw malformed("`pub_key` or `address` is not that of `priv_key`") }
        return key
    }

    private func malformed(_ reason: String) -> KeyStoreError { .malformed(path: file.path, reason: reason) }

    private static func address(_ key: ConsensusPublicKey) -> String { Hex.encode(key.address.bytes).uppercased() }

    private static func encode(_ key: ConsensusPrivateKey) -> Bytes {
        let pair = key.secret.copiedBytes() + key.publicKey.bytes
        let value: JSONValue = [
            "address": .string(address(key.publicKey)),
            "pub_key": ["type": .string(publicKeyType), "value": .string(Base64.encode(key.publicKey.bytes))],
            "priv_key": ["type": .string(privateKeyType), "value": .string(Base64.encode(pair))],
        ]
        return value.encoded() + [UInt8(ascii: "\n")]
    }
}
