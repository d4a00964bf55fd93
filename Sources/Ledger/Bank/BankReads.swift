import Messages
import Primitives

enum BankReads {
    /// The account, or an empty one where the address was never used (number 0 then means nothing).
    static func account(_ address: Address, in context: ExecutionContext) throws(LedgerError) -> AccountRecord {
        try context.read(AccountRecord.self, at: StateKey.account(address)) ?? AccountRecord(number: 0)
    }
}
