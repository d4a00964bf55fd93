@testable import HostRoles

/// Executors of a test as witnesses find them: what a script says, without a socket.
actor ScriptedForwarder: RequestForwarder {
    typealias Script = @Sendable (SignedRequest, String) async throws -> ForwardedReply

    private let script: Script
    private(set) var urls: [String] = []

    init(_ script: @escaping Script = { _, _ in .nothing }) { self.script = script }

    func forward(_ request: SignedRequest, to url: String) async throws -> ForwardedReply {
        urls.append(url)
        return try await script(request, url)
    }
}
