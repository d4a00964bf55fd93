import Primitives
import ProtocolRules
import WireFormat

/// The ledger before its first block.
public struct GenesisState: CanonicalMessage, Equatable {
    public var parameters: ProtocolParameters
    /// In this order they get their account numbers.
    public var accounts: [GenesisAccount]
    public var models: [ModelRecord]
    public var hosts: [GenesisHost]
    /// What the community pool starts with.
    public var pool: Amount

    public init(
        parameters: ProtocolParameters, accounts: [GenesisAccount], models: [ModelRecord], hosts: [GenesisHost],
        pool: Amount = .zero
    ) {
        self.parameters = parameters
        self.accounts = accounts
        self.models = models
        self.hosts = hosts
        self.pool = pool
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var parameters: ProtocolParameters?
        (accounts, models, hosts, pool) = ([], [], [], .zero)
        while let field = try decoder.nextField() {
            switch field {
            case 1: parameters = try decoder.message(ProtocolParameters.self)
            case 2: accounts.append(try decoder.message(GenesisAccount.self, repeated: true))
            case 3: models.append(try decoder.message(ModelRecord.self, repeated: true))
            case 4: hosts.append(try decoder.message(GenesisHost.self, repeated: true))
            case 5: pool = Amount(try decoder.unsigned())
            default: throw decoder.unknownField()
            }
        }
        self.parameters = try required(parameters, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(parameters, field: 1)
        encoder.write(repeated: accounts, field: 2)
        encoder.write(repeated: models, field: 3)
        encoder.write(repeated: hosts, field: 4)
        encoder.write(pool.ngonka, field: 5)
    }
}

/// An account that has coins from the start.
public struct GenesisAccount: CanonicalMessage, Equatable {
    public var address: Address
    public var balance: Amount
    /// Coins that are released in equal parts, one an epoch, and how many parts there are.
    public var vesting: Amount
    public var vestingEpochs: UInt64

    public init(address: Address, balance: Amount, vesting: Amount = .zero, vestingEpochs: UInt64 = 0) {
        self.address = address
        self.balance = balance
        self.vesting = vesting
        self.vestingEpochs = vestingEpochs
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var address: Address?
        (balance, vesting, vestingEpochs) = (.zero, .zero, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: address = try decoder.address()
            case 2: balance = Amount(try decoder.unsigned())
            case 3: vesting = Amount(try decoder.unsigned())
            case 4: vestingEpochs = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.address = try required(address, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(address, field: 1)
        encoder.write(balance.ngonka, field: 2)
        encoder.write(vesting.ngonka, field: 3)
        encoder.write(vestingEpochs, field: 4)
    }
}

/// A host that is there from the start: registered like any other, bond included, and with weights that nobody proved yet.
public struct GenesisHost: CanonicalMessage, Equatable {
    public var registration: MsgRegisterHost
    public var weights: [GenesisWeight]

    public init(registration: MsgRegisterHost, weights: [GenesisWeight]) {
        self.registration = registration
        self.weights = weights
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var registration: MsgRegisterHost?
        weights = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: registration = try decoder.message(MsgRegisterHost.self)
            case 2: weights.append(try decoder.message(GenesisWeight.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.registration = try required(registration, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(registration, field: 1)
        encoder.write(repeated: weights, field: 2)
    }
}

/// A first weight for one model.
public struct GenesisWeight: CanonicalMessage, Equatable {
    public var model: String
    public var weight: UInt64

    public init(model: String, weight: UInt64) {
        self.model = model
        self.weight = weight
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (model, weight) = ("", 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: model = try decoder.identifier()
            case 2: weight = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(model, field: 1)
        encoder.write(weight, field: 2)
    }
}
