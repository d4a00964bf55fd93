import Cryptography
import Primitives

/// The two figures that an item tree adds up.
public enum ItemMeasure: Sendable, CaseIterable {
    /// Fees in ngonka.
    case fee
    /// Output tokens.
    case tokens
}

/// Fee and output tokens of one item, or of all items under a node.
public struct ItemSums: Hashable, Sendable {
    public static let zero = ItemSums(fee: .zero, tokens: 0)

    /// What the items cost.
    public let fee: Amount
    /// How many output tokens they hold.
    public let tokens: UInt64

    public init(fee: Amount, tokens: UInt64) {
        self.fee = fee
        self.tokens = tokens
    }

    /// One of the two figures, as a bare number: draws and points do not care which it is.
    public subscript(measure: ItemMeasure) -> UInt64 {
        switch measure {
        case .fee: fee.ngonka
        case .tokens: tokens
        }
    }

    /// Both sums; throws `.overflow` where either needs more than 64 bits.
    public func adding(_ other: ItemSums) throws(ArithmeticError) -> ItemSums {
        ItemSums(fee: try fee.adding(other.fee), tokens: try tokens.adding(other.tokens))
    }

    /// Adds two parts of a total that is already known to fit 64 bits.
    func addingPart(_ other: ItemSums) -> ItemSums {
        ItemSums(fee: Amount(fee.ngonka &+ other.fee.ngonka), tokens: tokens &+ other.tokens)
    }

    /// Hands BE64 fee ‖ BE64 tokens to `hasher`, as nodes and claim roots hash them.
    func update(_ hasher: inout SHA256Hasher) {
        hasher.update(bigEndian: fee.ngonka)
        hasher.update(bigEndian: tokens)
    }
}
