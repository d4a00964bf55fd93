import AsyncHTTPClient
import NIOCore

/// Hosts as the ledger has them.
package enum HostEndpoint {
    /// The address of `path` at a host, or nil for a URL that is not plain HTTP(S) without user and query.
    package static func address(of path: String, at url: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) }) else { return nil }
        let rest = url.utf8.dropFirst(scheme.utf8.count)
        let isPlain = rest.allSatisfy { byte in
            byte > 0x20 && byte < 0x7f && !"@?#\\".utf8.contains(byte)
        }
        guard isPlain, let first = rest.first, first != UInt8(ascii: "/") else { return nil }
        var base = url
        while base.hasSuffix("/") { base.removeLast() }
        return base + (base.hasSuffix("/v1") ? "" : "/v1") + "/" + path
    }
}

extension HTTPClient.Configuration {
    /// For requests to hosts: no redirect is followed and no proxy used, since a host's URL comes from the ledger, and a request goes
    /// there or nowhere.
    ///
    /// - Parameter read: between two pieces of an answer.
    package static func toHosts(connect: TimeAmount, read: TimeAmount) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.proxy = nil
        configuration.decompression = .disabled
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: connect, read: read)
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(JointSending(), position: .first)
            }
        }
        // Nobody records spans here: a tracer would read each URL once more for one.
        configuration.tracing.tracer = nil
        // Whoever asks knows what a failure means.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }
}
