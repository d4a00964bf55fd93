import Cryptography
import HostRoles
import Messages
import Primitives
import ProtocolRules
import WireFormat

/// Who says it, for which chain and session, and at which place of which claim.
extension ReceiptChecks {
    func signature() -> CheckVerdict {
        guard let key = PublicKey(compressed: receipt.operatorKey) else {
            return (.failed, "the operator key is no point of the curve")
        }
        guard file.receipt.isValid(under: key) else { return (.failed, "the operator key did not sign this receipt") }
        return (.passed, "signed by operator \(key.address.bech32)")
    }

    func chain() -> CheckVerdict {
        switch facts.chainID {
        case .failure(let silence): (.skipped, silence.reason)
        case .success(receipt.chainID): (.passed, receipt.chainID)
        case .success(let chain): (.failed, "the receipt is of another chain than \(chain)")
        }
    }

    func operatorKey() -> CheckVerdict {
        let executor = receipt.executor.bech32
        switch facts.host {
        case .failure(let silence): return (.skipped, silence.reason)
        case .success(nil): return (.failed, "\(executor) is no host")
        case .success(let host?):
            return host.operatorKey == receipt.operatorKey
                ? (.passed, "the key of host \(executor)") : (.failed, "the ledger has another key for \(executor)")
        }
    }

    func unproven() -> CheckVerdict {
        let word = receipt.isUnproven ? "unproven: the tokens are no evidence of the model" : "proven"
        guard let serving = item.serving else { return (.skipped, "no session asked for this item; \(word)") }
        switch facts.session {
        case .failure(let silence): return (.skipped, "the receipt says \(word); \(silence.reason)")
        case .success(nil): return (.failed, "there is no session \(serving.session)")
        case .success(let session?):
            return session.isUnproven == receipt.isUnproven
                ? (.passed, word) : (.failed, "the receipt says \(word); session \(serving.session) says otherwise")
        }
    }

    func claim() -> CheckVerdict {
        guard let opened = file.item else {
            return (.skipped, "the item is not opened yet; ask again when its round is over")
        }
        do throws(SumTreeProofError) { _ = try opened.proof.verify(item.leaf, in: opened.claim) } catch {
            return (.failed, "the proof does not lead to the claim's root: \(error)")
        }
        switch facts.claim {
        case .failure(let silence):
            return (.skipped, "the proof holds, but nobody confirms its root: \(silence.reason)")
        case .success(let claim): return place(of: opened, in: claim)
        }
    }

    /// Whether the ledger holds the claim, and whether the item lies where its session and number belong (protocol.md
    /// section 2): elsewhere it would be paid by another session, or twice.
    private func place(of opened: OpenedItem, in claim: ClaimRecord?) -> CheckVerdict {
        guard let claim, let entry = claim.entries.first(where: { $0.model == item.model }) else {
            return (.failed, "the ledger has no such claim in round \(opened.round)")
        }
        guard entry.root == opened.claim.root, entry.count == opened.claim.count else {
            return (.failed, "the ledger's claim in round \(opened.round) has another root")
        }
        if let serving = item.serving {
            let belongs = entry.index(session: serving.session, number: serving.number)
            guard belongs == opened.proof.index else {
                return (
                    .failed,
                    "it lies at place \(opened.proof.index + 1), which is not that of item \(serving.number) of session "
                        + "\(serving.session)"
                )
            }
        }
        return standing(of: claim, "item \(opened.proof.index + 1) of \(entry.count) in round \(opened.round)")
    }

    /// What became of the claim: an item of one that the ledger threw out is worth nothing, wherever it lies.
    private func standing(of claim: ClaimRecord, _ place: String) -> CheckVerdict {
        switch claim.state {
        case .settled: (.passed, "\(place), settled")
        case .committed: (.passed, "\(place), not settled yet: nothing was paid for it so far")
        case .void: (.failed, "\(place), but the claim is void: its host was convicted, and nothing was paid for it")
        case .parked: (.failed, "\(place), but the claim is parked: its settlement broke a rule, and nothing was paid")
        }
    }
}
