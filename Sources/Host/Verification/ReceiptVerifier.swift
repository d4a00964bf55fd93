import EngineAPI
import HostRoles
import LedgerClient
import Messages
import OpenAIWire
import ProtocolRules

/// Checks a receipt alone: with the model, with the ledger, or with whatever of them is there.
public struct ReceiptVerifier: Sendable {
    private let engine: (any Engine)?
    private let ledger: (any LedgerAccess)?
    private let thresholds: ModelThresholds

    /// - Parameters:
    ///   - engine: the model of record; nil skips what needs it.
    ///   - ledger: nil skips what needs it.
    ///   - thresholds: used where the ledger's record of the model cannot be read.
    public init(engine: (any Engine)?, ledger: (any LedgerAccess)?, thresholds: ModelThresholds = .smolLM2) {
        self.engine = engine
        self.ledger = ledger
        self.thresholds = thresholds
    }

    /// Runs every check.
    ///
    /// - Parameter skipsModelFile: true for `--any-model`.
    /// - Returns: one report a check, in the order of `Check.allCases`.
    public func verify(_ file: ReceiptFile, skipsModelFile: Bool = false) async -> [CheckReport] {
        let request = file.request.flatMap { try? ChatCompletionRequest.parse($0) }
        let checks = ReceiptChecks(
            file: file, request: request, engine: engine, facts: await LedgerFacts(of: file, from: ledger),
            rendered: await rendered(request), score: await score(file, request),
            fallbackThresholds: thresholds, skipsModelFile: skipsModelFile)
        return Check.allCases.map(checks.report)
    }

    /// The request's prompt; nil without a model.
    private func rendered(_ request: ChatCompletionRequest?) async -> Result<[TokenID], EngineError>? {
        guard let engine, let request else { return nil }
        do throws(EngineError) { return .success(try await Prompt.tokens(of: request, by: engine)) } catch {
            return .failure(error)
        }
    }

    /// The model's view of the tokens, held to what the request demands of them; nil without a model or without tokens.
    private func score(
        _ file: ReceiptFile, _ request: ChatCompletionRequest?
    ) async -> Result<ScoreResult, EngineError>? {
        guard let engine, !file.outputTokens.isEmpty, !file.promptTokens.isEmpty else { return nil }
        let item = file.receipt.statement.item
        let size = engine.capabilities.vocabularySize
        guard
            let constraints = request.map({ Prompt.constraints(of: $0, vocabularySize: size) })
                ?? OutputConstraints.none
        else {
            return .failure(.unsupported(field: "form"))
        }
        do throws(EngineError) {
            return .success(
                try await engine.score(
                    ScoreRequest(
                        prompt: file.promptTokens, output: file.outputTokens, sampling: item.sampling,
                        seed: ItemSeed(item.seed), constraints: constraints)))
        } catch {
            return .failure(error)
        }
    }
}
