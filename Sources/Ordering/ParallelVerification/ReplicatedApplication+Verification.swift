import Dispatch
import OrderingAPI
import Primitives
import Synchronization

extension ReplicatedApplication {
    /// Verifies a block's transactions on all cores, before they are executed one after the other on one.
    package func verifyBeforehand(_ transactions: [Bytes]) {
        guard transactions.count > 1, let verifier else { return }
        let found = Mutex<[any VerifiedBytes]>([])
        DispatchQueue.concurrentPerform(iterations: transactions.count) { index in
            guard let verified = verifier.verify(transactions[index]) else { return }
            found.withLock { $0.append(verified) }
        }
        adopt(found.withLock { $0 })
    }
}
