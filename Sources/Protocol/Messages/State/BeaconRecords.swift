import Cryptography
import Primitives
import WireFormat

/// The beacon interval that runs.
public struct BeaconIntervalRecord: CanonicalMessage, Equatable {
    /// From 1.
    public var interval: UInt64
    /// Who may give a part: the strongest at its start, ascending.
    public var validators: [Address]
    /// Those of them whose commitment stood at its start: they have to reveal.
    public var owing: [Address]

    public init(interval: UInt64, validators: [Address], owing: [Address]) {
        self.interval = interval
        self.validators = validators
        self.owing = owing
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (interval, validators, owing) = (0, [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: interval = try decoder.unsigned()
            case 2: validators.append(try decoder.address(repeated: true))
            case 3: owing.append(try decoder.address(repeated: true))
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(interval, field: 1)
        encoder.write(repeated: validators.map(\.bytes), field: 2)
        encoder.write(repeated: owing.map(\.bytes), field: 3)
    }
}

/// What a validator has given for the beacon.
public struct BeaconPartRecord: CanonicalMessage, Equatable {
    /// SHA256 of the secret that it will reveal next.
    public var standing: Hash32
    /// The interval in which it gave that.
    public var committedIn: UInt64
    /// The last interval that it revealed in; 0 before the first.
    public var revealedIn: UInt64
    /// What it revealed then, 32 bytes.
    public var secret: Bytes

    public init(standing: Hash32, committedIn: UInt64, revealedIn: UInt64, secret: Bytes) {
        self.standing = standing
        self.committedIn = committedIn
        self.revealedIn = revealedIn
        self.secret = secret
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var standing: Hash32?
        (committedIn, revealedIn, secret) = (0, 0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: standing = try decoder.hash()
            case 2: committedIn = try decoder.unsigned()
            case 3: revealedIn = try decoder.unsigned()
            case 4: secret = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        self.standing = try required(standing, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(standing, field: 1)
        encoder.write(committedIn, field: 2)
        encoder.write(revealedIn, field: 3)
        encoder.write(secret, field: 4)
    }
}

/// The seed of a beacon interval that is over.
public struct BeaconSeedRecord: CanonicalMessage, Equatable {
    public var seed: Hash32
    /// How many secrets are in it.
    public var reveals: UInt64

    public init(seed: Hash32, reveals: UInt64) {
        self.seed = seed
        self.reveals = reveals
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var seed: Hash32?
        reveals = 0
        while let field = try decoder.nextField() {
            switch field {
            case 1: seed = try decoder.hash()
            case 2: reveals = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.seed = try required(seed, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(seed, field: 1)
        encoder.write(reveals, field: 2)
    }
}
