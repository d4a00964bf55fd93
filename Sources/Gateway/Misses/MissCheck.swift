import Cryptography
import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// Whether the ledger would take the report of a miss in the next block: its own conditions, read from its records, so that no fee is
/// paid for a refusal.
struct MissCheck: Sendable {
    enum Verdict: Sendable {
        /// Too early: what the host claimed of this round is not known yet.
        case wait(RoundRecord)
        case send(RoundRecord)
        case drop(StaticString)
    }

    let ledger: any LedgerAccess
    let parameters: ProtocolParameters
    /// The last block's.
    let height: UInt64

    func verdict(on miss: AgreedMiss) async throws(LedgerAccessError) -> Verdict {
        guard let round = try await round(of: miss) else { return .drop("its height is in no serving round") }
        let (ahead, overflow) = height.addingReportingOverflow(Limits.reportBlocksAhead)
        guard !overflow, ahead < round.timetable.settleHeight else { return .drop("its round settles") }
        if miss.reason == .load, height < round.timetable.window(.commit).upperBound { return .wait(round) }
        guard let session = try await ledger.session(miss.session),
            session.state == .open || session.state == .closing
        else { return .drop("its session is closed") }
        let counted = try await ledger.misses(of: miss.executor, in: miss.session).elements
        guard !counted.contains(where: { $0.sequence == miss.voucher.statement.sequence }) else {
            return .drop("it is counted")
        }
        guard counted.count < MissRules.missesPerExecutorMax else { return .drop("no more of this executor count") }
        for signed in miss.statements {
            let host = try await ledger.host(signed.statement.witness)
            guard let host, host.state != .retired, let key = PublicKey(compressed: host.operatorKey),
                signed.isValid(under: key)
            else { return .drop("a witness has left, or has another key") }
        }
        if miss.reason == .load, try await wasBusy(miss, in: round) { return .drop("the host was busy") }
        return .send(round)
    }

    /// The serving round in whose work window the voucher was signed.
    private func round(of miss: AgreedMiss) async throws(LedgerAccessError) -> RoundRecord? {
        if let known = miss.round { return known }
        let height = miss.voucher.statement.height
        var id = try await ledger.newestRound()
        for _ in 0..<Limits.roundsLookedBackMax where id > 0 {
            if let round = try await ledger.round(id), round.timetable.kind == .serving {
                if round.timetable.window(.work).contains(height) { return round }
                // Serving rounds follow one another, so the ones before are older still.
                if round.timetable.openingHeight < height { return nil }
            }
            id -= 1
        }
        return nil
    }

    /// Whether the host claimed so much of the round that it may refuse the rest.
    private func wasBusy(_ miss: AgreedMiss, in round: RoundRecord) async throws(LedgerAccessError) -> Bool {
        let weight = try await ledger.weight(of: miss.executor, model: miss.model)?.weight ?? 0
        let window = round.timetable.window(.work)
        let proven = PriceRule.provenTokens(
            weight: weight,
            coefficientPartsPerMillion: try await ledger.model(miss.model)?.coefficientPartsPerMillion ?? 0,
            sprintBlocks: parameters.rounds.sprintWorkBlocks, blocks: window.upperBound - window.lowerBound + 1)
        let claim = try await ledger.claim(of: miss.executor, in: round.id)
        let served = claim?.entries.first { $0.model == miss.model }?.tokens ?? 0
        return MissRules.mayRefuse(served: served, proven: proven)
    }
}
