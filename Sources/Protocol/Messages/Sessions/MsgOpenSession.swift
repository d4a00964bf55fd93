import Cryptography
import Primitives
import WireFormat

/// `/gonka.v1.MsgOpenSession`: a developer puts down a deposit and gets a group of hosts drawn by weight.
public struct MsgOpenSession: LedgerMessage, Equatable {
    public static let typeURL = "/gonka.v1.MsgOpenSession"

    public var payer: Address
    public var model: String
    public var deposit: Amount
    /// 33 bytes, compressed secp256k1: signs vouchers. The payer's own key or a gateway's.
    public var sessionKey: Bytes
    /// Hosts in the group; 0 for the network's default.
    public var groupSize: UInt64
    /// Epochs until the session closes by itself; 0 for the network's default.
    public var expiryEpochs: UInt64
    /// The only hosts that may be drawn, ascending; empty for all.
    public var allowedHosts: [Address]
    /// True lifts the rule that engines without our sampler serve temperature 0 only; every receipt says so.
    public var isUnproven: Bool
    /// The host that holds the session key for the payer, where one does: it never audits this session.
    public var keyHolder: Address?

    public var signer: Address { payer }

    public init(
        payer: Address, model: String, deposit: Amount, sessionKey: Bytes, groupSize: UInt64 = 0,
        expiryEpochs: UInt64 = 0,
        allowedHosts: [Address] = [], isUnproven: Bool = false, keyHolder: Address? = nil
    ) {
        self.payer = payer
        self.model = model
        self.deposit = deposit
        self.sessionKey = sessionKey
        self.groupSize = groupSize
        self.expiryEpochs = expiryEpochs
        self.allowedHosts = allowedHosts
        self.isUnproven = isUnproven
        self.keyHolder = keyHolder
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var payer: Address?
        (model, deposit, sessionKey, groupSize, expiryEpochs) = ("", .zero, [], 0, 0)
        (allowedHosts, isUnproven, keyHolder) = ([], false, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: payer = try decoder.account()
            case 2: model = try decoder.identifier()
            case 3: deposit = Amount(try decoder.unsigned())
            case 4: sessionKey = try decoder.data()
            case 5: groupSize = try decoder.unsigned()
            case 6: expiryEpochs = try decoder.unsigned()
            case 7: allowedHosts.append(try decoder.account(repeated: true))
            case 8: isUnproven = try decoder.boolean()
            case 9: keyHolder = try decoder.account()
            default: throw decoder.unknownField()
            }
        }
        self.payer = try required(payer, field: 1)
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(payer.bech32, field: 1)
        encoder.write(model, field: 2)
        encoder.write(deposit.ngonka, field: 3)
        encoder.write(sessionKey, field: 4)
        encoder.write(groupSize, field: 5)
        encoder.write(expiryEpochs, field: 6)
        encoder.write(repeated: allowedHosts.map(\.bech32), field: 7)
        encoder.write(isUnproven, field: 8)
        encoder.write(keyHolder?.bech32 ?? "", field: 9)
    }
}
