import OrderingAPI
import Primitives
import StateStore

/// The ledger after one commit.
struct LedgerSnapshot: CommittedState {
    let state: StoredState
    let lastBlockHash: Hash32

    var info: ApplicationInfo {
        if state.tree.isEmpty { return .beforeGenesis }
        return ApplicationInfo(
            chainID: state.chainID, lastBlockHeight: state.height, lastBlockHash: lastBlockHash,
            lastBlockAppHash: state.appHash)
    }

    func query(_ request: QueryRequest) -> QueryResponse { LedgerQueries(state: state).answer(request) }
}

extension LedgerApp {
    public func outline(of bytes: Bytes) -> TransactionOutline? {
        let transaction: DecodedTransaction
        do throws(LedgerError) { transaction = try DecodedTransaction(bytes) } catch {
            // Its own check tells the sender why.
            return nil
        }
        let isDuty =
            transaction.offeredFee == .zero && transaction.messages.count == 1
            && transaction.messages[0].dutyOf != nil
        return TransactionOutline(sender: transaction.signer.bytes, lane: isDuty ? .duty : .ordinary)
    }
}
