/// Whose web pages a server answers to, besides those of its own machine (CORS).
public struct CORSPolicy: Equatable, Sendable {
    public enum Origins: Equatable, Sendable {
        /// Every page, wherever it came from: only credentials in the request itself then tell who asks.
        case any
        /// Pages of these origins, for example `https://app.example`, in lower case and without a slash at the end.
        case listed(Set<String>)
    }

    public var origins: Origins
    /// Headers of answers that pages may read, beyond those that every page may.
    public var exposedHeaders: [String]

    public init(origins: Origins = .listed([]), exposedHeaders: [String] = []) {
        self.origins = origins
        self.exposedHeaders = exposedHeaders
    }

    /// Reads what a person wrote: origins, or `*` for any.
    ///
    /// - Returns: nil where one of them is no origin: scheme, host and perhaps a port, and nothing behind.
    public static func origins(_ texts: [String]) -> Origins? {
        if texts.contains("*") { return .any }
        var origins: Set<String> = []
        for text in texts {
            let origin = text.lowercased()
            guard let scheme = ["http://", "https://"].first(where: { origin.hasPrefix($0) }),
                !origin.dropFirst(scheme.count).isEmpty,
                origin.dropFirst(scheme.count).utf8.allSatisfy({ !"/?#@, ".utf8.contains($0) && $0 > 0x20 })
            else { return nil }
            origins.insert(origin)
        }
        return .listed(origins)
    }

    /// Whether pages of this origin are answered.
    func allows(_ origin: String) -> Bool {
        switch origins {
        case .any: true
        case .listed(let listed): listed.contains(origin.lowercased())
        }
    }
}
