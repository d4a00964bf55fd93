import EngineAPI
import Messages
import OpenAIWire
import ProtocolRules

/// The checks of one receipt: pure functions of the file and of what model and ledger say about it.
struct ReceiptChecks {
    let file: ReceiptFile
    /// The kept request; nil where it was not kept, or is none.
    let request: ChatCompletionRequest?
    let engine: (any Engine)?
    let facts: LedgerFacts
    /// The request's prompt by the model's template; nil where there is no model, or no request.
    let rendered: Result<[TokenID], EngineError>?
    /// The model's view of the tokens; nil where there is no model, or nothing to score.
    let score: Result<ScoreResult, EngineError>?
    let fallbackThresholds: ModelThresholds
    let skipsModelFile: Bool

    var receipt: Receipt { file.receipt.statement }
    var item: WorkItem { receipt.item }

    func report(_ check: Check) -> CheckReport {
        let (outcome, detail) = verdict(check)
        return CheckReport(check, outcome, detail)
    }

    /// What came of a check, and the figures.
    typealias CheckVerdict = (outcome: CheckReport.Outcome, detail: String)

    private func verdict(_ check: Check) -> CheckVerdict {
        switch check {
        case .signature: signature()
        case .chain: chain()
        case .operatorKey: operatorKey()
        case .unproven: unproven()
        case .promptDigest: promptDigest()
        case .outputDigest: outputDigest()
        case .answer: answer()
        case .ending: ending()
        case .requestDigest: requestDigest()
        case .prompt: prompt()
        case .sampling: sampling()
        case .seed: seed()
        case .fee: fee()
        case .modelFile: modelFile()
        case .margin: margin()
        case .fingerprint: fingerprint()
        case .claim: claim()
        }
    }

    /// The ledger's record of the model, where it can be read.
    var modelRecord: ModelRecord? { (try? facts.model.get()).flatMap { $0 } }
}
