import HTTPEdge
import HTTPTypes
import Hummingbird
import Logging
import Primitives
import SoloOrdering
import WireFormat

/// The node's door: a part of CometBFT's RPC, with the same names and shapes, so that wallets and libraries need not know
/// what orders the blocks. `POST /` takes JSON-RPC 2.0, `GET /method?…` the same methods.
public struct NodeServer: Sendable {
    private let address: EdgeServer.Address
    private let envelope: RPCEnvelope
    private let logger: Logger

    public init(address: EdgeServer.Address, ordering: SoloOrdering, logger: Logger) {
        self.address = address
        envelope = RPCEnvelope(methods: RPCMethods(ordering: ordering))
        self.logger = logger
    }

    /// Serves until the surrounding service group shuts down.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await EdgeServer(address: address, router: router(), limits: Self.limits, logger: logger).run(
            onReady: onReady)
    }

    private static var limits: EdgeLimits {
        var limits = EdgeLimits()
        limits.bodyBytesMax = RPCLimits.bodyBytesMax
        return limits
    }

    /// A page in a browser of this machine can send a text to any port: what is no JSON by its type, or comes from another
    /// origin, is refused.
    func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: OriginGuard(address))
        router.get("healthz") { _, _ in Response.text("ok\n") }
        router.get("readyz") { [envelope] _, _ in
            await envelope.methods.isReady
                ? Response.text("ok\n") : Response.text("starting\n", status: .serviceUnavailable)
        }
        router.post("/") { [envelope] request, _ in
            Response.json(await envelope.answer(try await request.collectJSON(bytesMax: RPCLimits.bodyBytesMax)))
        }
        router.get(":method") { [envelope] request, context in
            let name = context.parameters.get("method") ?? ""
            var parameters = JSONObject()
            for parameter in request.uri.queryParameters {
                parameters.append(String(parameter.key), RPCEnvelope.value(ofQuery: String(parameter.value)))
            }
            return Response.json(await envelope.answer(method: name, parameters, id: .number(Int64(-1))))
        }
        return router
    }
}
