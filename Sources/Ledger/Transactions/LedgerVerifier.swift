import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore
import WireFormat

/// Checks signatures against the committed state, for whoever has a core to spare. It says nothing about what it refuses: the
/// transaction's turn will.
struct LedgerVerifier: TransactionVerifier {
    let state: StoredState

    func verify(_ bytes: Bytes) -> (any VerifiedBytes)? {
        do {
            let transaction = try DecodedTransaction(bytes)
            guard let record = state.tree.value(for: StateKey.account(transaction.signer)) else { return nil }
            let account = try AccountRecord.decode(record)
            return try VerifiedTransaction(
                transaction, hash: .sha256(bytes), known: account.publicKey, accountNumber: account.number,
                chainID: state.chainID)
        } catch {
            return nil
        }
    }
}
