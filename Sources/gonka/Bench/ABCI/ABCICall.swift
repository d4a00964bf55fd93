import OrderingAPI
import Primitives
import WireFormat

/// A request of CometBFT 0.38, as much of it as a measurement needs (field numbers: `ABCIServer/ABCI.proto`).
struct ABCICall {
    let bytes: Bytes
    /// The field of the answer.
    let answer: UInt64

    /// - Parameter field: the request's; the content is written by `write`.
    private init(_ field: UInt32, answer: UInt64, _ write: (inout ProtobufEncoder) -> Void = { _ in }) {
        var content = ProtobufEncoder()
        write(&content)
        var request = ProtobufEncoder()
        // Also where the content is empty: its presence is what says which request it is.
        request.write(repeated: [content.bytes], field: field)
        bytes = request.bytes
        self.answer = answer
    }

    static let flush = ABCICall(2, answer: 3)
    static let commit = ABCICall(11, answer: 12)

    static func initChain(_ genesis: InitChainRequest, validator: Bytes, power: UInt64) -> ABCICall {
        ABCICall(5, answer: 6) { encoder in
            encoder.write(genesis.chainID, field: 2)
            encoder.write(
                Self.message {
                    $0.write(
                        Self.message {
                            $0.write(UInt64(5 << 20), field: 1)
                            $0.write(signed: -1, field: 2)
                        }, field: 1)
                    $0.write(
                        Self.message {
                            $0.write(UInt64(60), field: 1)
                            $0.write(Self.message { $0.write(UInt64(60), field: 1) }, field: 2)
                            $0.write(UInt64(1 << 20), field: 3)
                        }, field: 2)
                    $0.write(Self.message { $0.write("ed25519", field: 1) }, field: 3)
                    $0.write(Self.message { $0.write(UInt64(Version.protocolVersion), field: 1) }, field: 4)
                }, field: 3)
            encoder.write(
                repeated: [
                    Self.message {
                        $0.write(Self.message { $0.write(validator, field: 1) }, field: 1)
                        $0.write(power, field: 2)
                    }
                ], field: 4)
            // The genesis file has it as a JSON text in base64.
            encoder.write("\"\(Base64.encode(genesis.applicationState))\"", field: 5)
            encoder.write(UInt64(1), field: 6)
        }
    }

    static func checkTransaction(_ transaction: Bytes, isRecheck: Bool) -> ABCICall {
        ABCICall(8, answer: 9) { encoder in
            encoder.write(transaction, field: 1)
            encoder.write(isRecheck, field: 2)
        }
    }

    static func prepareProposal(_ transactions: [Bytes], height: UInt64) -> ABCICall {
        ABCICall(16, answer: 17) { encoder in
            encoder.write(UInt64(5 << 20), field: 1)
            encoder.write(repeated: transactions, field: 2)
            encoder.write(height, field: 5)
            encoder.write(Self.time(height), field: 6)
        }
    }

    static func processProposal(_ transactions: [Bytes], height: UInt64, hash: Hash32) -> ABCICall {
        ABCICall(17, answer: 18) { Self.block(transactions, height, hash, &$0) }
    }

    static func finalizeBlock(_ transactions: [Bytes], height: UInt64, hash: Hash32) -> ABCICall {
        ABCICall(20, answer: 21) { Self.block(transactions, height, hash, &$0) }
    }

    private static func block(
        _ transactions: [Bytes], _ height: UInt64, _ hash: Hash32, _ encoder: inout ProtobufEncoder
    ) {
        encoder.write(repeated: transactions, field: 1)
        encoder.write(hash, field: 4)
        encoder.write(height, field: 5)
        encoder.write(time(height), field: 6)
    }

    /// A second a block.
    private static func time(_ height: UInt64) -> Bytes { message { $0.write(height, field: 1) } }

    private static func message(_ write: (inout ProtobufEncoder) -> Void) -> Bytes {
        var encoder = ProtobufEncoder()
        write(&encoder)
        return encoder.bytes
    }
}
