import Cryptography
import EngineAPI
import HostRoles
import LedgerClient
import Messages
import OpenAIWire
import Primitives
import ProtocolRules
import WireFormat

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
        let score = await scored(file)
        var reports = [signature(file), await operatorKey(file)]
        reports += [
            promptDigest(file), outputDigest(file), answer(file), requestDigest(file), prompt(file), seed(file),
        ]
        reports += [await fee(file), await modelFile(file, skips: skipsModelFile)]
        reports += [await margin(file, score), await fingerprint(file, score), await claim(file)]
        return reports
    }

    // MARK: Statements

    private func signature(_ file: ReceiptFile) -> CheckReport {
        let receipt = file.receipt.statement
        guard let key = PublicKey(compressed: receipt.operatorKey) else {
            return CheckReport(.signature, .failed, "the operator key is no point of the curve")
        }
        guard file.receipt.isValid(under: key) else {
            return CheckReport(.signature, .failed, "the operator key did not sign this receipt")
        }
        return CheckReport(.signature, .passed, "signed by operator \(key.address.bech32)")
    }

    private func operatorKey(_ file: ReceiptFile) async -> CheckReport {
        let receipt = file.receipt.statement
        guard let ledger else { return CheckReport(.operatorKey, .skipped, "no ledger was asked") }
        do throws(LedgerAccessError) {
            guard let host = try await ledger.host(receipt.executor) else {
                return CheckReport(.operatorKey, .failed, "\(receipt.executor.bech32) is no host")
            }
            return host.operatorKey == receipt.operatorKey
                ? CheckReport(.operatorKey, .passed, "the key of host \(receipt.executor.bech32)")
                : CheckReport(.operatorKey, .failed, "the ledger has another key for \(receipt.executor.bech32)")
        } catch {
            return CheckReport(.operatorKey, .skipped, error.description)
        }
    }

    // MARK: Tokens and texts

    private func promptDigest(_ file: ReceiptFile) -> CheckReport {
        let item = file.receipt.statement.item
        let holds =
            TokenDigest.digest(of: file.promptTokens) == item.promptDigest
            && UInt64(file.promptTokens.count) == item.promptTokens
        return CheckReport(.promptDigest, holds ? .passed : .failed, "\(file.promptTokens.count) prompt tokens")
    }

    private func outputDigest(_ file: ReceiptFile) -> CheckReport {
        let item = file.receipt.statement.item
        let holds =
            TokenDigest.digest(of: file.outputTokens) == item.outputDigest
            && UInt64(file.outputTokens.count) == item.outputTokens
        return CheckReport(.outputDigest, holds ? .passed : .failed, "\(file.outputTokens.count) output tokens")
    }

    private func answer(_ file: ReceiptFile) -> CheckReport {
        guard let answer = file.answer else { return CheckReport(.answer, .skipped, "the answer's text was not kept") }
        guard Hash32.sha256(utf8: answer) == file.receipt.statement.answerDigest else {
            return CheckReport(.answer, .failed, "the receipt stands for another text")
        }
        guard let engine else {
            return CheckReport(.answer, .passed, "\(answer.utf8.count) bytes; tokens not compared")
        }
        let spelled = engine.text(of: file.outputTokens)
        guard spelled.hasPrefix(answer) else { return CheckReport(.answer, .failed, "the tokens spell another text") }
        return CheckReport(.answer, .passed, "\(answer.utf8.count) bytes, as the tokens spell")
    }

    private func requestDigest(_ file: ReceiptFile) -> CheckReport {
        guard let request = file.request else {
            return CheckReport(.requestDigest, .skipped, "the request was not kept")
        }
        let holds = file.receipt.statement.item.serving?.requestDigest == .sha256(request)
        return CheckReport(.requestDigest, holds ? .passed : .failed, "\(request.count) bytes")
    }

    private func prompt(_ file: ReceiptFile) -> CheckReport {
        guard let request = parsedRequest(file), let messages = try? Prompt.messages(of: request) else {
            return CheckReport(.prompt, .skipped, "the request was not kept, or is none")
        }
        guard let engine else { return CheckReport(.prompt, .skipped, "no model was loaded") }
        do throws(EngineError) {
            let holds = try engine.render(messages) == file.promptTokens
            return CheckReport(.prompt, holds ? .passed : .failed, "\(file.promptTokens.count) tokens rendered anew")
        } catch {
            return CheckReport(.prompt, .failed, "the request cannot be rendered: \(error)")
        }
    }

    private func seed(_ file: ReceiptFile) -> CheckReport {
        let receipt = file.receipt.statement
        guard let serving = receipt.item.serving else {
            return CheckReport(.seed, .skipped, "nobody asked for this item")
        }
        let bySession = ItemSeed(
            session: serving.session, executor: receipt.executor, sequence: serving.sequence, choice: serving.choice)
        let request = parsedRequest(file)
        if let client = request?.seed {
            let expected = ItemSeed(clientSeed: client, promptDigest: receipt.item.promptDigest, choice: serving.choice)
            let holds = receipt.item.seed == expected.hash
            return CheckReport(.seed, holds ? .passed : .failed, "from the client's seed \(client)")
        }
        if receipt.item.seed == bySession.hash { return CheckReport(.seed, .passed, "from session, executor, voucher") }
        guard request != nil else {
            return CheckReport(.seed, .skipped, "the request, which may hold a seed, was not kept")
        }
        return CheckReport(.seed, .failed, "it follows neither from the request nor from the session")
    }

    private func parsedRequest(_ file: ReceiptFile) -> ChatCompletionRequest? {
        file.request.flatMap { try? ChatCompletionRequest.parse($0) }
    }

    // MARK: Money

    private func fee(_ file: ReceiptFile) async -> CheckReport {
        let item = file.receipt.statement.item
        guard let serving = item.serving else { return CheckReport(.fee, .skipped, "nobody pays for this item") }
        guard let ledger else { return CheckReport(.fee, .skipped, "no ledger was asked for the session's prices") }
        guard let request = parsedRequest(file) else { return CheckReport(.fee, .skipped, "the request was not kept") }
        do {
            guard let session = try await ledger.session(serving.session) else {
                return CheckReport(.fee, .failed, "there is no session \(serving.session)")
            }
            let defaultMaxTokens = try await ledger.parameters().sessions.maxTokensDefault
            let maximum = try Charge.maximum(
                session.prices, textBytes: request.textBytes, messages: UInt64(request.messages.count),
                maxTokens: request.maxTokens ?? defaultMaxTokens)
            let usage = TokenUsage(prompt: item.promptTokens, cached: item.cachedTokens, output: item.outputTokens)
            let fee = try Charge.fee(session.prices, usage: usage, maximum: maximum)
            return CheckReport(
                .fee, fee == serving.fee ? .passed : .failed, "\(serving.fee) claimed, \(fee) by tokens and prices")
        } catch let error as ArithmeticError {
            return CheckReport(.fee, .failed, "it cannot be computed: \(error)")
        } catch {
            return CheckReport(.fee, .skipped, "\(error)")
        }
    }

    private func claim(_ file: ReceiptFile) async -> CheckReport {
        guard let item = file.item else {
            return CheckReport(.claim, .skipped, "the item is not opened yet; ask again when its round is over")
        }
        let receipt = file.receipt.statement
        let leaf = SumTreeNode(
            item: receipt.item.encoded(), sums: ItemSums(fee: receipt.item.fee, tokens: receipt.item.outputTokens))
        do throws(SumTreeProofError) {
            _ = try item.proof.verify(leaf, in: item.claim)
        } catch {
            return CheckReport(.claim, .failed, "the proof does not lead to the claim's root: \(error)")
        }
        guard let ledger else {
            return CheckReport(.claim, .passed, "in the claim; the ledger was not asked for its root")
        }
        do throws(LedgerAccessError) {
            let claim = try await ledger.claim(of: receipt.executor, in: item.round)
            guard let entry = claim?.entries.first(where: { $0.model == receipt.item.model }) else {
                return CheckReport(.claim, .failed, "the ledger has no such claim in round \(item.round)")
            }
            let holds = entry.root == item.claim.root && entry.count == item.claim.count
            return CheckReport(
                .claim, holds ? .passed : .failed,
                "item \(item.proof.index + 1) of \(entry.count) in round \(item.round), \(claim?.state.name ?? "unknown")"
            )
        } catch {
            return CheckReport(.claim, .skipped, error.description)
        }
    }

    // MARK: The model's work

    private func modelFile(_ file: ReceiptFile, skips: Bool) async -> CheckReport {
        guard let engine else { return CheckReport(.modelFile, .skipped, "no model was loaded") }
        let loaded = engine.capabilities.fileHash
        if skips { return CheckReport(.modelFile, .skipped, "any model was allowed; loaded \(loaded)") }
        guard let record = await record(of: file) else {
            return CheckReport(.modelFile, .skipped, "no ledger was asked for the record; loaded \(loaded)")
        }
        let holds = record.fileHash == loaded
        return CheckReport(
            .modelFile, holds ? .passed : .failed,
            holds ? "\(loaded)" : "\(loaded), not \(record.fileHash) of the record")
    }

    private func scored(_ file: ReceiptFile) async -> Result<ScoreResult, EngineError>? {
        guard let engine, !file.outputTokens.isEmpty, !file.promptTokens.isEmpty else { return nil }
        let item = file.receipt.statement.item
        do throws(EngineError) {
            return .success(
                try await engine.score(
                    ScoreRequest(
                        prompt: file.promptTokens, output: file.outputTokens, sampling: item.sampling,
                        seed: ItemSeed(item.seed))))
        } catch {
            return .failure(error)
        }
    }

    private func margin(_ file: ReceiptFile, _ score: Result<ScoreResult, EngineError>?) async -> CheckReport {
        let item = file.receipt.statement.item
        switch score {
        case nil: return CheckReport(.margin, .skipped, "no model was loaded, or there is no output")
        case .failure(let error): return CheckReport(.margin, .failed, "the model cannot score it: \(error)")
        case .success(let score):
            let margin = Margin(score, sampling: item.sampling, seed: ItemSeed(item.seed))
            let allowed = await thresholds(of: file).marginMicroNatsMax
            return CheckReport(
                .margin, margin.microNats > allowed ? .failed : .passed,
                "\(margin.microNats) of \(allowed) micro-nats; \(margin.matchedPositions) of \(score.positions.count) "
                    + "tokens are the model's own choice")
        }
    }

    private func fingerprint(_ file: ReceiptFile, _ score: Result<ScoreResult, EngineError>?) async -> CheckReport {
        let item = file.receipt.statement.item
        guard let opened = file.item else {
            return CheckReport(.fingerprint, .skipped, "not opened yet; until then the margin alone speaks")
        }
        guard opened.fingerprint.commitment(salt: opened.salt) == item.fingerprintCommitment else {
            return CheckReport(.fingerprint, .failed, "the opened fingerprint is not the one that was committed to")
        }
        guard case .success(let score) = score else {
            return CheckReport(.fingerprint, .skipped, "no model was loaded")
        }
        let positions = FingerprintPositions.positions(
            outputCount: file.outputTokens.count, promptDigest: item.promptDigest, outputDigest: item.outputDigest)
        guard let own = Fingerprint(score.logProbabilities, at: positions),
            let verdict = Verdict(
                claimed: opened.fingerprint.values, scored: own.values, marginMicroNats: 0,
                thresholds: await thresholds(of: file))
        else { return CheckReport(.fingerprint, .failed, "it covers other positions") }
        return CheckReport(
            .fingerprint, verdict.fingerprintDiffers ? .failed : .passed,
            "distance \(verdict.distance * 10) of \(verdict.distanceTenthsAllowed) tenths of 1/512 nat "
                + "over \(verdict.valueCount) values")
    }

    private func thresholds(of file: ReceiptFile) async -> ModelThresholds {
        await record(of: file)?.thresholds ?? thresholds
    }

    private func record(of file: ReceiptFile) async -> ModelRecord? {
        try? await ledger?.model(file.receipt.statement.item.model)
    }
}
