import Cryptography
import LedgerClient
import Messages
import Primitives

/// Who was paid what: every figure is read from the ledger.
struct PaymentTable {
    let ledger: any LedgerAccess
    /// What to call each host; its address where it has no name.
    var names: [Address: String] = [:]

    func show(_ sessions: [SessionRecord]) async throws {
        for session in sessions {
            var rows: [[String]] = []
            for host in session.members {
                guard let member = try await ledger.member(host, of: session.id) else { continue }
                let tax = Amount(member.settledFees.ngonka - min(member.received.ngonka, member.settledFees.ngonka))
                rows.append([
                    names[host] ?? host.bech32, "\(member.lastNumber)", member.settledFees.inGNK, tax.inGNK,
                    member.received.inGNK,
                ])
            }
            StandardOutput.write("\nSession \(session.id), deposit \(session.deposit.inGNK):\n\n")
            StandardOutput.write(
                Output.table(["host", "items", "fees", "tax to the pool", "received"], rows))
            StandardOutput.write(
                "\npaid \(session.paid.inGNK), refunded to the developer \(session.refunded.inGNK)\n")
        }
        guard let supply = try await ledger.supply() else { return }
        let purses = [
            supply.balances, supply.bonds, supply.deposits, supply.pool, supply.collateral, supply.vesting,
        ]
        StandardOutput.write(
            "supply: \(purses.map(\.ngonka).reduce(0, +))ngonka held = \(supply.genesis.ngonka) at genesis "
                + "+ \(supply.minted.ngonka) minted − \(supply.burned.ngonka) burned in fees\n")
    }
}
