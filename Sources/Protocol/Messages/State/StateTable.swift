import Primitives
import ProtocolRules

/// The tables of the ledger's state. A key is two bytes, module and table, then the fields that the table is ordered by:
/// fixed-length fields as they are, counters as BE64, texts behind one byte of length. So no key can be read as another's.
///
/// Numbers are never given to another table. No record encodes to nothing, so an empty value always means absence.
public enum StateTable: UInt16, CaseIterable, Sendable {
    // Bank
    case accounts = 0x0101
    case supply = 0x0102
    // Epochs
    case chain = 0x0201
    case parameters = 0x0202
    // Models
    case models = 0x0301
    // Hosts
    case hosts = 0x0401
    case weights = 0x0402
    case consensusKeys = 0x0403
    case retirements = 0x0404
    case hostEpochs = 0x0405
    case auditors = 0x0406
    case validators = 0x0407
    case withdrawals = 0x0408
    case operatorKeys = 0x0409
    // Sessions
    case sessions = 0x0501
    case members = 0x0502
    case pendingGroups = 0x0503
    case expiries = 0x0504
    case closings = 0x0505
    case allotmentMoves = 0x0506
    case sessionsByPayer = 0x0507
    case sessionCounter = 0x0508
    // Rounds
    case rounds = 0x0601
    case claims = 0x0602
    case settlementQueue = 0x0603
    case unsettledRounds = 0x0604
    case roundCounter = 0x0605
    case dutyQuotas = 0x0606
    case roundModels = 0x0607
    case roundSerials = 0x0608
    case audits = 0x0609
    case openedItems = 0x060a
    case scores = 0x060b
    case roundAuditors = 0x060c
    // Beacon
    case beaconInterval = 0x0701
    case beaconParts = 0x0702
    case beaconSeeds = 0x0703
    // Economy
    case epochs = 0x0801
    case emission = 0x0802
    case vesting = 0x0803
    case misses = 0x0804
    case equivocations = 0x0805
    // Consensus
    case consensusValidators = 0x0901
    case absences = 0x0902
    case absentPower = 0x0903

    /// The two bytes that every key of the table starts with.
    public var prefix: Bytes { [UInt8(rawValue >> 8), UInt8(rawValue & 0xff)] }

    /// A key of this table.
    public func key(_ fields: Bytes...) -> Bytes {
        var key = Bytes()
        key.reserveCapacity(fields.reduce(2) { $0 + $1.count })
        key.append(UInt8(rawValue >> 8))
        key.append(UInt8(rawValue & 0xff))
        for field in fields { key.append(contentsOf: field) }
        return key
    }
}

/// The keys that people and programs outside the ledger read and prove.
///
/// Each example shows the bytes in hexadecimal, `‖` between the fields.
public enum StateKey {
    /// `0101 ‖ fc7250a2…1cef` (the 20 bytes of the address).
    public static func account(_ address: Address) -> Bytes { address.bytes(behind: accountsPrefix) }

    private static let accountsPrefix = StateTable.accounts.prefix

    /// `0102`.
    public static let supply = StateTable.supply.prefix

    /// `0201`.
    public static let chain = StateTable.chain.prefix

    /// `0202`.
    public static let parameters = StateTable.parameters.prefix

    /// `0301 ‖ 0b ‖ 736d6f6c6c6d322d313335` (length and bytes of the id). Ids are at most 128 bytes; longer ones name nothing.
    public static func model(_ id: String) -> Bytes { StateTable.models.key(counted(id)) }

    /// `0401 ‖ fc7250a2…1cef`.
    public static func host(_ address: Address) -> Bytes { StateTable.hosts.key(address.bytes) }

    /// `0402 ‖ 0b736d6f… ‖ fc7250a2…1cef`: an active host's weight for a model that it lists.
    public static func weight(model: String, host: Address) -> Bytes {
        StateTable.weights.key(counted(model), host.bytes)
    }

    /// `0402 ‖ 0b736d6f…`: where all weights of a model start.
    public static func weights(model: String) -> Bytes { StateTable.weights.key(counted(model)) }

    /// `0501 ‖ 0000000000000007`.
    public static func session(_ id: UInt64) -> Bytes { StateTable.sessions.key(.bigEndian(id)) }

    /// `0502 ‖ 0000000000000007 ‖ fc7250a2…1cef`.
    public static func member(session: UInt64, host: Address) -> Bytes {
        StateTable.members.key(.bigEndian(session), host.bytes)
    }

    /// `0502 ‖ 0000000000000007`: where all members of a session start.
    public static func members(session: UInt64) -> Bytes { StateTable.members.key(.bigEndian(session)) }

    /// `0507 ‖ fc7250a2…1cef`: where the session ids of a payer start.
    public static func sessions(payer: Address) -> Bytes { StateTable.sessionsByPayer.key(payer.bytes) }

    /// `0601 ‖ 0000000000000003`.
    public static func round(_ id: UInt64) -> Bytes { StateTable.rounds.key(.bigEndian(id)) }

    /// `0602 ‖ 0000000000000003 ‖ fc7250a2…1cef`.
    public static func claim(round: UInt64, host: Address) -> Bytes {
        StateTable.claims.key(.bigEndian(round), host.bytes)
    }

    /// `0602 ‖ 0000000000000003`: where all claims of a round start.
    public static func claims(round: UInt64) -> Bytes { StateTable.claims.key(.bigEndian(round)) }

    /// `0405 ‖ 0000000000000002 ‖ fc7250a2…1cef`: what a host did in epoch 2.
    public static func hostEpoch(_ epoch: UInt64, host: Address) -> Bytes {
        StateTable.hostEpochs.key(.bigEndian(epoch), host.bytes)
    }

