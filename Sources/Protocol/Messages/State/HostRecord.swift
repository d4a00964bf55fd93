import Primitives
import WireFormat

/// A host as the ledger knows it.
public struct HostRecord: CanonicalMessage, Equatable {
    public var address: Address
    public var url: String
    /// 33 bytes, compressed secp256k1.
    public var operatorKey: Bytes
    /// 32 bytes, ed25519.
    public var consensusKey: Bytes
    /// Ascending by bytes.
    public var models: [String]
    public var bond: Amount
    public var state: HostState
    public var registeredHeight: UInt64
    /// Where it retires: it is gone when the serving round with this serial has settled; 0 before.
    public var retiresAfterRound: UInt64
    /// Coins that a conviction takes from; those being withdrawn are elsewhere (`WithdrawalRecord`).
    public var collateral: Amount
    /// No claim of a round that opened in an earlier epoch is taken; 0 unless it was convicted.
    public var barredUntilEpoch: UInt64

    public init(
        address: Address, url: String, operatorKey: Bytes, consensusKey: Bytes, models: [String], bond: Amount,
        registeredHeight: UInt64
    ) {
        self.address = address
        self.url = url
        self.operatorKey = operatorKey
        self.consensusKey = consensusKey
        self.models = models
        self.bond = bond
        self.registeredHeight = registeredHeight
        state = .active
        retiresAfterRound = 0
        collateral = .zero
        barredUntilEpoch = 0
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var address: Address?
        var state: HostState?
        (url, operatorKey, consensusKey, models, bond) = ("", [], [], [], .zero)
        (registeredHeight, retiresAfterRound, collateral, barredUntilEpoch) = (0, 0, .zero, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: address = try decoder.address()
            case 2: url = try decoder.text()
            case 3: operatorKey = try decoder.data()
            case 4: consensusKey = try decoder.data()
            case 5: models.append(try decoder.identifier(repeated: true))
            case 6: bond = Amount(try decoder.unsigned())
            case 7:
                state = HostState(rawValue: try decoder.unsigned())
                if state == nil { throw decoder.invalidValue() }
            case 8: registeredHeight = try decoder.unsigned()
            case 9: retiresAfterRound = try decoder.unsigned()
            case 10: collateral = Amount(try decoder.unsigned())
            case 11: barredUntilEpoch = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.address = try required(address, field: 1)
        self.state = try required(state, field: 7)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(address, field: 1)
        encoder.write(url, field: 2)
        encoder.write(operatorKey, field: 3)
        encoder.write(consensusKey, field: 4)
        encoder.write(repeated: models, field: 5)
        encoder.write(bond.ngonka, field: 6)
        encoder.write(state.rawValue, field: 7)
        encoder.write(registeredHeight, field: 8)
        encoder.write(retiresAfterRound, field: 9)
        encoder.write(collateral.ngonka, field: 10)
        encoder.write(barredUntilEpoch, field: 11)
    }
}

/// A host's life: active → retiring → retired. A retired account may register again.
public enum HostState: UInt64, Sendable {
    case active = 1
    /// In no new group; still claims what it served.
    case retiring = 2
    /// Gone; bond and collateral are on their way back (`WithdrawalRecord`).
    case retired = 3

    public var name: String {
        switch self {
        case .active: "active"
        case .retiring: "retiring"
        case .retired: "retired"
        }
    }
}
