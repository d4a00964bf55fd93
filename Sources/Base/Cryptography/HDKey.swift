import Crypto
import Primitives

/// Why a seed or a path leads to no key.
public enum DerivationError: Error, Equatable, Sendable {
    /// BIP-32 seeds have 16 to 64 bytes.
    case seedLength(Int)
    /// The derived number is no key; happens once in 2¹²⁷ and BIP-32 says to take the next index.
    case noKey(index: UInt32)
}

/// A private key of a tree of keys that one seed spans (BIP-32), with the chain code that its children need.
public struct HDKey: Sendable, Redacted {
    public let privateKey: PrivateKey
    /// 32 bytes.
    public let chainCode: Secret

    /// The root of the tree of `seed`.
    public init(seed: Secret) throws(DerivationError) {
        guard (16...64).contains(seed.count) else { throw .seedLength(seed.count) }
        let material = seed.withUnsafeBytes { HDKey.hmac(key: Bytes("Bitcoin seed".utf8), $0) }
        guard let privateKey = PrivateKey(material.part(0..<32)) else { throw .noKey(index: 0) }
        self.init(privateKey: privateKey, chainCode: material.part(32..<64))
    }

    private init(privateKey: PrivateKey, chainCode: Secret) {
        self.privateKey = privateKey
        self.chainCode = chainCode
    }

    /// The child at `index`; from 2³¹ on it is hardened.
    public func child(_ index: UInt32) throws(DerivationError) -> HDKey {
        var input =
            index >= DerivationPath.hardened ? [0] + privateKey.secret.copiedBytes() : privateKey.publicKey.compressed
        defer { for position in input.indices { input[position] = 0 } }
        input.appendBigEndian(index)
        let material = input.withUnsafeBytes { HDKey.hmac(key: chainCode.copiedBytes(), $0) }
        guard let key = privateKey.adding(material.part(0..<32)) else { throw .noKey(index: index) }
        return HDKey(privateKey: key, chainCode: material.part(32..<64))
    }

    /// The key at the end of `path`.
    public func derived(_ path: DerivationPath) throws(DerivationError) -> HDKey {
        var key = self
        for index in path.indices { key = try key.child(index) }
        return key
    }

    private static func hmac(key: Bytes, _ message: UnsafeRawBufferPointer) -> Secret {
        var code = HMAC<SHA512>(key: SymmetricKey(data: key))
        code.update(data: message)
        return Secret(code.finalize())
    }
}

/// The way from the root of a tree of keys to one of them, for example `m/44'/1200'/0'/0/0`.
public struct DerivationPath: Hashable, Sendable {
    /// The first hardened index; written with a `'`.
    public static let hardened: UInt32 = 1 << 31
    /// The deepest path that is read.
    public static let depthMax = 16
    /// The first account of this network: `m/44'/1200'/0'/0/0`.
    public static let account = DerivationPath(coinType: 1200)

    public let indices: [UInt32]

    /// The first account of a BIP-44 coin type: `m/44'/coinType'/0'/0/0`. Only the low 31 bits of `coinType` count.
    public init(coinType: UInt32) {
        indices = [44 | Self.hardened, coinType | Self.hardened, Self.hardened, 0, 0]
    }

    /// Reads `m`, then `/` and a decimal index below 2³¹ for each step, with `'` or `h` behind a hardened one; nil for
    /// anything else.
    public init?(_ text: String) {
        let steps = text.split(separator: "/", maxSplits: Self.depthMax + 1, omittingEmptySubsequences: false)
        guard steps.first == "m", steps.count <= Self.depthMax + 1 else { return nil }
        var indices: [UInt32] = []
        for step in steps.dropFirst() {
            let isHardened = step.hasSuffix("'") || step.hasSuffix("h")
            let digits = isHardened ? step.dropLast() : step
            guard let index = UInt32(digits), index < Self.hardened, String(index) == digits else { return nil }
            indices.append(isHardened ? index | Self.hardened : index)
        }
        self.indices = indices
    }
}
