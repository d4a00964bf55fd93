import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore

enum ConsensusReads {
    /// The power of every host that has any, or has had some taken from it since the last epoch; ascending by address.
    static func powers(in context: ExecutionContext) throws(LedgerError) -> [ValidatorRecord] {
        var powers: [ValidatorRecord] = []
        for entry in try entries(of: .validators, in: context) {
            powers.append(try context.decode(ValidatorRecord.self, entry))
        }
        return powers
    }

    /// The hosts with the most power in consensus, ties by address.
    static func strongest(_ count: Int, in context: ExecutionContext) throws(LedgerError) -> [Address] {
        try powers(in: context).filter { $0.power > 0 }.strongestFirst.prefix(count).map(\.host)
    }

    /// What consensus was told last, ascending by key.
    static func told(in context: ExecutionContext) throws(LedgerError) -> [ValidatorUpdate] {
        let prefix = StateTable.consensusValidators.prefix
        var told: [ValidatorUpdate] = []
        for entry in try entries(of: .consensusValidators, in: context) {
            guard let power = UInt64(bigEndianBytes: entry.value), power > 0 else {
                throw .broken("the power at \(Hex.encode(entry.key)) is damaged")
            }
            told.append(ValidatorUpdate(publicKey: Bytes(entry.key.dropFirst(prefix.count)), power: power))
        }
        return told
    }

    /// What consensus should know: every host with power, ascending by key.
    static func due(in context: ExecutionContext) throws(LedgerError) -> [ValidatorUpdate] {
        var due: [ValidatorUpdate] = []
        for record in try powers(in: context) where record.power > 0 {
            let host = try context.expect(HostRecord.self, at: StateKey.host(record.host))
            due.append(ValidatorUpdate(publicKey: host.consensusKey, power: record.power))
        }
        return due.sorted { $0.publicKey.lexicographicallyPrecedes($1.publicKey) }
    }

    /// When a host lost its power by absence, where it has not asked for it since; else 0.
    static func awaySince(_ host: Address, in context: ExecutionContext) throws(LedgerError) -> UInt64 {
        try context.read(AbsenceRecord.self, at: StateKey.absence(host))?.awaySince ?? 0
    }

    /// Whether a host lost its power by absence and has not asked for it since.
    static func isAway(_ host: Address, in context: ExecutionContext) throws(LedgerError) -> Bool {
        try awaySince(host, in: context) > 0
    }

    /// All who lost their power by absence and have not asked for it since.
    static func away(in context: ExecutionContext) throws(LedgerError) -> Set<Address> {
        var away: Set<Address> = []
        try context.forEach(AbsenceRecord.self, in: .absences) { if $0.awaySince > 0 { away.insert($0.host) } }
        return away
    }

    /// All of a table that has a record for each validator.
    private static func entries(
        of table: StateTable, in context: ExecutionContext
    ) throws(LedgerError) -> [StateEntry] {
        let entries = context.state.scan(prefix: table.prefix, limit: Limits.validatorsMax + 1)
        guard entries.count <= Limits.validatorsMax else { throw .broken("more validators than there can be") }
        return entries
    }
}

extension [ValidatorRecord] {
    /// By power, ties by address.
    var strongestFirst: [ValidatorRecord] {
        sorted { $0.power != $1.power ? $0.power > $1.power : $0.host < $1.host }
    }
}
