import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// Waits for sessions to end, telling how far the rounds are that they wait for.
struct SessionWatch {
    /// Longer than the longest round of a devnet takes to settle, and an entry that is carried once.
    private static let timeout = Duration.seconds(240)

    let ledger: RPCLedger

    /// Watches the rounds until the deposit is back.
    func waitUntilClosed(_ ids: [UInt64]) async throws -> [SessionRecord] {
        let steps = Steps()
        let deadline = ContinuousClock.now + Self.timeout
        var shown = ""
        while ContinuousClock.now < deadline {
            var sessions: [SessionRecord] = []
            for id in ids { if let session = try await ledger.session(id) { sessions.append(session) } }
            if sessions.allSatisfy({ $0.state == .closed }) {
                steps.done("settled and refunded")
                return sessions
            }
            let progress = try await progress(of: sessions)
            if progress != shown { StandardError.write("  \(progress)\n") }
            shown = progress
            try await Task.sleep(for: .seconds(1))
        }
        throw OperatorError("the sessions \(ids) did not close in time; `gonka query session` tells more.")
    }

    private func progress(of sessions: [SessionRecord]) async throws -> String {
        let height = try await ledger.status().height
        guard let last = sessions.map(\.closesAfterRound).max(), last > 0 else { return "closing" }
        guard let round = try await ledger.round(.serving, serial: last) else {
            return "serving round \(last) has not begun"
        }
        let phase = round.timetable.phase(at: height).map { "\($0)" } ?? "waiting"
        let blocks = round.timetable.settleHeight > height ? round.timetable.settleHeight - height : 0
        let tens = (blocks + 9) / 10 * 10
        return "serving round \(last): \(phase), settles in at most \(tens) blocks of 1 s"
    }
}
