import Primitives
import WireFormat

/// `cosmos.tx.v1beta1.TxBody`.
///
/// Fields that this network does not honour (`unordered`, extension options) are read, so that the ledger can refuse the
/// transaction by name rather than ignore what its signer asked for.
public struct TransactionBody: CanonicalMessage, Equatable {
    public var messages: [AnyMessage]
    public var memo: String
    /// The last height at which the transaction may enter a block; 0 for none.
    public var timeoutHeight: UInt64
    public var isUnordered: Bool
    /// `google.protobuf.Timestamp`, undecoded: only its presence matters.
    public var timeoutTimestamp: Bytes
    public var extensionOptions: [AnyMessage]
    public var nonCriticalExtensionOptions: [AnyMessage]

    public init(messages: [AnyMessage], memo: String = "", timeoutHeight: UInt64 = 0) {
        self.messages = messages
        self.memo = memo
        self.timeoutHeight = timeoutHeight
        isUnordered = false
        timeoutTimestamp = []
        extensionOptions = []
        nonCriticalExtensionOptions = []
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        self.init(messages: [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: messages.append(try decoder.message(AnyMessage.self, repeated: true))
            case 2: memo = try decoder.text()
            case 3: timeoutHeight = try decoder.unsigned()
            case 4: isUnordered = try decoder.boolean()
            case 5: timeoutTimestamp = try decoder.data()
            case 1023: extensionOptions.append(try decoder.message(AnyMessage.self, repeated: true))
            case 2047: nonCriticalExtensionOptions.append(try decoder.message(AnyMessage.self, repeated: true))
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(repeated: messages, field: 1)
        encoder.write(memo, field: 2)
        encoder.write(timeoutHeight, field: 3)
        encoder.write(isUnordered, field: 4)
        encoder.write(timeoutTimestamp, field: 5)
        encoder.write(repeated: extensionOptions, field: 1023)
        encoder.write(repeated: nonCriticalExtensionOptions, field: 2047)
    }
}
