import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgUpdateHost`: replaces a host's URL and the list of models it serves.
public struct MsgUpdateHost: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgUpdateHost"

    public var host: Address
    public var url: String
    /// Ascending by bytes, no model twice.
    public var models: [String]

    public var signer: Address { host }

    public init(host: Address, url: String, models: [String]) {
        self.host = host
        self.url = url
        self.models = models
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (url, models) = ("", [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.account()
            case 2: url = try decoder.text()
            case 3: models.append(try decoder.identifier(repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host.bech32, field: 1)
        encoder.write(url, field: 2)
        encoder.write(repeated: models, field: 3)
    }
}

/// `/gonka.v1.MsgRotateOperatorKey`: the account key puts another operator key in force at once.
public struct MsgRotateOperatorKey: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgRotateOperatorKey"

    public var host: Address
    /// 33 bytes, compressed secp256k1.
    public var operatorKey: Bytes

    public var signer: Address { host }

    public init(host: Address, operatorKey: Bytes) {
        self.host = host
        self.operatorKey = operatorKey
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        operatorKey = []
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.account()
            case 2: operatorKey = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host.bech32, field: 1)
        encoder.write(operatorKey, field: 2)
    }
}

/// `/gonka.v1.MsgRetireHost`: the host leaves once its last claims are settled; bond and collateral return after a
/// whole epoch more.
public struct MsgRetireHost: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgRetireHost"

    public var host: Address

    public var signer: Address { host }

    public init(host: Address) { self.host = host }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.account()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) { encoder.write(host.bech32, field: 1) }
}
