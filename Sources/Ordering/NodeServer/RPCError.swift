/// Why a call has no result.
struct RPCError: Error, Equatable {
    let code: Int
    let message: String

    static func unknownMethod(_ name: String) -> RPCError {
        RPCError(code: -32601, message: "Method not found: \(name.prefix(64).debugDescription)")
    }

    static func invalid(_ name: String, _ expected: String) -> RPCError {
        RPCError(code: -32602, message: "the parameter \(name) must be \(expected)")
    }

    // MARK: Batches

    static func wrongBatch(count: Int, max: Int) -> RPCError {
        RPCError(code: -32600, message: "a batch has 1 to \(max) requests, and this one has \(count)")
    }

    static func waitsInBatch(_ method: String) -> RPCError {
        RPCError(code: -32600, message: "\(method) waits for a block and is taken alone, not in a batch")
    }

    /// The call was carried out.
    static let answerDoesNotFit = RPCError(
        code: -32000, message: "the answers of the batch are too long together for this one; call it alone")
    static let batchIsFull = RPCError(
        code: -32000, message: "not carried out: the answers of the batch are too long together")
    static let batchTookTooLong = RPCError(code: -32000, message: "not carried out: the batch took too long")
}
