import Cryptography
import Primitives
import WireFormat

/// A host's power in consensus.
public struct ValidatorRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// In force; with what is withheld of others, of 10⁹ in all.
    public var power: UInt64
    /// What it has back when it asks: taken for absence. One of the two is 0.
    public var withheld: UInt64

    public init(host: Address, power: UInt64, withheld: UInt64 = 0) {
        self.host = host
        self.power = power
        self.withheld = withheld
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (power, withheld) = (0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: power = try decoder.unsigned()
            case 3: withheld = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(power, field: 2)
        encoder.write(withheld, field: 3)
    }
}
