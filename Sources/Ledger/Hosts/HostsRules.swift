import Cryptography
import Messages
import Primitives

/// What a host may say of itself.
enum HostsRules {
    /// The longest URL, in bytes.
    static let urlBytesMax = 256
    /// The most models one host may list.
    static let modelsMax = 64

    /// `http://` or `https://`, visible ASCII, an authority, and nothing that hides where it leads.
    static func check(url: String) throws(LedgerError) {
        let bytes = Bytes(url.utf8)
        guard bytes.count <= urlBytesMax else { throw HostsRejection.invalidURL("over \(urlBytesMax) bytes").error }
        guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw HostsRejection.invalidURL("only visible ASCII characters").error
        }
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else {
            throw HostsRejection.invalidURL("http:// or https:// only").error
        }
        let authority = bytes.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "/") }
        let isHidden = bytes.contains { "@?#\\".utf8.contains($0) }
        guard !authority.isEmpty, !isHidden else {
            throw HostsRejection.invalidURL("a host name, without user, query or fragment").error
        }
    }

    /// Known models, ascending by bytes, none twice.
    static func check(models: [String], in context: ExecutionContext) throws(LedgerError) {
        guard models.count <= modelsMax else { throw HostsRejection.invalidModelList("over \(modelsMax)").error }
        for (left, right) in zip(models, models.dropFirst()) where !left.utf8.lexicographicallyPrecedes(right.utf8) {
            throw HostsRejection.invalidModelList("not ascending, or one twice").error
        }
        for model in models { _ = try ModelsModule.model(model, in: context) }
    }

    static func operatorKey(_ bytes: Bytes) throws(LedgerError) -> PublicKey {
        guard let key = PublicKey(compressed: bytes) else { throw HostsRejection.invalidOperatorKey.error }
        return key
    }
}
