import OrderingAPI
import Primitives
import WireFormat

/// The first record of a block file: what the chain was started with, so that the file alone is enough for a replay.
package struct GenesisRecord: CanonicalMessage, Equatable {
    package let request: InitChainRequest

    package init(_ request: InitChainRequest) { self.request = request }

    package init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (chainID, genesisTimeMilliseconds): (String, UInt64) = ("", 0)
        var applicationState = Bytes()
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.text()
            case 2: genesisTimeMilliseconds = try decoder.unsigned()
            case 3: applicationState = try decoder.data()
            default: throw decoder.unknownField()
            }
        }
        request = InitChainRequest(
            chainID: chainID, genesisTimeMilliseconds: genesisTimeMilliseconds, applicationState: applicationState)
    }

    package func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(request.chainID, field: 1)
        encoder.write(request.genesisTimeMilliseconds, field: 2)
        encoder.write(request.applicationState, field: 3)
    }
}
