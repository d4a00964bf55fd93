import Cryptography
import Primitives
import StateStore
import WireFormat

/// Where the stored state stands, with a checksum: the app hash protects the entries, and this protects the height.
struct StateHead: Equatable {
    /// Begins what the checksum is computed over.
    private static let domain = "gonka/state-head/v1"

    let chainID: String
    let height: UInt64
    let appHash: Hash32

    init(_ state: StoredState) {
        self.init(chainID: state.chainID, height: state.height, appHash: state.appHash)
    }

    private init(chainID: String, height: UInt64, appHash: Hash32) {
        (self.chainID, self.height, self.appHash) = (chainID, height, appHash)
    }

    private var checksum: Hash32 {
        var encoder = ProtobufEncoder()
        encodeContents(to: &encoder)
        return Hash32.sha256(Bytes(StateHead.domain.utf8) + encoder.bytes)
    }

    private func encodeContents(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(height, field: 2)
        encoder.write(appHash, field: 3)
    }
}

extension StateHead: CanonicalMessage {
    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (chainID, height): (String, UInt64) = ("", 0)
        var (appHash, checksum): (Hash32?, Hash32?) = (nil, nil)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.identifier()
            case 2: height = try decoder.unsigned()
            case 3: appHash = try decoder.hash()
            case 4: checksum = try decoder.hash()
            default: throw decoder.unknownField()
            }
        }
        guard let appHash else { throw .missingField(number: 3) }
        self.init(chainID: chainID, height: height, appHash: appHash)
        guard checksum == self.checksum else { throw .invalidValue(number: 4) }
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encodeContents(to: &encoder)
        encoder.write(checksum, field: 4)
    }
}
