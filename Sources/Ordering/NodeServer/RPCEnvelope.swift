import Primitives
import WireFormat

/// JSON-RPC 2.0, as CometBFT speaks it: the HTTP status is 200 even for errors.
enum RPCEnvelope {
    /// Requests in one batch.
    static let batchMax = 100

    static func answer(_ body: Bytes, by methods: RPCMethods) async -> Bytes {
        let request: JSONValue
        do throws(JSONError) {
            request = try JSONParser.parse(body)
        } catch {
            return failure(RPCError(code: -32700, message: "the body is not JSON: \(error)"), id: .null).encoded()
        }
        guard let batch = request.array else { return await answer(request, by: methods).encoded() }
        var answers: [JSONValue] = []
        for request in batch.prefix(batchMax) { answers.append(await answer(request, by: methods)) }
        return JSONValue.array(answers).encoded()
    }

    static func answer(method: String, _ parameters: JSONObject, id: JSONValue, by methods: RPCMethods) async -> Bytes {
        await result(method: method, parameters, id: id, by: methods).encoded()
    }

    /// A value of a query string: quoted text, `0x` hexadecimal, or a bare word.
    static func value(ofQuery text: String) -> JSONValue {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return .string(text) }
        return .string(String(text.dropFirst().dropLast()))
    }

    private static func answer(_ request: JSONValue, by methods: RPCMethods) async -> JSONValue {
        guard let method = request["method"]?.string else {
            return failure(RPCError(code: -32600, message: "a request has a method"), id: request["id"] ?? .null)
        }
        let parameters = request["params"]?.object ?? JSONObject()
        return await result(method: method, parameters, id: request["id"] ?? .null, by: methods)
    }

    private static func result(
        method: String, _ parameters: JSONObject, id: JSONValue, by methods: RPCMethods
    ) async -> JSONValue {
        do {
            let result = try await methods.call(method, RPCParameters(parameters))
            return ["jsonrpc": "2.0", "id": id, "result": result]
        } catch let error as RPCError {
            return failure(error, id: id)
        } catch {
            return failure(RPCError(code: -32603, message: "\(error)"), id: id)
        }
    }

    private static func failure(_ error: RPCError, id: JSONValue) -> JSONValue {
        [
            "jsonrpc": "2.0", "id": id,
            "error": ["code": .number(Int64(error.code)), "message": .string(error.message), "data": ""],
        ]
    }
}

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
}

/// A call's parameters, read leniently where CometBFT does: integers may be texts, bytes are hexadecimal or base64.
struct RPCParameters {
    private let object: JSONObject

    init(_ object: JSONObject) { self.object = object }

    func text(_ name: String) -> String { object[name]?.string ?? "" }

    func boolean(_ name: String) -> Bool { object[name]?.boolean ?? (object[name]?.string == "true") }

    /// A height or count, or nil where it is absent or empty.
    func number(_ name: String) throws -> UInt64? {
        guard let value = object[name], value.string != "", !value.isNull else { return nil }
        guard let number = value.number?.uint64 ?? value.string.flatMap({ UInt64($0) }) else {
            throw RPCError.invalid(name, "a number")
        }
        return number
    }

    /// Hexadecimal, with or without `0x`.
    func hexBytes(_ name: String) throws -> Bytes {
        let text = text(name)
        guard let bytes = Hex.decode(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text) else {
            throw RPCError.invalid(name, "hexadecimal")
        }
        return bytes
    }

    /// Hexadecimal behind `0x`, as in a query string, else base64.
    func transactionBytes(_ name: String) throws -> Bytes {
        let text = text(name)
        if text.hasPrefix("0x") { return try hexBytes(name) }
        guard let bytes = Base64.decode(text), !bytes.isEmpty else { throw RPCError.invalid(name, "base64") }
        return bytes
    }
}
