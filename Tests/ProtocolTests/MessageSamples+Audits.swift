import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport

/// What audits send and what the ledger keeps of them.
extension MessageSamples {
    private static let operatorAccount = host.operatorAccount.address
    private static let salt = Bytes(repeating: 7, count: AuditRules.saltLength)
    private static let fingerprint: Bytes = [0xff, 0x01, 0x80, 0x00, 0xfe, 0x20, 0xf0, 0x07]

    private static let result = AuditResult(
        outcome: .scored, difference: 3, marginMicroNats: 210, matched: 12, fingerprint: fingerprint,
        freshFingerprint: Bytes(fingerprint.reversed()))

    private static let commitment = AuditCommitment(
        claimant: host.address, entry: 1, number: 3, outcome: .scored, digest: .sha256(utf8: "digest"))

    private static let opening = AuditOpening(
        claimant: host.address, entry: 1, number: 3, salt: salt, result: result)

    private static let opened = OpenedEntry(
        entry: 1, items: [OpenedItem(item: item, fingerprint: fingerprint, salt: salt)],
        proof: SumTreeMultiProof(
            indices: [1],
            siblings: [SumTreeNode(hash: .sha256(utf8: "leaf"), sums: ItemSums(fee: Amount(420), tokens: 12))]))

    static let audits: [Sample] = [
        Sample(
            "msg-beacon",
            MsgBeacon(
                operatorAccount: operatorAccount, host: host.address, interval: 5,
                secret: Hash32.sha256(utf8: "secret").bytes, nextCommitment: .sha256(utf8: "next"))),
        Sample(
            "msg-commit-audit",
            MsgCommitAudit(
                operatorAccount: operatorAccount, host: host.address, round: 9, commitments: [commitment])),
        Sample(
            "msg-open-audit",
            MsgOpenAudit(operatorAccount: operatorAccount, host: host.address, round: 9, openings: [opening])),
        Sample(
            "msg-open-items",
            MsgOpenItems(operatorAccount: operatorAccount, host: host.address, round: 9, entries: [opened])),
        Sample(
            "audit-request",
            Signed(
                AuditRequest(
                    chainID: TestLedger.chainID, auditor: host.address, claimant: payer.address, round: 9, entry: 1,
                    number: 3, height: 77), by: payer.key)),
        Sample(
            "audit-payload",
            AuditPayload(
                item: item,
                proof: SumTreeProof(
                    index: 1,
                    path: [SumTreeNode(hash: .sha256(utf8: "leaf"), sums: ItemSums(fee: Amount(420), tokens: 12))]),
                outputTokens: [1, 300, 49_151], body: Bytes("{}".utf8), voucher: Signed(voucher, by: payer.key))),
    ]

    private static let work = ProvenWork(
        round: 9, model: "test-model", workBlocks: 8, epoch: 2, claimed: 3_200, counted: 2_000, isDecided: true,
        served: 150)

    static let auditRecords: [Sample] = [
        Sample(
            "audit-record",
            AuditRecord(auditor: host.address, outcome: .scored, digest: .sha256(utf8: "digest"), result: result)),
        Sample(
            "opened-item-record",
            OpenedItemRecord(index: 4, outputTokens: 12, fingerprint: fingerprint, fee: Amount(420))),
        Sample(
            "score-record",
            ScoreRecord(account: host.address, milliNats: 5_992, matches: 30, mismatches: 2, convictions: 1)),
        Sample(
            "round-model-record",
            RoundModelRecord(
                model: "test-model", coefficientPartsPerMillion: 1_000_000, thresholds: .smolLM2, isObserved: true,
                fee: Amount(840), tokens: 3_200, dustTokens: 7)),
        Sample(
            "host-epoch-record",
            HostEpochRecord(
                host: host.address, epoch: 2, sprint: [work], confirmations: [work], duties: 8, dutiesDone: 7,
                drawnBeaconsMissed: 1, idleBeaconsMissed: 2, requestsServed: 90, requestsMissed: 3, isConvicted: true,
                served: [work])),
        Sample(
            "auditors-record",
            AuditorsRecord(epoch: 2, model: "test-model", hosts: [host.address, payer.address], weights: [100, 300])),
        Sample(
            "beacon-interval-record",
            BeaconIntervalRecord(interval: 5, validators: [host.address], owing: [host.address])),
        Sample(
            "beacon-part-record",
            BeaconPartRecord(
                standing: .sha256(utf8: "next"), committedIn: 5, revealedIn: 5,
                secret: Hash32.sha256(utf8: "secret").bytes)),
        Sample("beacon-seed-record", BeaconSeedRecord(seed: .sha256(utf8: "seed"), reveals: 3)),
        Sample("validator-record", ValidatorRecord(host: host.address, power: 333_333_333, withheld: 7)),
    ]
}
