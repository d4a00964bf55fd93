import Cryptography
import Primitives
import WireFormat

/// A request that its executor left unanswered: counted once.
public struct MissRecord: CanonicalMessage, Equatable {
    public var session: UInt64
    public var executor: Address
    public var sequence: UInt64
    /// The block that counted it.
    public var height: UInt64

    public init(session: UInt64, executor: Address, sequence: UInt64, height: UInt64) {
        self.session = session
        self.executor = executor
        self.sequence = sequence
        self.height = height
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var executor: Address?
        (session, sequence, height) = (0, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: session = try decoder.unsigned()
            case 2: executor = try decoder.address()
            case 3: sequence = try decoder.unsigned()
            case 4: height = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.executor = try required(executor, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(session, field: 1)
        encoder.write(executor, field: 2)
        encoder.write(sequence, field: 3)
        encoder.write(height, field: 4)
    }
}

/// An item for which its executor signed two different things: punished once.
public struct EquivocationRecord: CanonicalMessage, Equatable {
    public var session: UInt64
    public var executor: Address
    public var number: UInt64
    /// The block that punished it.
    public var height: UInt64
    public var slashed: Amount

    public init(session: UInt64, executor: Address, number: UInt64, height: UInt64, slashed: Amount) {
        self.session = session
        self.executor = executor
        self.number = number
        self.height = height
        self.slashed = slashed
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var executor: Address?
        (session, number, height, slashed) = (0, 0, 0, .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: session = try decoder.unsigned()
            case 2: executor = try decoder.address()
            case 3: number = try decoder.unsigned()
            case 4: height = try decoder.unsigned()
            case 5: slashed = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.executor = try required(executor, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(session, field: 1)
        encoder.write(executor, field: 2)
        encoder.write(number, field: 3)
        encoder.write(height, field: 4)
        encoder.write(slashed.ngonka, field: 5)
    }
}
