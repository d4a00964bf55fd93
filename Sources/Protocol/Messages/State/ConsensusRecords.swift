import Cryptography
import Primitives
import ProtocolRules
import WireFormat

/// Whose consensus key it is, or was: what a key signed is held against its host, also after it left.
public struct ConsensusKeyRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// The block that gave it to this host first.
    public var fromHeight: UInt64
    /// The block in which the host retired; 0 while the key is in force.
    public var untilHeight: UInt64
    /// The block that last convicted the host for what the key signed; 0 before.
    public var convictedHeight: UInt64

    public init(host: Address, fromHeight: UInt64, untilHeight: UInt64 = 0, convictedHeight: UInt64 = 0) {
        self.host = host
        self.fromHeight = fromHeight
        self.untilHeight = untilHeight
        self.convictedHeight = convictedHeight
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (fromHeight, untilHeight, convictedHeight) = (0, 0, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: fromHeight = try decoder.unsigned()
            case 3: untilHeight = try decoder.unsigned()
            case 4: convictedHeight = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(fromHeight, field: 2)
        encoder.write(untilHeight, field: 3)
        encoder.write(convictedHeight, field: 4)
    }
}

/// From which of the last blocks a host was absent, and whether that cost its power.
public struct AbsenceRecord: CanonicalMessage, Equatable {
    public var host: Address
    /// The last block that it was absent from; 0 for none.
    public var height: UInt64
    /// As in `AbsenceWindow`.
    public var blocks: Bytes
    /// The block that took its power; 0 unless it has to ask for it.
    public var awaySince: UInt64

    public init(host: Address, window: AbsenceWindow = AbsenceWindow(), awaySince: UInt64 = 0) {
        self.host = host
        (height, blocks) = (window.height, window.blocks)
        self.awaySince = awaySince
    }

    /// Nil where height and blocks are none.
    public var window: AbsenceWindow? { AbsenceWindow(height: height, blocks: blocks) }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (height, blocks, awaySince) = (0, [], 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.address()
            case 2: height = try decoder.unsigned()
            case 3: blocks = try decoder.data()
            case 4: awaySince = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host, field: 1)
        encoder.write(height, field: 2)
        encoder.write(blocks, field: 3)
        encoder.write(awaySince, field: 4)
    }
}

/// Whose power absence took in one epoch: there is a bound to it.
public struct AbsentPowerRecord: CanonicalMessage, Equatable {
    public var epoch: UInt64
    /// In the order in which it was taken, nobody twice.
    public var hosts: [Address]
    /// What each had, one for each host.
    public var powers: [UInt64]

    public init(epoch: UInt64, hosts: [Address] = [], powers: [UInt64] = []) {
        self.epoch = epoch
        self.hosts = hosts
        self.powers = powers
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (epoch, hosts, powers) = (0, [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: epoch = try decoder.unsigned()
            case 2: hosts.append(try decoder.address(repeated: true))
            case 3: powers = try decoder.packed()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(epoch, field: 1)
        encoder.write(repeated: hosts.map(\.bytes), field: 2)
        encoder.write(packed: powers, field: 3)
    }
}
