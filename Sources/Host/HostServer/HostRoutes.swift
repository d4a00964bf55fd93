import Cryptography
import EngineAPI
import HTTPEdge
import HostRoles
import Hummingbird
import OpenAIWire
import Primitives
import WireFormat

/// What a host answers to.
struct HostRoutes: Sendable {
    let identity: HostIdentity
    let executor: Executor
    let registry: ClaimRegistry
    let desk: AuditDesk
    let witnesses: WitnessDesk
    let view: HostLedgerView
    let engine: EngineCapabilities
    /// Seconds since 1970-01-01 UTC at which the host started: the models' field `created`.
    let startedSeconds: UInt64
    var bodies = BodyBudget()

    func router(guardedBy originGuard: OriginGuard) -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self)
        router.add(middleware: OpenAIErrors())
        router.add(middleware: originGuard)
        let chat = ChatRoute(executor: executor, hostURL: identity.url, bodies: bodies)
        router.post("v1/chat/completions") { try await chat.handle($0, $1) }
        let audits = AuditRoute(desk: desk)
        router.post("v1/audits") { try await audits.handle($0, $1) }
        let witness = WitnessRoute(desk: witnesses, bodies: bodies)
        router.post("v1/witness") { try await witness.handle($0, $1) }
        router.get("v1/models") { _, _ in models }
        router.get("v1/models/:model") { _, context in try model(context.parameters.get("model") ?? "") }
        router.get("v1/items/:session/:number") { _, context in try await item(context) }
        router.get("v1/status") { _, _ in await status() }
        router.get("healthz") { _, _ in Response.text("ok\n") }
        router.get("readyz") { _, _ in await readiness() }
        return router
    }

    private var description: ModelDescription {
        ModelDescription(
            id: engine.model, created: startedSeconds, ownedBy: "gonka", name: engine.model,
            contextTokens: UInt64(engine.contextTokens), outputTokensMax: UInt64(engine.contextTokens))
    }

    private var models: Response { .json(ModelDescription.list([description]).encoded()) }

    private func model(_ id: String) throws -> Response {
        guard id == engine.model else { throw OpenAIError.modelNotFound(id) }
        return .json(description.json.encoded())
    }

    /// What proves an item; open to everybody once its round's open window is over.
    private func item(_ context: EdgeContext) async throws -> Response {
        guard let session = context.parameters.get("session").flatMap({ UInt64($0) }),
            let number = context.parameters.get("number").flatMap({ UInt64($0) })
        else { throw OpenAIError.itemNotFound }
        return .json(try await registry.disclosure(session: session, number: number).json.encoded())
    }

    /// Who this host is and how busy: what a gateway chooses by.
    private func status() async -> Response {
        let load = executor.load.reading
        let height = (try? await view.current().height) ?? 0
        let body: JSONValue = [
            "chain_id": .string(identity.chainID),
            "host": .string(identity.address.bech32),
            "operator_key": .string(Hex.encode(identity.operatorKey.publicKey.compressed)),
            "url": .string(identity.url),
            "height": .number(height),
            "models": [.string(engine.model)],
            "load": [
                "running": .number(Int64(load.running)), "waiting": .number(Int64(load.waiting)),
                "capacity": .number(Int64(load.capacity)),
            ],
        ]
        return .json(body.encoded())
    }

    private func readiness() async -> Response {
        if executor.load.isDraining { return .text("stopping\n", status: .serviceUnavailable) }
        guard await view.isFresh else { return .text("waiting for the ledger\n", status: .serviceUnavailable) }
        return .text("ok\n")
    }
}
