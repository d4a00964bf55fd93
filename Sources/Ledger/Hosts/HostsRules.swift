import Messages
import Primitives

/// What a host may say of itself.
enum HostsRules {
    /// The longest URL, in bytes.
    static let urlBytesMax = 256
    /// The most models one host may list.
    static let modelsMax = 64

    /// `http://` or `https://`, a host name or address with or without a port, a path or none. Nothing that hides where it
    /// leads (user, query, fragment, backslash) and nothing that a page or a header could be broken with.
    static func check(url: String) throws(LedgerError) {
        let bytes = Bytes(url.utf8)
        guard bytes.count <= urlBytesMax else { throw HostsRejection.invalidURL("over \(urlBytesMax) bytes").error }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }), !bytes.contains(where: forbidden.contains) else {
            let names = String(decoding: forbidden, as: UTF8.self)
            throw HostsRejection.invalidURL("visible ASCII without any of \(names)").error
        }
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else {
            throw HostsRejection.invalidURL("http:// or https:// only").error
        }
        let authority = bytes.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") }
        guard let first = authority.first, first != UInt8(ascii: ":") else {
            throw HostsRejection.invalidURL("it names no host").error
        }
    }

    private static let forbidden = Bytes("@?#\\\"'<>^`{|}".utf8)

    /// Known models, ascending by bytes, none twice.
    static func check(models: [String], in context: ExecutionContext) throws(LedgerError) {
        guard models.count <= modelsMax else { throw HostsRejection.invalidModelList("over \(modelsMax)").error }
        for (left, right) in zip(models, models.dropFirst()) where !left.utf8.lexicographicallyPrecedes(right.utf8) {
            throw HostsRejection.invalidModelList("not ascending, or one twice").error
        }
        for model in models { _ = try ModelsModule.model(model, in: context) }
    }
}
