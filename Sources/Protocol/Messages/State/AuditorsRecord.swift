import Cryptography
import Primitives
import WireFormat

/// Who audits one model in one epoch: the active hosts that listed it when the epoch began, with their confirmed weights for all
/// models. Frozen, so that draws do not depend on who comes or goes.
public struct AuditorsRecord: CanonicalMessage, Equatable {
    public var epoch: UInt64
    public var model: String
    /// Ascending.
    public var hosts: [Address]
    /// One for each host.
    public var weights: [UInt64]

    public init(epoch: UInt64, model: String, hosts: [Address], weights: [UInt64]) {
        self.epoch = epoch
        self.model = model
        self.hosts = hosts
        self.weights = weights
    }

    public init(from decoder: inout ProtobufDecoder) throws(WireError) {
        (epoch, model, hosts, weights) = (0, "", [], [])
        while let field = try decoder.nextField() {
            switch field {
            case 1: epoch = try decoder.unsigned()
            case 2: model = try decoder.identifier()
            case 3: hosts.append(try decoder.address(repeated: true))
            case 4: weights = try decoder.packed()
            default: throw decoder.unknownField()
            }
        }
    }

    public func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(epoch, field: 1)
        encoder.write(model, field: 2)
        encoder.write(repeated: hosts.map(\.bytes), field: 3)
        encoder.write(packed: weights, field: 4)
    }
}
