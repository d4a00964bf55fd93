import Primitives

/// The bech32 prefixes of the network: what the text form of 20 bytes, or of a key, stands for.
public enum AddressPrefix: String, CaseIterable, Sendable {
    case account = "gonka"
    case accountKey = "gonkapub"
    case hostOperator = "gonkavaloper"
    case hostOperatorKey = "gonkavaloperpub"
    case consensus = "gonkavalcons"
    case consensusKey = "gonkavalconspub"
}

extension Address {
    /// Reads for example `gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm`, in lower or upper case; nil for another prefix, a
    /// wrong checksum, or data that is not 20 bytes long.
    public init?(bech32 text: String, prefix: AddressPrefix = .account) {
        guard let decoded = Bech32.decode(text), decoded.prefix == prefix.rawValue else { return nil }
        self.init(decoded.data)
    }

    /// The text form of an account, in lower case.
    public var bech32: String { bech32(prefix: .account) }

    /// The text form under another prefix: `gonkavaloper` for an operator, `gonkavalcons` for a consensus key.
    public func bech32(prefix: AddressPrefix) -> String { Bech32.encode(bytes, prefix: prefix) }
}

extension Address {
    /// RIPEMD-160(SHA-256(compressed key)).
    init(key: PublicKey) { self.init(first20BytesOf: RIPEMD160.hash(Hash32.sha256(key.compressed).bytes)) }

    /// The first 20 bytes of a digest.
    ///
    /// - Precondition: `digest.count >= 20`.
    init(first20BytesOf digest: Bytes) {
        guard let address = Address(Bytes(digest.prefix(Address.length))) else {
            preconditionFailure("digests have at least 20 bytes")
        }
        self = address
    }
}
