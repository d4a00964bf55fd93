import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgRegisterHost`: an account becomes a host against a refundable bond. Open to all.
public struct MsgRegisterHost: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgRegisterHost"

    /// The host's account; it signs and pays the bond.
    public var host: Address
    /// Where its API is reached, `http` or `https`; may be a relay's.
    public var url: String
    /// 33 bytes, compressed secp256k1: signs claims, audits and receipts.
    public var operatorKey: Bytes
    /// 32 bytes, ed25519, unique in the network.
    public var consensusKey: Bytes
    /// 64 bytes: the consensus key's signature, domain `gonka/consensus-key/v1`, over chain id and host address.
    public var consensusSignature: Bytes
    /// Ascending by bytes, no model twice.
    public var models: [String]

    public var signer: Address { host }

    public init(
        host: Address, url: String, operatorKey: Bytes, consensusKey: Bytes, consensusSignature: Bytes, models: [String]
    ) {
        self.host = host
        self.url = url
        self.operatorKey = operatorKey
        self.consensusKey = consensusKey
        self.consensusSignature = consensusSignature
        self.models = models
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        (url, operatorKey, consensusKey, consensusSignature, models) = ("", [], [], [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: host = try decoder.account()
            case 2: url = try decoder.text()
            case 3: operatorKey = try decoder.data()
            case 4: consensusKey = try decoder.data()
            case 5: consensusSignature = try decoder.data()
            case 6: models.append(try decoder.identifier(repeated: true))
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(host.bech32, field: 1)
        encoder.write(url, field: 2)
        encoder.write(operatorKey, field: 3)
        encoder.write(consensusKey, field: 4)
        encoder.write(consensusSignature, field: 5)
        encoder.write(repeated: models, field: 6)
    }
}

/// What a consensus key signs to show that its owner wants it to belong to this host on this chain.
public struct ConsensusKeyStatement: CanonicalMessage, Equatable {
    public var chainID: String
    public var host: Address

    public init(chainID: String, host: Address) {
        self.chainID = chainID
        self.host = host
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var host: Address?
        chainID = ""
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: host = try decoder.address()
            default: throw decoder.unknownField()
            }
        }
        self.host = try required(host, field: 2)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(host, field: 2)
    }
}
