import Cryptography
import Ledger
import Messages
import OrderingAPI
import Primitives
import ProtocolRules
import WireFormat

/// People who do everything that can be sent, sensible or not, against one ledger; all of it follows from the seed.
public struct Simulation {
    public let ledger: TestLedger
    /// Accepted messages by their type.
    public private(set) var acceptedTypes: [String: Int] = [:]
    /// Refused transactions by codespace and code.
    public private(set) var refusals: [String: Int] = [:]
    private let blockSizes: ClosedRange<UInt64>
    private var numbers: SplitMix64
    private let people: [TestAccount]
    private let hosts: [TestHost]
    /// What was sent before, to be sent again.
    private var old: [Bytes] = []

    /// - Parameters:
    ///   - accounts: how many have coins at the start, and how many hosts there are then.
    ///   - blockSizes: how many transactions a block has.
    public init(seed: UInt64, accounts: Int = 4, blockSizes: ClosedRange<UInt64> = 0...7) throws {
        var plan = TestLedgerPlan()
        plan.accountCount = accounts
        plan.hostCount = accounts
        plan.balance = Amount(2_000 * Amount.ngonkaPerGNK)
        plan.models = ["model-a", "model-b"].map { TestLedgerPlan.model($0) }
        plan.parameters = Simulation.hastyParameters
        ledger = try TestLedger(plan)
        self.blockSizes = blockSizes
        numbers = SplitMix64(seed: seed)
        people = ledger.accounts + [TestAccount("late"), TestAccount("later")]
        hosts = ledger.hosts + [TestHost("late"), TestHost("later")]
    }

    /// Short windows: a round settles after some twenty blocks, a session expires after as many.
    private static var hastyParameters: ProtocolParameters {
        var parameters = ProtocolParameters.devnet
        parameters.chain.epochBlocks = 20
        parameters.chain.beaconIntervalBlocks = 2
        parameters.rounds.servingWorkBlocks = 4
        parameters.rounds.sprintWorkBlocks = 1
        parameters.rounds.commitBlocks = 2
        for window in [\RoundParameters.auditBlocks, \.openBlocks, \.appealBlocks, \.appealOpenBlocks] {
            parameters.rounds[keyPath: window] = 1
        }
        parameters.rounds.settlementClaimsPerBlock = 2
        return parameters
    }

    /// Makes a block; a part of its transactions goes through the mempool first.
    public mutating func step(consensus: ConsensusNews = .none) throws {
        var transactions: [Bytes] = []
        let spread = blockSizes.upperBound - blockSizes.lowerBound
        for _ in 0..<blockSizes.lowerBound + numbers.next() % (spread + 1) {
            let bytes = try transaction()
            if numbers.happens(50) { _ = ledger.app.checkTransaction(bytes, isRecheck: numbers.happens(50)) }
            transactions.append(bytes)
        }
        let result = try ledger.block(transactions, consensus: consensus)
        for (bytes, outcome) in zip(transactions, result.transactionResults) { count(bytes, outcome) }
        old.append(contentsOf: transactions)
        old = old.suffix(64)
    }

    private mutating func count(_ bytes: Bytes, _ result: TransactionResult) {
        if let refusal = result.refusal { return refusals[refusal.description, default: 0] += 1 }
        guard let raw = try? TransactionRaw.decode(bytes), let body = try? TransactionBody.decode(raw.bodyBytes) else {
            return
        }
        for message in body.messages { acceptedTypes[message.typeURL, default: 0] += 1 }
    }

    private mutating func transaction() throws -> Bytes {
        if numbers.happens(4), let bytes = old.randomElement(using: &numbers) { return bytes }
        var (messages, signer) = try message()
        if numbers.happens(4) { messages += try message().messages }
        var draft = try ledger.draft(messages, by: signer)
        let isFree = messages.first is MsgCommitClaim && numbers.happens(80)
        if !isFree { draft.offer(perByte: ledger.parameters.economy.feePerByteNgonka) }
        if numbers.happens(3) { draft.offer(Amount(numbers.edge(near: 40_000))) }
        if numbers.happens(2) { draft.body.timeoutHeight = numbers.edge(near: ledger.height) }
        if numbers.happens(2) { draft.authentication.signerInfos[0].sequence = numbers.edge(near: 1) }
        return numbers.happens(4) ? mutated(draft.signed(by: signer.key)) : draft.signed(by: signer.key)
    }

