import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport

/// What the economy sends and keeps.
extension MessageSamples {
    private static let miss = Signed(
        MissStatement(
            chainID: TestLedger.chainID, witness: host.address, voucherDigest: .sha256(utf8: "voucher"), reason: .load),
        by: host.operatorAccount.key)

    private static let leaf = ClaimedLeaf(
        round: 9, entry: 1, item: item,
        proof: SumTreeProof(
            index: 1, path: [SumTreeNode(hash: .sha256(utf8: "leaf"), sums: ItemSums(fee: Amount(420), tokens: 12))]))

    static let economy: [Sample] = [
        Sample("msg-deposit-collateral", MsgDepositCollateral(host: host.address, amount: Amount(70))),
        Sample("msg-withdraw-collateral", MsgWithdrawCollateral(host: host.address, amount: Amount(70))),
        Sample(
            "msg-report-miss",
            MsgReportMiss(
                reporter: payer.address, round: 9, voucher: Signed(voucher, by: payer.key), statements: [miss, miss])),
        Sample(
            "msg-report-equivocation",
            MsgReportEquivocation(
                reporter: payer.address, receipt: Signed(receipt, by: host.operatorAccount.key),
                otherReceipt: Signed(receipt, by: host.operatorAccount.key), leaf: leaf)),
        Sample("miss-statement", miss),
        Sample(
            "host-payout",
            HostPayout(
                weight: 1_000, confirmedPartsPerMillion: 900_000, confirmedWeight: 900, share: Amount(100),
                unconfirmed: Amount(10), undutiful: Amount(1), missed: Amount(2), withheld: Amount(3),
                convicted: Amount(4), paid: Amount(80), vestingEpochs: 180)),
        Sample(
            "epoch-record",
            EpochRecord(
                epoch: 2, emission: Amount(1_000), hosts: 3, weight: 700, confirmedWeight: 650,
                medianPartsPerMillion: 990_000, paid: Amount(900), pooled: Amount(100), isProven: true, sprint: 5)),
        Sample("emission-record", EmissionRecord(epoch: 2, rate: .bigEndian(1) + .bigEndian(2))),
        Sample("vesting-record", VestingRecord(account: host.address, epoch: 3, amounts: [7, 0, 5])),
        Sample("withdrawal-record", WithdrawalRecord(host: host.address, epoch: 4, amount: Amount(70))),
        Sample("operator-key-record", OperatorKeyRecord(host: host.address, fromHeight: 3, untilHeight: 90)),
        Sample("miss-record", MissRecord(session: 7, executor: host.address, sequence: 3, height: 80)),
        Sample(
            "equivocation-record",
            EquivocationRecord(
                session: 7, executor: host.address, number: 2, height: 80, slashed: Amount(20))),
    ]
}