    /// `0405 ‖ 0000000000000002`: where all hosts of an epoch start.
    public static func hostEpochs(_ epoch: UInt64) -> Bytes { StateTable.hostEpochs.key(.bigEndian(epoch)) }

    /// `0406 ‖ 0000000000000002 ‖ 0b736d6f…`: who audits the model in epoch 2.
    public static func auditors(epoch: UInt64, model: String) -> Bytes {
        StateTable.auditors.key(.bigEndian(epoch), counted(model))
    }

    /// `0403 ‖` the first 20 bytes of SHA-256 of a consensus key, which is how consensus names it: whose it is.
    public static func consensusKey(_ address: Address) -> Bytes { StateTable.consensusKeys.key(address.bytes) }

    /// `0407 ‖ fc7250a2…1cef`.
    public static func validator(_ host: Address) -> Bytes { StateTable.validators.key(host.bytes) }

    /// `0607 ‖ 0000000000000003 ‖ 0b736d6f…`: a model in round 3.
    public static func roundModel(_ round: UInt64, model: String) -> Bytes {
        StateTable.roundModels.key(.bigEndian(round), counted(model))
    }

    /// `0608 ‖ 03 ‖ 0000000000000002`: the id of the second serving round, BE64.
    public static func round(kind: RoundKind, serial: UInt64) -> Bytes {
        StateTable.roundSerials.key([UInt8(truncatingIfNeeded: kind.rawValue)], .bigEndian(serial))
    }

    /// `0609 ‖ 0000000000000003 ‖ fc7250a2…1cef ‖ BE64 entry ‖ BE64 number ‖ 01`: where all audits of a sample start.
    public static func audits(_ sample: SampleName, stage: AuditStage) -> Bytes {
        StateTable.audits.key(sample.bytes, [UInt8(truncatingIfNeeded: stage.rawValue)])
    }

    /// The same ‖ the auditor's address.
    public static func audit(_ sample: SampleName, stage: AuditStage, by auditor: Address) -> Bytes {
        audits(sample, stage: stage) + auditor.bytes
    }

    /// `060a ‖ 0000000000000003 ‖ fc7250a2…1cef ‖ BE64 entry ‖ BE64 number`.
    public static func openedItem(_ sample: SampleName) -> Bytes { StateTable.openedItems.key(sample.bytes) }

    /// `060b ‖ 01 ‖ fc7250a2…1cef ‖ 0b736d6f…`: an account's score for its work (01) or its word (02) on a model.
    public static func score(of account: Address, as stage: AuditStage, model: String) -> Bytes {
        StateTable.scores.key([UInt8(truncatingIfNeeded: stage.rawValue)], account.bytes, counted(model))
    }

    /// `0702 ‖ fc7250a2…1cef`.
    public static func beaconPart(_ host: Address) -> Bytes { StateTable.beaconParts.key(host.bytes) }

    /// `0703 ‖ 0000000000000005`: the seed of interval 5.
    public static func beaconSeed(_ interval: UInt64) -> Bytes { StateTable.beaconSeeds.key(.bigEndian(interval)) }

    /// `0408 ‖ 0000000000000009 ‖ fc7250a2…1cef`: what a host takes back in epoch 9.
    public static func withdrawal(epoch: UInt64, host: Address) -> Bytes {
        StateTable.withdrawals.key(.bigEndian(epoch), host.bytes)
    }

    /// `0409 ‖ fc7250a2…1cef ‖` the 33 bytes of a key that was the host's operator key once.
    public static func operatorKey(_ host: Address, key: Bytes) -> Bytes {
        StateTable.operatorKeys.key(host.bytes, key)
    }

    /// `0801 ‖ 0000000000000002`: what epoch 2 came to.
    public static func epoch(_ epoch: UInt64) -> Bytes { StateTable.epochs.key(.bigEndian(epoch)) }

    /// `0802`.
    public static let emission = StateTable.emission.prefix

    /// `0803 ‖ fc7250a2…1cef`.
    public static func vesting(_ account: Address) -> Bytes { StateTable.vesting.key(account.bytes) }

    /// `0804 ‖ 0000000000000007 ‖ fc7250a2…1cef ‖ 0000000000000009`: request 9 of session 7, which its executor left unanswered.
    public static func miss(session: UInt64, executor: Address, sequence: UInt64) -> Bytes {
        misses(session: session, executor: executor) + .bigEndian(sequence)
    }

    /// `0804 ‖ 0000000000000007 ‖ fc7250a2…1cef`: where all misses of an executor in session 7 start.
    public static func misses(session: UInt64, executor: Address) -> Bytes {
        StateTable.misses.key(.bigEndian(session), executor.bytes)
    }

    /// `0805 ‖ 0000000000000007 ‖ fc7250a2…1cef ‖ 0000000000000002`: item 2 of session 7, for which its executor signed twice.
    public static func equivocation(session: UInt64, executor: Address, number: UInt64) -> Bytes {
        StateTable.equivocations.key(.bigEndian(session), executor.bytes, .bigEndian(number))
    }

    /// `0901 ‖` the 32 bytes of a consensus key: the power that consensus was told it has, BE64.
    public static func consensusValidator(_ key: Bytes) -> Bytes { StateTable.consensusValidators.key(key) }

    /// `0902 ‖ fc7250a2…1cef`: the blocks that a host was absent from.
    public static func absence(_ host: Address) -> Bytes { StateTable.absences.key(host.bytes) }

    private static func counted(_ text: String) -> Bytes {
        let bytes = Bytes(text.utf8)
        return [UInt8(truncatingIfNeeded: bytes.count)] + bytes
    }
}
