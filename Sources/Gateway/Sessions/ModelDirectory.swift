import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import Synchronization

/// The models that can be asked for: those of the ledger that take sessions and that an active host lists. Read from time to
/// time, so that no request waits for it.
final class ModelDirectory: Sendable {
    private let ledger: any LedgerAccess
    private let known = Mutex<[ModelRecord]?>(nil)

    init(ledger: any LedgerAccess) { self.ledger = ledger }

    /// Reads the list anew.
    func refresh() async throws(LedgerAccessError) {
        let hosts = try await ledger.hosts().elements.filter { $0.state == .active }
        let listed = Set(hosts.flatMap(\.models).map { Bytes($0.utf8) })
        let models = try await ledger.models().elements.filter {
            $0.state == .active && listed.contains(Bytes($0.id.utf8))
        }
        known.withLock { $0 = models }
    }

    /// - Throws: `.modelNotFound`, or `.noHostAvailable` while the list was never read.
    func check(_ id: String) throws(OpenAIError) {
        guard try all().contains(where: { $0.id.utf8.elementsEqual(id.utf8) }) else { throw .modelNotFound(id) }
    }

    /// What a session of this model costs that is opened now; nil where it is not known.
    func prices(of id: String) -> TokenPrices? {
        (try? all())?.first { $0.id.utf8.elementsEqual(id.utf8) }?.prices
    }

    /// For `GET /v1/models`.
    func descriptions() throws(OpenAIError) -> [ModelDescription] { try all().map(Self.description) }

    private func all() throws(OpenAIError) -> [ModelRecord] {
        guard let models = known.withLock({ $0 }) else { throw .noHostAvailable }
        return models
    }

    private static func description(_ model: ModelRecord) -> ModelDescription {
        // The ledger knows no date of a model.
        ModelDescription(
            id: model.id, created: 0, ownedBy: "gonka", name: model.id, contextTokens: model.contextTokens,
            outputTokensMax: model.contextTokens)
    }
}
