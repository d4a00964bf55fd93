/// Where a consensus node finds the application: what its configuration calls `proxy_app`.
public enum ABCIAddress: Equatable, Sendable, CustomStringConvertible {
    case unix(path: String)
    case tcp(host: String, port: Int)

    /// The longest path of a socket on Linux, in bytes, without the zero at its end.
    private static let pathBytesMax = 107

    /// - Parameter text: `unix:///path/to/socket` or `tcp://127.0.0.1:26658`.
    /// - Returns: nil where it is neither.
    public init?(_ text: String) {
        if text.hasPrefix("unix://") {
            let path = String(text.dropFirst("unix://".count))
            guard path.hasPrefix("/"), path.utf8.count <= Self.pathBytesMax else { return nil }
            self = .unix(path: path)
        } else if text.hasPrefix("tcp://") {
            let rest = text.dropFirst("tcp://".count)
            guard let colon = rest.lastIndex(of: ":"), colon > rest.startIndex,
                let port = UInt16(rest[rest.index(after: colon)...])
            else { return nil }
            let host = rest[..<colon]
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            self = .tcp(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: Int(port))
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .unix(let path): "unix://\(path)"
        case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
        }
    }
}
