import Messages
import Primitives
import StateStore
import WireFormat

/// A record that was checked against an app hash: what the ledger holds, not what a node says it holds.
public struct ProvenRead: Equatable, Sendable {
    /// Empty where the key provably holds nothing.
    public let value: Bytes
    public let height: UInt64
    public let appHash: Hash32
}

extension LedgerAccess {
    /// Reads `key` with a proof and checks the proof against the app hash that the following block records.
    ///
    /// - Parameter blocks: whose blocks are believed; nil for the same node's.
    /// - Throws: `.unproven` where the proof does not hold, proves another value, or is of a state that those blocks left behind.
    public func readProven(
        _ key: Bytes, trusting blocks: (any LedgerAccess)? = nil
    ) async throws(LedgerAccessError) -> ProvenRead {
        let answer = try await read(key, proving: true)
        if answer.height == .max { throw .malformed("no block can follow height \(answer.height)") }
        // The block that records an app hash is the one after: at most a block's time away.
        let appHash: Hash32
        if let blocks {
            try await blocks.waitForBlock(after: answer.height)
            // An old state is proven as well as the newest, and a node may have its reasons to show it.
            let tip = try await blocks.status().height
            guard tip - min(tip, answer.height) <= Limits.provenAgeBlocksMax else {
                throw .unproven("it is of height \(answer.height), and the chain is at \(tip)")
            }
            appHash = try await blocks.appHash(after: answer.height)
        } else {
            try await waitForBlock(after: answer.height)
            appHash = try await self.appHash(after: answer.height)
        }
        let proven: Bytes?
        do {
            proven = try StateProof.decode(answer.proof).verify(root: appHash, key: key)
        } catch {
            throw .unproven("the proof does not hold against app hash \(appHash) of height \(answer.height): \(error)")
        }
        guard proven ?? [] == answer.value else { throw .unproven("the proof is of another value") }
        return ProvenRead(value: answer.value, height: answer.height, appHash: appHash)
    }

    /// Returns once there is a block after `height`, or after `Limits.nextBlockLooksMax` looks without one.
    func waitForBlock(after height: UInt64) async throws(LedgerAccessError) {
        for _ in 0..<Limits.nextBlockLooksMax {
            if try await status().height > height { return }
            do { try await Task.sleep(for: Limits.nextBlockLook) } catch {
                throw .unreachable("the wait was cancelled")
            }
        }
    }
}
