import EngineAPI
import HostRoles
import Messages
import Primitives
import ProtocolRules

/// The model's own work.
extension ReceiptChecks {
    private var thresholds: ModelThresholds { modelRecord?.thresholds ?? fallbackThresholds }

    func modelFile() -> CheckVerdict {
        guard let engine else { return (.skipped, "no model was loaded") }
        let loaded = engine.capabilities.fileHash
        if skipsModelFile { return (.skipped, "any model was allowed; loaded \(loaded)") }
        switch facts.model {
        case .failure(let silence): return (.skipped, "\(silence.reason); loaded \(loaded)")
        case .success(nil): return (.failed, "the ledger has no such model")
        case .success(let record?):
            return record.fileHash == loaded
                ? (.passed, "\(loaded)") : (.failed, "\(loaded), not \(record.fileHash) of the record")
        }
    }

    func margin() -> CheckVerdict {
        if receipt.isUnproven, item.sampling.temperature > 0 {
            return (.skipped, "unproven, and above temperature 0: nothing binds these tokens to a seed")
        }
        switch score {
        case nil: return (.skipped, "no model was loaded, or there is no output")
        case .failure(let error): return (.failed, "the model cannot score it: \(error)")
        case .success(let score):
            let margin = Margin(score, sampling: item.sampling, seed: ItemSeed(item.seed))
            let allowed = thresholds.marginMicroNatsMax
            return (
                margin.microNats > allowed ? .failed : .passed,
                "\(margin.microNats) of \(allowed) micro-nats; \(margin.matchedPositions) of \(score.positions.count) "
                    + "tokens are the model's own choice"
            )
        }
    }

    func fingerprint() -> CheckVerdict {
        guard let opened = file.item else { return (.skipped, "not opened yet; until then the margin alone speaks") }
        guard opened.fingerprint.commitment(salt: opened.salt) == item.fingerprintCommitment else {
            return (.failed, "the opened fingerprint is not the one that was committed to")
        }
        switch score {
        case nil: return (.skipped, "no model was loaded, or there is no output")
        case .failure(let error): return (.failed, "the model cannot score it: \(error)")
        case .success(let score): return compare(opened.fingerprint, score)
        }
    }

    private func compare(_ opened: Fingerprint, _ score: ScoreResult) -> CheckVerdict {
        let positions = item.fingerprintPositions(outputCount: file.outputTokens.count)
        guard let own = Fingerprint(score.logProbabilities, at: positions),
            let verdict = Verdict(
                claimed: opened.values, scored: own.values, marginMicroNats: 0, thresholds: thresholds)
        else { return (.failed, "it covers other positions") }
        return (
            verdict.fingerprintDiffers ? .failed : .passed,
            "distance \(verdict.distance * 10) of \(verdict.distanceTenthsAllowed) tenths of 1/512 nat "
                + "over \(verdict.valueCount) values"
        )
    }
}
