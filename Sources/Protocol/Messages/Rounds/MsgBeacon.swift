import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgBeacon`: a validator's part of the next seed. A duty message: free once an interval.
public struct MsgBeacon: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgBeacon"

    /// The account of the host's operator key, which signs.
    public var operatorAccount: Address
    /// The host that it speaks for.
    public var host: Address
    /// The interval that it is for; its block has to lie in it.
    public var interval: UInt64
    /// The 32 bytes whose hash was given last time; empty from who has none standing.
    public var secret: Bytes
    /// SHA256 of the next secret.
    public var nextCommitment: Hash32

    public var signer: Address { operatorAccount }

    public init(operatorAccount: Address, host: Address, interval: UInt64, secret: Bytes, nextCommitment: Hash32) {
        self.operatorAccount = operatorAccount
        self.host = host
        self.interval = interval
        self.secret = secret
        self.nextCommitment = nextCommitment
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var operatorAccount: Address?
        var host: Address?
        var nextCommitment: Hash32?
        (interval, secret) = (0, [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: operatorAccount = try decoder.account()
            case 2: host = try decoder.account()
            case 3: interval = try decoder.unsigned()
            case 4: secret = try decoder.data()
            case 5: nextCommitment = try decoder.hash()
            default: throw decoder.unknownField()
            }
        }
        self.operatorAccount = try required(operatorAccount, field: 1)
        self.host = try required(host, field: 2)
        self.nextCommitment = try required(nextCommitment, field: 5)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(operatorAccount.bech32, field: 1)
        encoder.write(host.bech32, field: 2)
        encoder.write(interval, field: 3)
        encoder.write(secret, field: 4)
        encoder.write(nextCommitment, field: 5)
    }
}
