import Primitives

/// The bounds of what the state can prove. Tree and transaction take any bytes, so that nothing a user sends can make a
/// write fail; the ledger's own keys and records stay far below these.
public enum StateLimits {
    /// The longest key a proof may speak of, in bytes: the ledger's longest is that of a weight, with 151.
    public static let keyBytesMax = 160
    /// The longest value a proof may carry, in bytes.
    public static let valueBytesMax = 1 << 20
    /// The most inner nodes between a leaf and the root: a key of n bytes has 9 n + 1 places where it can part from another.
    public static let depthMax = 9 * keyBytesMax + 1
    /// The most bytes an encoded proof may have: the key, two leaves with their paths, and the tags, lengths and operations
    /// around them.
    public static let proofBytesMax =
        keyBytesMax + 2 * (keyBytesMax + valueBytesMax + depthMax * (Hash32.length + 9) + 32) + 16
}
