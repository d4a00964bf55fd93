import Cryptography
import Messages
import Primitives
import ProtocolRules
import TestSupport
import WireFormat

/// One value of every message, statement and record, with no field at its default. The bytes follow from fixed keys, so they
/// are the same in every run.
enum MessageSamples {
    struct Sample: Sendable {
        let name: String
        let bytes: Bytes
        /// Decodes and encodes again.
        let again: @Sendable (Bytes) throws(WireError) -> Bytes

        init<Message: CanonicalMessage>(_ name: String, _ message: Message) {
            self.name = name
            bytes = message.encoded()
            again = { (bytes) throws(WireError) in try Message.decode(bytes).encoded() }
        }
    }

    static let payer = TestAccount("payer")
    static let host = TestHost("host")
    private static let other = TestAccount("other").address
    private static let chainID = TestLedger.chainID

    static let all =
        transactions + audits + statements + records + auditRecords + economy + consensus

    static let voucher = Voucher(
        chainID: chainID, session: 7, executor: host.address, sequence: 3, height: 1_200,
        requestDigest: .sha256(utf8: "request"), amount: Amount(12_345))

    private static let sampling = SamplingParameters.plain

    static let item = WorkItem(
        kind: .serving, model: "test-model", promptDigest: .sha256(utf8: "prompt"), sampling: sampling,
        seed: .sha256(utf8: "seed"), outputDigest: .sha256(utf8: "output"), promptTokens: 30, cachedTokens: 4,
        outputTokens: 12, finishReason: .stop, fingerprintCommitment: .sha256(utf8: "fingerprint"),
        serving: WorkItem.Serving(
            session: 7, number: 2, sequence: 3, voucherDigest: .sha256(utf8: "voucher"),
            requestDigest: .sha256(utf8: "request"), fee: Amount(420), choice: 1))

    static let receipt = Receipt(
        chainID: chainID, executor: host.address, operatorKey: host.operatorAccount.key.publicKey.compressed, round: 9,
        item: item, answerDigest: .sha256(utf8: "answer"), isUnproven: true)

    static let claim = MsgCommitClaim(
        operatorAccount: host.operatorAccount.address, host: host.address, round: 9,
        entries: [
            ClaimEntry(
                model: "test-model", root: .sha256(utf8: "root"), count: 2, tokens: 24, fee: Amount(840),
                sessions: [
                    SessionClaim(
                        session: 7, firstNumber: 1, count: 2, fee: Amount(840),
                        voucher: Signed(voucher, by: payer.key))
                ])
        ])

    private static let opening = MsgOpenSession(
        payer: payer.address, model: "test-model", deposit: Amount(3_000_000_000),
        sessionKey: payer.key.publicKey.compressed, groupSize: 3, expiryEpochs: 2,
        allowedHosts: [host.address, other].sorted(), isUnproven: true, keyHolder: other)

    private static let move = AllotmentMove(from: host.address, to: other, amount: Amount(5))

    private static let transactions: [Sample] = [
        Sample("msg-send", MsgSend(from: payer.address, to: other, amount: Amount(1_000))),
        Sample("msg-register-host", host.registration(models: ["a", "b"])),
        Sample("msg-update-host", MsgUpdateHost(host: host.address, url: "https://h.example", models: ["a", "b"])),
        Sample(
            "msg-rotate-operator-key",
            MsgRotateOperatorKey(host: host.address, operatorKey: payer.key.publicKey.compressed)),
        Sample("msg-retire-host", MsgRetireHost(host: host.address)),
        Sample("msg-open-session", opening),
        Sample(
            "msg-top-up-session",
            MsgTopUpSession(payer: payer.address, session: 7, amount: Amount(90), moves: [move])),
        Sample("msg-close-session", MsgCloseSession(payer: payer.address, session: 7)),
        Sample("msg-commit-claim", claim),
        Sample("transaction-body", transactionBody),
        Sample(
            "authentication-info",
            TestTransaction([], by: payer.key.publicKey, accountNumber: 1, sequence: 5).authentication),
        Sample(
            "sign-document",
            SignDocument(bodyBytes: [1], authInfoBytes: [2], chainID: chainID, accountNumber: 3)),
        Sample("transaction-raw", TransactionRaw(bodyBytes: [1], authInfoBytes: [2], signatures: [[3], []])),
    ]

