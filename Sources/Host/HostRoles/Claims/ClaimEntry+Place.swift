import Messages

extension ClaimEntry {
    /// Where an item lies in the entry's tree, counted from 0: sessions one after the other, inside a session by number
    /// (protocol.md section 2). Nil where the entry holds no such item.
    package func index(session: UInt64, number: UInt64) -> UInt64? {
        var before: UInt64 = 0
        for part in sessions {
            if part.session == session, number >= part.firstNumber, number - part.firstNumber < part.count {
                return before &+ (number - part.firstNumber)
            }
            // The ledger takes no counts that overflow; a node that makes them up gets no place right.
            before &+= part.count
        }
        return nil
    }
}
