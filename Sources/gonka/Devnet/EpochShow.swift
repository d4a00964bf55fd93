import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules
import Statements

/// An epoch for a person to watch: the sprint, what its audits found, what each host weighs and was paid, and that its statement
/// agrees.
struct EpochShow {
    /// Longer than an epoch of a devnet.
    private static let timeout = Duration.seconds(180)

    let ledger: RPCLedger
    /// What to call each host.
    let names: [Address: String]

    /// Waits until the epoch is closed, telling how its sprint goes.
    func wait(for epoch: UInt64) async throws {
        StandardError.write("\nEpoch \(epoch): all hosts prove what they can do, and are paid by it:\n\n")
        let steps = Steps()
        let deadline = ContinuousClock.now + Self.timeout
        var shown = ""
        while try await ledger.epoch(epoch) == nil {
            guard ContinuousClock.now < deadline else {
                throw OperatorError("epoch \(epoch) is not closed in time; `gonka query status` tells more.")
            }
            let progress = try await progress(of: epoch)
            if progress != shown, !progress.isEmpty { StandardError.write("  \(progress)\n") }
            shown = progress
            try await Task.sleep(for: .seconds(1))
        }
        steps.done("epoch \(epoch) closed")
    }

    /// How far the epoch's sprint has come, with figures as soon as there are any.
    private func progress(of epoch: UInt64) async throws -> String {
        guard let round = try await sprint(of: epoch) else { return "the sprint begins with the epoch's first block" }
        let height = try await ledger.status().height
        let claims = try await ledger.claims(in: round.id).elements
        let tokens = claims.flatMap(\.entries).reduce(UInt64(0)) { $0 + $1.tokens }
        let figures = claims.isEmpty ? "" : ": \(claims.count) claims of \(tokens) tokens"
        if round.isSettled {
            let tallies = claims.flatMap(\.outcomes).map(\.tally)
            let (scored, bad) = (tallies.reduce(0) { $0 + $1.counted }, tallies.reduce(0) { $0 + $1.bad })
            return "sprint settled\(figures), \(scored) samples scored, \(bad) bad"
        }
        let phase = round.timetable.phase(at: height).map { "\($0)" } ?? "waiting"
        let audits = try await ledger.audits(in: round.id).elements
        let opened = audits.count { $0.record.result != nil }
        let sums = audits.isEmpty ? "" : ", \(audits.count) audits committed, \(opened) opened"
        return "sprint, \(phase)\(figures)\(sums)"
    }

    private func sprint(of epoch: UInt64) async throws -> RoundRecord? {
        var id = try await ledger.newestRound()
        while id > 0 {
            if let round = try await ledger.round(id), round.timetable.kind == .sprint {
                return round.epoch == epoch ? round : nil
            }
            id -= 1
        }
        return nil
    }

    /// What the epoch came to for each host.
    ///
    /// - Throws: `Exit.checkFailed` where a statement does not agree with what the ledger paid.
    func show(_ epoch: UInt64) async throws {
        let facts = try await EpochFactsReader(ledger: ledger).facts(of: epoch)
        var rows: [[String]] = []
        var agrees = true
        for host in facts.hosts {
            let statement = EpochStatement(of: host, facts)
            agrees = agrees && statement.agrees
            let tally = facts.sprintClaims[host.host]?.outcomes.first?.tally
            rows.append([
                names[host.host] ?? host.host.bech32, "\(host.sprint.reduce(0) { $0 + $1.counted })",
                tally.map { "\($0.counted - $0.bad) of \($0.drawn)" } ?? "-", "\(host.dutiesDone) of \(host.duties)",
                "\(host.payout?.weight ?? 0)", (host.payout?.paid ?? .zero).inGNK, statement.agrees ? "yes" : "NO",
            ])
        }
        StandardOutput.write("\nEpoch \(epoch), \(facts.record.emission.inGNK) minted:\n\n")
        StandardOutput.write(
            Output.table(
                ["host", "tokens proven", "samples good", "audits done", "weight", "rewarded", "statement agrees"], rows
            )
        )
        StandardOutput.write("\nto the pool \(facts.record.pooled.inGNK)\n")
        guard agrees else { throw Exit.checkFailed }
    }
}
