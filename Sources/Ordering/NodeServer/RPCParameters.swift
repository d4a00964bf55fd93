import Primitives
import WireFormat

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
