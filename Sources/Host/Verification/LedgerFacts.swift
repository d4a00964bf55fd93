import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// What the ledger says about one receipt: read once, so that all checks speak of the same.
struct LedgerFacts: Sendable {
    /// Why nothing could be read.
    struct Silence: Error {
        let reason: String
    }

    /// What was read; a record that the ledger does not have is nil inside.
    typealias Answer<Value> = Result<Value, Silence>

    let chainID: Answer<String>
    let parameters: Answer<ProtocolParameters>
    /// The receipt's executor.
    let host: Answer<HostRecord?>
    /// The session that pays.
    let session: Answer<SessionRecord?>
    /// The item's model.
    let model: Answer<ModelRecord?>
    /// The executor's claim in the round that the opened item names.
    let claim: Answer<ClaimRecord?>

    init(of file: ReceiptFile, from ledger: (any LedgerAccess)?) async {
        let receipt = file.receipt.statement
        chainID = await Self.ask(ledger) { ledger throws(LedgerAccessError) in try await ledger.status().chainID }
        parameters = await Self.ask(ledger) { ledger throws(LedgerAccessError) in try await ledger.parameters() }
        host = await Self.ask(ledger) { ledger throws(LedgerAccessError) in try await ledger.host(receipt.executor) }
        session = await Self.ask(ledger) { ledger throws(LedgerAccessError) in
            guard let serving = receipt.item.serving else { return nil }
            return try await ledger.session(serving.session)
        }
        model = await Self.ask(ledger) { ledger throws(LedgerAccessError) in try await ledger.model(receipt.item.model)
        }
        claim = await Self.ask(ledger) { ledger throws(LedgerAccessError) in
            guard let item = file.item else { return nil }
            return try await ledger.claim(of: receipt.executor, in: item.round)
        }
    }

    private static func ask<Value: Sendable>(
        _ ledger: (any LedgerAccess)?, _ read: (any LedgerAccess) async throws(LedgerAccessError) -> Value
    ) async -> Answer<Value> {
        guard let ledger else { return .failure(Silence(reason: "no ledger was asked")) }
        do throws(LedgerAccessError) { return .success(try await read(ledger)) } catch {
            return .failure(Silence(reason: error.description))
        }
    }
}