    private static var transactionBody: TransactionBody {
        var body = TransactionBody(
            messages: [MsgRetireHost(host: host.address).packed], memo: "hi", timeoutHeight: 99)
        (body.isUnordered, body.timeoutTimestamp) = (true, [8, 1])
        body.extensionOptions = [AnyMessage(typeURL: "/a", value: [1])]
        body.nonCriticalExtensionOptions = [AnyMessage(typeURL: "/b", value: [2])]
        return body
    }

    private static let statements: [Sample] = [
        Sample("voucher", Signed(voucher, by: payer.key)),
        Sample("work-item", item),
        Sample("receipt", Signed(receipt, by: host.operatorAccount.key)),
        Sample("consensus-key-statement", ConsensusKeyStatement(chainID: chainID, host: host.address)),
    ]

    private static let records: [Sample] = [
        Sample(
            "account-record",
            AccountRecord(
                number: 4, sequence: 9, publicKey: payer.key.publicKey.compressed, balance: Amount(77))),
        Sample(
            "supply-record",
            SupplyRecord(
                genesis: Amount(100), minted: Amount(20), burned: Amount(3), balances: Amount(90), bonds: Amount(10),
                deposits: Amount(12), pool: Amount(5), accounts: 4)),
        Sample(
            "chain-record",
            ChainRecord(
                chainID: chainID, genesisTimeMilliseconds: 1_700_000_000_000, height: 9, blockHash: .sha256(utf8: "b"))),
        Sample("model-record", TestLedgerPlan.model("test-model", state: .retired)),
        Sample("host-record", hostRecord),
        Sample("weight-record", WeightRecord(host: host.address, weight: 100)),
        Sample("round-record", roundRecord),
        Sample("claim-record", claimRecord),
        Sample("session-record", sessionRecord),
        Sample("member-record", memberRecord),
        Sample("allotment-move", move),
        Sample("genesis-state", TestLedgerPlan().state),
        Sample("state-range-query", StateRangeQuery(prefix: [1, 2], after: [1, 2, 3])),
        Sample(
            "state-range", StateRange(records: [StateRecord(key: [1, 2], value: [3])], hasMore: true)),
    ]

    private static var hostRecord: HostRecord {
        var record = HostRecord(
            address: host.address, url: "http://h", operatorKey: host.operatorAccount.key.publicKey.compressed,
            consensusKey: host.consensusKey.publicKey.bytes, models: ["a", "b"], bond: Amount(100), registeredHeight: 3)
        (record.state, record.retiresAfterRound) = (.retiring, 8)
        (record.collateral, record.barredUntilEpoch) = (Amount(70), 3)
        return record
    }

    private static var roundRecord: RoundRecord {
        var record = RoundRecord(
            id: 9, timetable: timetable, serial: 5, epoch: 2,
            terms: RoundTerms(samples: 8, samplesPerPercent: 1, promptTokens: 24, outputTokens: 32),
            workSeed: .sha256(utf8: "work"))
        (record.isSettled, record.claims, record.settledClaims, record.paid) = (true, 3, 2, Amount(840))
        record.settledHeight = 70
        return record
    }

    private static var timetable: RoundTimetable {
        let parameters = ProtocolParameters.devnet
        do throws(ArithmeticError) {
            return try RoundTimetable(
                openingHeight: 16, kind: .serving, windows: parameters.rounds, beacon: parameters.beaconSchedule)
        } catch { preconditionFailure("small heights fit") }
    }

    private static var claimRecord: ClaimRecord {
        var record = ClaimRecord(host: host.address, round: 9, committedHeight: 40, entries: claim.entries)
        record.state = .settled
        record.payments = [SessionPayment(session: 7, fee: Amount(840), received: Amount(824), tax: Amount(16))]
        (record.auditRound, record.carries) = (11, 1)
        record.outcomes = [
            EntryOutcome(state: .decided, tally: AuditTally(drawn: 4, counted: 2, bad: 1, abandoned: 1), tokens: 24)
        ]
        return record
    }

    private static var sessionRecord: SessionRecord {
        var record = SessionRecord(
            id: 7, request: opening, groupSize: 3, openedHeight: 12, expiryHeight: 132,
            prices: TokenPrices(input: 3, cachedInput: 1, output: 9), servingTaxPartsPerMillion: 20_000)
        (record.state, record.closesAfterRound) = (.closing, 4)
        record.members = [host.address, other]
        (record.paid, record.refunded) = (Amount(840), Amount(2))
        return record
    }

    private static var memberRecord: MemberRecord {
        var record = MemberRecord(host: host.address, allotment: Amount(1_000))
        (record.settledFees, record.received, record.lastNumber) = (Amount(840), Amount(824), 2)
        record.leaving = Amount(60)
        return record
    }
}
