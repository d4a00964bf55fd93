import Primitives
import SoloOrdering
import WireFormat

/// JSON-RPC 2.0, as CometBFT speaks it: the HTTP status is 200 even for errors.
struct RPCEnvelope: Sendable {
    let methods: RPCMethods
    var limits = RPCLimits()
    var clock: any BlockClock = SystemBlockClock()

    /// Answers a request or a batch of them.
    func answer(_ body: Bytes) async -> Bytes {
        let request: JSONValue
        do throws(JSONError) {
            request = try JSONParser.parse(body)
        } catch {
            return Self.failure(RPCError(code: -32700, message: "the body is not JSON: \(error)"), id: .null).encoded()
        }
        guard let batch = request.array else { return await answer(request, isInBatch: false).encoded() }
        return await answer(batch: batch)
    }

    func answer(method: String, _ parameters: JSONObject, id: JSONValue) async -> Bytes {
        await result(method: method, parameters, id: id).encoded()
    }

    /// A value of a query string: quoted text, `0x` hexadecimal, or a bare word.
    static func value(ofQuery text: String) -> JSONValue {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return .string(text) }
        return .string(String(text.dropFirst().dropLast()))
    }

    /// Every request of a batch has its answer, which is an error once the answers are too long or took too long: one call
    /// must not cost the node gigabytes or minutes.
    private func answer(batch: [JSONValue]) async -> Bytes {
        guard !batch.isEmpty, batch.count <= limits.batchMax else {
            return Self.failure(.wrongBatch(count: batch.count, max: limits.batchMax), id: .null).encoded()
        }
        let deadline = clock.elapsed() + limits.batchDuration
        var bytes = Bytes("[".utf8)
        var refusal: RPCError?
        for (index, request) in batch.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if refusal == nil, clock.elapsed() >= deadline { refusal = .batchTookTooLong }
            if let refusal {
                bytes += Self.failure(refusal, id: Self.id(of: request)).encoded()
                continue
            }
            let answer = await answer(request, isInBatch: true).encoded()
            if bytes.count + answer.count <= limits.batchAnswerBytesMax {
                bytes += answer
            } else {
                bytes += Self.failure(.answerDoesNotFit, id: Self.id(of: request)).encoded()
                refusal = .batchIsFull
            }
        }
        return bytes + "]".utf8
    }

    private func answer(_ request: JSONValue, isInBatch: Bool) async -> JSONValue {
        let id = Self.id(of: request)
        guard let method = request["method"]?.string else {
            return Self.failure(RPCError(code: -32600, message: "a request has a method"), id: id)
        }
        if isInBatch && RPCMethods.waiting.contains(method) { return Self.failure(.waitsInBatch(method), id: id) }
        return await result(method: method, request["params"]?.object ?? JSONObject(), id: id)
    }

    private func result(method: String, _ parameters: JSONObject, id: JSONValue) async -> JSONValue {
        do {
            let result = try await methods.call(method, RPCParameters(parameters))
            return ["jsonrpc": "2.0", "id": id, "result": result]
        } catch let error as RPCError {
            return Self.failure(error, id: id)
        } catch {
            return Self.failure(RPCError(code: -32603, message: "\(error)"), id: id)
        }
    }

    private static func id(of request: JSONValue) -> JSONValue { request["id"] ?? .null }

    private static func failure(_ error: RPCError, id: JSONValue) -> JSONValue {
        [
            "jsonrpc": "2.0", "id": id,
            "error": ["code": .number(Int64(error.code)), "message": .string(error.message), "data": ""],
        ]
    }
}
