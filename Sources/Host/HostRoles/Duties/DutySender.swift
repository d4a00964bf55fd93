import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// Sends a host's duty messages with its operator key, one after the other: all roles of a host share one, so that their
/// transactions never carry the same sequence.
///
/// Each is free once a round, kind and window. What came into a block has used that up, and the next one is paid for; so is one
/// that the ledger does not take for nothing. The same is tried once a block.
public actor DutySender {
    /// What is free once.
    struct Duty: Hashable, Sendable {
        /// The message's type URL.
        let kind: String
        /// The round, or the beacon interval.
        let round: UInt64
        let window: RoundPhase
    }

    private struct Attempt {
        var height: UInt64
        /// Whether the duty's free transaction is used up.
        var paysFee: Bool
    }

    private let sender: TransactionSender
    private let limits: Limits
    private let metrics: HostMetrics
    private var attempts: [Duty: Attempt] = [:]

    public init(
        ledger: any LedgerAccess, key: PrivateKey, limits: Limits = Limits(), metrics: HostMetrics = HostMetrics()
    ) {
        sender = TransactionSender(ledger: ledger, key: key)
        self.limits = limits
        self.metrics = metrics
    }

    /// Whether the duty was not tried at this height yet.
    func isDue(_ duty: Duty, height: UInt64) -> Bool { attempts[duty]?.height != height }

    /// Sends a message and waits for its block.
    ///
    /// - Parameter height: the newest that the sender knows of.
    /// - Returns: the result, accepted or not.
    func send(
        _ message: some LedgerMessage, for duty: Duty, height: UInt64
    ) async throws(LedgerAccessError) -> SubmissionResult {
        let paysFee = attempts[duty]?.paysFee ?? false
        makeRoom(height)
        attempts[duty] = Attempt(height: height, paysFee: paysFee)
        let result: SubmissionResult
        do throws(LedgerAccessError) {
            result = try await sender.send([message.packed], fee: paysFee ? .perByte : .free)
        } catch {
            metrics.sent(duty.kind, nil)
            throw error
        }
        metrics.sent(duty.kind, result)
        // Accepted or not: what is in a block was the free one. After a restart, the ledger knows better than this process.
        attempts[duty]?.paysFee = paysFee || result.height > 0 || result.wantsFee
        return result
    }

    private func makeRoom(_ height: UInt64) {
        guard attempts.count >= limits.dutiesRememberedMax else { return }
        let heights = attempts.values.map(\.height).sorted()
        let median = heights[heights.count / 2]
        attempts = attempts.filter { $0.value.height > median }
    }
}

extension SubmissionResult {
    /// Whether it was refused for its fee: codespace `sdk`, code 13, as on every Cosmos chain.
    fileprivate var wantsFee: Bool { codespace == "sdk" && code == 13 }
}
