import Cryptography
import EngineAPI
import HostRoles
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

/// What follows from the request: prompt, sampling, seed and fee.
extension ReceiptChecks {
    private static let noRequest = "the request was not kept, or is none"

    func requestDigest() -> CheckVerdict {
        guard let body = file.request else { return (.skipped, "the request was not kept") }
        guard item.serving?.requestDigest == .sha256(body) else {
            return (.failed, "\(body.count) bytes, which are not the item's request")
        }
        if let request, request.model != item.model { return (.failed, "the request asks for another model") }
        return (.passed, "\(body.count) bytes")
    }

    func prompt() -> CheckVerdict {
        guard request != nil else { return (.skipped, Self.noRequest) }
        switch rendered {
        case nil: return (.skipped, "no model was loaded")
        case .failure(let error): return (.failed, "the request cannot be rendered: \(error)")
        case .success(let tokens):
            let holds = tokens == file.promptTokens
            return (holds ? .passed : .failed, "\(file.promptTokens.count) tokens rendered anew")
        }
    }

    func sampling() -> CheckVerdict {
        guard let request else { return (.skipped, Self.noRequest) }
        guard item.sampling == request.sampling else {
            return (.failed, "the item was sampled otherwise than asked for")
        }
        return (.passed, "as asked for; temperature \(item.sampling.temperature) millionths")
    }

    func seed() -> CheckVerdict {
        guard item.serving != nil else { return (.skipped, "nobody asked for this item") }
        let expected = item.expectedSeed(clientSeed: request?.seed, executor: receipt.executor)
        if let client = request?.seed {
            return (item.seed == expected?.hash ? .passed : .failed, "from the client's seed \(client)")
        }
        if item.seed == expected?.hash { return (.passed, "from session, executor, voucher") }
        guard request != nil else { return (.skipped, "the request, which may hold a seed, was not kept") }
        return (.failed, "it follows neither from the request nor from the session")
    }

    func fee() -> CheckVerdict {
        guard let serving = item.serving else { return (.skipped, "nobody pays for this item") }
        guard let request else { return (.skipped, Self.noRequest) }
        do throws(LedgerFacts.Silence) {
            guard let session = try facts.session.get() else {
                return (.failed, "there is no session \(serving.session)")
            }
            let due = item.expectedFee(
                request, session.prices, defaultMax: try facts.parameters.get().sessions.maxTokensDefault)
            guard let due else { return (.failed, "it cannot be computed") }
            return (due == serving.fee ? .passed : .failed, "\(serving.fee) claimed, \(due) by tokens and prices")
        } catch {
            return (.skipped, error.reason)
        }
    }
}
