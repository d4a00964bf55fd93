import Cryptography
import Logging
import NIOCore
import OpenAIWire
import Primitives

/// Takes a client's request to a host of its session, and to the next one where the first fails before its first token. Where that
/// is only late, a second host may be asked beside the first, within a budget; the faster one answers.
struct Relay: Sendable {
    let pool: SessionPool
    let transport: any HostTransport
    var limits = AnswerLimits()
    /// Takes what hosts left unanswered; nil where nobody asks witnesses.
    var misses: MissQueue?
    /// What second hosts may be asked from; nil where none is.
    var hedges: HedgeBudget?
    /// Keeps the ways of requests.
    var routes = RouteLog()
    let logger: Logger

    /// - Throws: `OpenAIError`, or `CancellationError` where the client is gone.
    func answer(_ request: RelayRequest) async throws -> RelayedAnswer {
        hedges?.earn()
        let trace = routes.begin(request)
        do {
            var run = RelayRun(self, request, trace)
            return try await run.answer()
        } catch let error as OpenAIError {
            trace.end(error.code.rawValue)
            throw error
        } catch {
            trace.end("client_left")
            throw error
        }
    }
}

/// A host's answer that may go to the client.
struct RelayedAnswer: Sendable {
    let host: Address
    let session: UInt64
    /// For the header `X-Gonka-Route`.
    let route: String
    let content: Content

    enum Content: Sendable {
        /// The body, put together from what the host sent.
        case plain(ByteBuffer)
        case stream(AnswerStream)
    }
}
