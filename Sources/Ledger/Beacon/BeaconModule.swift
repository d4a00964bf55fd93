import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// Where draws get their seeds: secrets that validators commit to an interval before they reveal them. Read this first.
///
/// seed(0) = SHA256(`gonka/beacon/v1` ‖ chain id); seed(i) = SHA256(seed(i−1) ‖ BE64 i ‖ for each reveal in order of address:
/// address ‖ secret). A seed exists from the end of its interval's last block on, whoever stays silent.
enum BeaconModule {
    /// Fixes who makes the seed of an interval that begins.
    static func beginBlock(in context: inout ExecutionContext) throws(LedgerError) {
        let schedule = context.block.parameters.beaconSchedule
        guard schedule.isFirst(context.block.height) else { return }
        let count = Int(clamping: context.block.parameters.beacon.validatorsMax)
        let validators = try ConsensusReads.strongest(count, in: context).sorted()
        var owing: [Address] = []
        for validator in validators where try BeaconReads.part(of: validator, in: context) != nil {
            owing.append(validator)
        }
        context.write(
            BeaconIntervalRecord(
                interval: schedule.index(at: context.block.height), validators: validators, owing: owing),
            at: BeaconKeys.interval)
    }

    /// Makes the seed of an interval that ends, and notes who was silent.
    static func endBlock(in context: inout ExecutionContext) throws(LedgerError) {
        guard context.block.parameters.beaconSchedule.isLast(context.block.height) else { return }
        let current = try context.expect(BeaconIntervalRecord.self, at: BeaconKeys.interval)
        var hasher = SHA256Hasher()
        hasher.update(try BeaconReads.seed(of: current.interval - 1, in: context))
        hasher.update(bigEndian: current.interval)
        var reveals: UInt64 = 0
        for validator in current.validators {
            guard let part = try BeaconReads.part(of: validator, in: context), part.revealedIn == current.interval
            else {
                continue
            }
            hasher.update(validator.bytes)
            hasher.update(part.secret)
            reveals += 1
        }
        let seed = hasher.finalize()
        context.write(BeaconSeedRecord(seed: seed, reveals: reveals), at: StateKey.beaconSeed(current.interval))
        context.emit(
            "beacon_seed", ("interval", "\(current.interval)"), ("seed", seed.description), ("reveals", "\(reveals)"))
        try noteSilence(in: current, &context)
    }

    /// Who owed a reveal and gave none. It costs more where a round drew from the seed.
    private static func noteSilence(
        in interval: BeaconIntervalRecord, _ context: inout ExecutionContext
    ) throws(LedgerError) {
        let isDrawn = try RoundsReads.isDrawnFrom(blockEndingAt: context.block.height, in: context)
        for validator in interval.owing {
            let part = try BeaconReads.part(of: validator, in: context)
            guard part?.revealedIn != interval.interval else { continue }
            try HostsWrites.note(validator, in: &context) { record in
                if isDrawn { record.drawnBeaconsMissed += 1 } else { record.idleBeaconsMissed += 1 }
            }
            context.emit("beacon_missed", ("interval", "\(interval.interval)"), ("host", validator.bech32))
        }
    }
}

enum BeaconGenesis {
    static func build(chainID: String, in context: inout ExecutionContext) {
        let seed = Hash32.sha256(Bytes("gonka/beacon/v1".utf8) + Bytes(chainID.utf8))
        context.write(BeaconSeedRecord(seed: seed, reveals: 0), at: StateKey.beaconSeed(0))
    }
}

/// Keys that only this module reads.
enum BeaconKeys {
    /// `0701`: the interval that runs.
    static let interval = StateTable.beaconInterval.prefix
}

enum BeaconReads {
    static func part(of host: Address, in context: ExecutionContext) throws(LedgerError) -> BeaconPartRecord? {
        try context.read(BeaconPartRecord.self, at: StateKey.beaconPart(host))
    }

    static func seed(of interval: UInt64, in context: ExecutionContext) throws(LedgerError) -> Hash32 {
        try context.expect(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval)).seed
    }

    /// The seed of the last interval that is over before this block.
    static func newestSeed(in context: ExecutionContext) throws(LedgerError) -> Hash32 {
        try seed(of: context.block.parameters.beaconSchedule.index(at: context.block.height) - 1, in: context)
    }

    /// The seed of the interval whose last block is at `height`; nil while it is not over.
    static func seed(endingAt height: UInt64, in context: ExecutionContext) throws(LedgerError) -> Hash32? {
        let interval = context.block.parameters.beaconSchedule.index(at: height)
        return try context.read(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval))?.seed
    }
}
