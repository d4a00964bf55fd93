/// One step of a statement: what follows from the records, beside what the ledger wrote down.
public struct StatementLine: Equatable, Sendable {
    public enum Verdict: Equatable, Sendable {
        case agrees
        case differs
        /// It does not follow from public records alone, and lies within the bound that they set.
        case bounded
    }

    /// What it is, with its unit.
    public let name: String
    /// How it is computed, with the figures.
    public let formula: String
    public let computed: String
    public let recorded: String
    public let verdict: Verdict

    init(_ name: String, _ formula: String, computed: some Equatable, recorded: some Equatable, isBounded: Bool = false)
    {
        self.name = name
        self.formula = formula
        self.computed = "\(computed)"
        self.recorded = "\(recorded)"
        verdict = self.computed == self.recorded ? .agrees : isBounded ? .bounded : .differs
    }
}
