import Cryptography
import Primitives
import WireFormat

/// The content of a key file:
///
///     {"address":"gonka1…","devnet":true,"name":"host-1","privateKey":"<64 hex digits>","publicKey":"<66 hex digits>"}
///
/// Address and public key follow from the private key; they are there for people, and are checked on reading.
struct KeyRecord {
    struct Malformed: Error { let reason: String }

    let entry: KeyEntry
    let key: PrivateKey

    init(entry: KeyEntry, key: PrivateKey) {
        self.entry = entry
        self.key = key
    }

    init(decoding bytes: Bytes) throws(Malformed) {
        let value: JSONValue
        do {
            value = try JSONParser.parse(bytes)
        } catch {
            throw Malformed(reason: error.description)
        }
        guard let name = value["name"]?.string.flatMap(KeyName.init) else { throw Malformed(reason: "no valid `name`") }
        guard let isDevnet = value["devnet"]?.boolean else { throw Malformed(reason: "no `devnet`") }
        guard let key = value["privateKey"]?.string.flatMap(Hex.decode).flatMap({ PrivateKey(Secret($0)) }) else {
            throw Malformed(reason: "no valid `privateKey`")
        }
        guard value["publicKey"]?.string == Hex.encode(key.publicKey.compressed),
            value["address"]?.string == key.publicKey.address.bech32
        else { throw Malformed(reason: "`publicKey` or `address` is not that of `privateKey`") }
        self.init(entry: KeyEntry(name: name, publicKey: key.publicKey, isDevnet: isDevnet), key: key)
    }

    func encoded() -> Bytes {
        let value: JSONValue = [
            "name": .string(entry.name.description), "address": .string(entry.address.bech32),
            "publicKey": .string(Hex.encode(entry.publicKey.compressed)),
            "privateKey": .string(Hex.encode(key.secret.copiedBytes())), "devnet": .boolean(entry.isDevnet),
        ]
        return value.encoded(sortingKeys: true) + [UInt8(ascii: "\n")]
    }
}