    private mutating func mutated(_ bytes: Bytes) -> Bytes {
        var bytes = bytes
        switch numbers.next() % 3 {
        case 0: bytes.removeLast(Int(numbers.next() % UInt64(bytes.count)))
        case 1: bytes.append(UInt8(truncatingIfNeeded: numbers.next()))
        default: bytes[Int(numbers.next() % UInt64(bytes.count))] ^= UInt8(1 << (numbers.next() % 8))
        }
        return bytes
    }

    private mutating func message() throws -> (messages: [any LedgerMessage], signer: TestAccount) {
        let isClaimTime = try claimableRound() != nil
        return switch numbers.next() % 20 {
        case 0...3: transfer()
        case 4: hostMessage()
        case 5...7: opening()
        case 8...11: try sessionMessage()
        default: isClaimTime || numbers.happens(10) ? try claim() : transfer()
        }
    }

    private mutating func person() -> TestAccount { people.randomElement(using: &numbers) ?? people[0] }
    private mutating func host() -> TestHost { hosts.randomElement(using: &numbers) ?? hosts[0] }

    private mutating func transfer() -> ([any LedgerMessage], TestAccount) {
        let everyone = people + hosts.flatMap { [$0.account, $0.operatorAccount] }
        let (sender, receiver) = (person(), everyone.randomElement(using: &numbers) ?? people[0])
        let amount = numbers.happens(80) ? numbers.next() % 60_000_000_000 : numbers.edge(near: 1)
        return ([MsgSend(from: sender.address, to: receiver.address, amount: Amount(amount))], sender)
    }

    private mutating func hostMessage() -> ([any LedgerMessage], TestAccount) {
        let (host, signer) = (host(), numbers.happens(90) ? nil : person())
        let models: [String] =
            [["model-a", "model-b"], ["model-a"], ["model-b"], []].randomElement(using: &numbers) ?? []
        let message: any LedgerMessage =
            switch numbers.next() % 6 {
            case 0...2: host.registration(models: models)
            case 3:
                MsgUpdateHost(host: host.address, url: numbers.happens(90) ? "http://h" : "no url", models: models)
            case 4:
                MsgRotateOperatorKey(
                    host: host.address,
                    operatorKey: (numbers.happens(70) ? host : self.host()).operatorAccount.key.publicKey.compressed)
            default: MsgRetireHost(host: host.address)
            }
        return ([message], signer ?? host.account)
    }

    private mutating func opening() -> ([any LedgerMessage], TestAccount) {
        let payer = person()
        var message = MsgOpenSession(
            payer: payer.address, model: numbers.happens(60) ? "model-a" : "model-b",
            deposit: Amount(numbers.next() % 20_000_000_000), sessionKey: payer.key.publicKey.compressed,
            groupSize: numbers.next() % 5, expiryEpochs: 1 + numbers.next() % 3)
        if numbers.happens(15) { message.groupSize = numbers.edge(near: 64) }
        if numbers.happens(15) { message.expiryEpochs = numbers.edge(near: 90) }
        if numbers.happens(10) { message.deposit = Amount(numbers.edge(near: 10_000_000)) }
        if numbers.happens(20) { message.allowedHosts = [host().address, host().address].sorted() }
        return ([message], payer)
    }

