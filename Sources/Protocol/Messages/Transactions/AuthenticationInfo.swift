import Primitives
import WireFormat

/// `cosmos.tx.v1beta1.AuthInfo`: who signs, how, and for what fee.
public struct AuthenticationInfo: CanonicalMessage, Equatable {
    public var signerInfos: [SignerInfo]
    public var fee: TransactionFee

    public init(signerInfos: [SignerInfo], fee: TransactionFee) {
        self.signerInfos = signerInfos
        self.fee = fee
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var fee: TransactionFee?
        signerInfos = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: signerInfos.append(try decoder.message(SignerInfo.self, repeated: true))
            case 2: fee = try decoder.message(TransactionFee.self)
            default: throw decoder.unknownField()
            }
        }
        self.fee = try required(fee, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(repeated: signerInfos, field: 1)
        encoder.write(fee, field: 2)
    }
}

/// `cosmos.tx.v1beta1.SignerInfo`.
public struct SignerInfo: CanonicalMessage, Equatable {
    /// Absent where the account's key is already known to the ledger.
    public var publicKey: AnyMessage?
    public var mode: SignMode
    public var sequence: UInt64

    public init(publicKey: AnyMessage?, mode: SignMode = .direct, sequence: UInt64) {
        self.publicKey = publicKey
        self.mode = mode
        self.sequence = sequence
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var mode: ModeInfo?
        (publicKey, sequence) = (nil, 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: publicKey = try decoder.message(AnyMessage.self)
            case 2: mode = try decoder.message(ModeInfo.self)
            case 3: sequence = try decoder.unsigned()
            default: throw decoder.unknownField()
            }
        }
        self.mode = try required(mode, field: 2).single.mode
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(publicKey, field: 1)
        encoder.write(ModeInfo(single: SingleMode(mode: mode)), field: 2)
        encoder.write(sequence, field: 3)
    }
}

/// How a signature was made.
public enum SignMode: UInt64, Sendable {
    /// Simulation only.
    case unspecified = 0
    /// Over the bytes of `SignDocument`: the only mode that this ledger takes.
    case direct = 1
    /// Over amino JSON, as Keplr's Send page and Ledger devices do.
    case legacyAminoJSON = 127
}

/// `cosmos.tx.v1beta1.ModeInfo`: a single signer; multi-signatures are unknown here.
package struct ModeInfo: CanonicalMessage {
    package var single: SingleMode

    package init(single: SingleMode) { self.single = single }

    package init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var single: SingleMode?
        while let field = try decoder.nextField() {
            switch field {
            case 1: single = try decoder.message(SingleMode.self)
            default: throw decoder.unknownField()
            }
        }
        self.single = try required(single, field: 1)
    }

    package func encode(to encoder: inout ProtobufEncoder) { encoder.write(single, field: 1) }
}

/// `cosmos.tx.v1beta1.ModeInfo.Single`.
package struct SingleMode: CanonicalMessage {
    package var mode: SignMode

    package init(mode: SignMode) { self.mode = mode }

    package init(from decoder: inout ProtobufDecoder) throws(WireError) {
        mode = .unspecified
        while let field = try decoder.nextField() {
            switch field {
            case 1:
                guard let known = SignMode(rawValue: try decoder.unsigned()) else { throw decoder.invalidValue() }
                mode = known
            default: throw decoder.unknownField()
            }
        }
    }

    package func encode(to encoder: inout ProtobufEncoder) { encoder.write(mode.rawValue, field: 1) }
}

/// `cosmos.tx.v1beta1.Fee`.
public struct TransactionFee: CanonicalMessage, Equatable {
    public var amount: [Coin]
    public var gasLimit: UInt64
    /// Another account that should pay; refused by this ledger.
    public var payer: String
    /// A fee grant; refused by this ledger.
    public var granter: String

    public init(amount: [Coin], gasLimit: UInt64) {
        self.amount = amount
        self.gasLimit = gasLimit
        payer = ""
        granter = ""
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init(amount: [], gasLimit: 0)
        while let field = try decoder.nextField() {
            switch field {
            case 1: amount.append(try decoder.message(Coin.self, repeated: true))
            case 2: gasLimit = try decoder.unsigned()
            case 3: payer = try decoder.text()
            case 4: granter = try decoder.text()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(repeated: amount, field: 1)
        encoder.write(gasLimit, field: 2)
        encoder.write(payer, field: 3)
        encoder.write(granter, field: 4)
    }
}
