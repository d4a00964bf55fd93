import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import StateStore

/// What a transaction pays for its place in a block: bytes × fee per byte, burned.
///
/// What was offered is what is taken, as wallets show it. A host's duty messages are free within their quota: duties must
/// not depend on coins. What is free is used up whether it succeeds or not, so that it cannot be used to flood blocks.
enum TransactionFees {
    /// - Parameter account: the signer's, which the caller writes back.
    /// - Returns: `.duty` where the transaction used up the quota of a duty instead of paying.
    static func take(
        from account: inout AccountRecord, for transaction: DecodedTransaction, in context: inout ExecutionContext
    ) throws(LedgerError) -> TransactionLane {
        let perByte = context.block.parameters.economy.feePerByteNgonka
        let required = try checked { () throws(ArithmeticError) in
            Amount(try perByte.multiplied(by: UInt64(transaction.size)))
        }
        if transaction.offeredFee < required {
            guard transaction.offeredFee == .zero, try takeDutyQuota(of: transaction, in: &context) else {
                throw TransactionRejection.insufficientFee(offered: transaction.offeredFee, required: required).error
            }
            return .duty
        }
        try BankModule.burn(transaction.offeredFee, from: &account, in: &context)
        return .ordinary
    }

    private static func takeDutyQuota(
        of transaction: DecodedTransaction, in context: inout ExecutionContext
    ) throws(LedgerError) -> Bool {
        guard transaction.messages.count == 1, let host = transaction.messages[0].dutyOf,
            try HostsReads.isOperator(transaction.signer, of: host, in: context)
        else { return false }
        return try DutyQuotas.take(transaction.messages[0], in: &context)
    }
}