    private mutating func sessionMessage() throws -> ([any LedgerMessage], TestAccount) {
        let id = try sessionID()
        let session = try ledger.session(id)
        let payer = people.first { $0.address == session?.payer && !numbers.happens(8) } ?? person()
        if numbers.happens(35) { return ([MsgCloseSession(payer: payer.address, session: id)], payer) }
        var moves: [AllotmentMove] = []
        for _ in 0..<numbers.next() % 3 {
            let (from, to) = (member(of: session), member(of: session))
            let amount = numbers.happens(60) ? numbers.next() % 3_000_000_000 : numbers.edge(near: 1)
            moves.append(AllotmentMove(from: from, to: to, amount: Amount(amount)))
        }
        let amount = numbers.happens(85) ? numbers.next() % 1_000_000_000 : numbers.edge(near: 0)
        return ([MsgTopUpSession(payer: payer.address, session: id, amount: Amount(amount), moves: moves)], payer)
    }

    private mutating func sessionID() throws -> UInt64 {
        let last = try ledger.lastSessionID()
        return numbers.happens(95) && last > 0
            ? max(1, last - numbers.next() % min(last, 20)) : numbers.edge(near: last)
    }

    private mutating func member(of session: SessionRecord?) -> Address {
        let member = session?.members.randomElement(using: &numbers)
        return numbers.happens(95) ? member ?? host().address : host().address
    }

    private mutating func claim() throws -> ([any LedgerMessage], TestAccount) {
        let host = numbers.happens(90) ? ledger.hosts.randomElement(using: &numbers) ?? host() : host()
        let newest = ledger.servingRound()
        let round = numbers.happens(95) ? try claimableRound() ?? newest : numbers.edge(near: newest)
        var entries: [ClaimEntry] = []
        for model in ["model-a", "model-b"] {
            var parts: [SessionClaim] = []
            let last = try ledger.lastSessionID()
            for id in (last - min(last, 12))..<last + 1 where numbers.happens(70) {
                guard let session = try ledger.session(id), session.model == model,
                    let member = try ledger.member(host.address, of: id),
                    session.state == .open || round <= session.closesAfterRound || numbers.happens(5)
                else { continue }
                parts.append(part(of: session, member))
            }
            if !parts.isEmpty || numbers.happens(3) { entries.append(entry(host, model, parts)) }
        }
        if entries.isEmpty && numbers.happens(90) { return transfer() }
        let signer = numbers.happens(95) ? host.operatorAccount : person()
        return (
            [
                MsgCommitClaim(
                    operatorAccount: signer.address, host: host.address, round: ledger.roundID(round), entries: entries)
            ],
            signer
        )
    }

    /// The round that takes claims in the next block, if there is one.
    private func claimableRound() throws -> UInt64? {
        let newest = ledger.servingRound()
        return try (newest - min(2, newest)..<newest).last { id in
            try ledger.round(id)?.timetable.window(.commit).contains(ledger.height + 1) == true
        }
    }

    private mutating func entry(_ host: TestHost, _ model: String, _ parts: [SessionClaim]) -> ClaimEntry {
        var entry = ledger.entry(of: host.address, model: model, sessions: parts)
        // Nobody can open a root of nothing.
        if numbers.happens(5) { entry.root = .zero }
        if numbers.happens(2) { entry.count = numbers.edge(near: entry.count) }
        if numbers.happens(2) { entry.fee = Amount(numbers.edge(near: entry.fee.ngonka)) }
        return entry
    }

    private mutating func part(of session: SessionRecord, _ member: MemberRecord) -> SessionClaim {
        let payer = people.first { $0.address == session.payer } ?? people[0]
        let amount = numbers.happens(80) ? numbers.next() % 3_000_000_000 : numbers.edge(near: member.allotment.ngonka)
        var part = SessionClaim(
            session: session.id, firstNumber: member.lastNumber + 1, count: 1 + numbers.next() % 9,
            fee: Amount(numbers.next() % 1_000_000_000),
            voucher: ledger.voucher(
                session: session.id, executor: member.host, amount: Amount(amount), by: payer))
        if numbers.happens(1) { part.firstNumber = numbers.edge(near: part.firstNumber) }
        if numbers.happens(1) { part.count = numbers.edge(near: part.count) }
        if numbers.happens(1) { part.fee = Amount(numbers.edge(near: part.fee.ngonka)) }
        if numbers.happens(1) { part.voucher.signature[3] ^= 1 }
        return part
    }
}
