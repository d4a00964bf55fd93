import AsyncHTTPClient
import Messages
import Primitives
import Synchronization

@testable import Gateway

/// Hosts that do what a test wrote down for each. A host without a script cannot be reached.
final class ScriptedHosts: HostTransport {
    typealias Script = @Sendable (TestHost, HostRequest) async throws -> HTTPClientResponse

    private let scripts: [String: (host: TestHost, script: Script)]
    private let received = Mutex<[HostRequest]>([])

    init(_ scripts: [UInt8: Script]) {
        var byURL: [String: (host: TestHost, script: Script)] = [:]
        for (number, script) in scripts { byURL[TestHost(number).url] = (TestHost(number), script) }
        self.scripts = byURL
    }

    /// All hosts answer honestly and at once.
    static var honest: ScriptedHosts { ScriptedHosts([1: answer, 2: answer, 3: answer]) }

    static let answer: Script = { host, request in try HonestAnswer(host, to: request).response }

    /// What was sent, in order.
    var requests: [HostRequest] { received.withLock { $0 } }

    /// The hosts that were asked, in order.
    var asked: [String] { requests.map(\.url) }

    func send(_ request: HostRequest) async throws -> HTTPClientResponse {
        received.withLock { $0.append(request) }
        guard let (host, script) = scripts[request.url] else { throw HostFault.unreachable("no script") }
        return try await script(host, request)
    }
}
