import Messages
import Primitives

enum BankReads {
    /// The account, or an empty one where the address was never used (no account has number 0).
    static func account(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> AccountRecord {
        try context.read(AccountRecord.self, at: StateKey.account(address)) ?? AccountRecord(number: 0)
    }
}
