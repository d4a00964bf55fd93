import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

/// What validators give to the beacon. All speak in an interval's last block, each as if it were the last one.
struct SimulatedBeacon {
    let duties: SimulatedDuties
    let ledger: TestLedger

    func due(at height: UInt64) throws -> [SimulatedDuties.Duty] {
        let schedule = ledger.parameters.beaconSchedule
        let interval = schedule.index(at: height)
        // The interval's validators stand in the ledger from its first block on.
        guard schedule.isLast(height), schedule.length > 1,
            let current = try ledger.record(BeaconIntervalRecord.self, at: StateTable.beaconInterval.prefix)
        else { return [] }
        let secrets = try secrets(of: current.validators)
        return try current.validators.compactMap { validator in
            guard let host = duties.host(validator) else { return nil }
            if let behaviour = duties.behaviours[validator] {
                let without = secrets.filter { $0.validator != validator }
                let choice = BeaconChoice(
                    height: height, given: try seed(of: interval, from: secrets),
                    kept: try seed(of: interval, from: without))
                guard behaviour.isPresent(at: height), behaviour.reveals(choice) else { return nil }
            }
            let secret = secrets.first { $0.validator == validator }?.secret ?? []
            let next = Hash32.sha256(SimulatedBeacon.secret(of: validator, interval: interval))
            return (
                host,
                MsgBeacon(
                    operatorAccount: host.operatorAccount.address, host: validator, interval: interval, secret: secret,
                    nextCommitment: next)
            )
        }
    }

    private typealias Reveal = (validator: Address, secret: Bytes)

    /// What stands to be revealed, in order of address.
    private func secrets(of validators: [Address]) throws -> [Reveal] {
        try validators.sorted().compactMap { validator in
            let part = try ledger.record(BeaconPartRecord.self, at: StateKey.beaconPart(validator))
            return part.map { (validator, SimulatedBeacon.secret(of: validator, interval: $0.committedIn)) }
        }
    }

    private func seed(of interval: UInt64, from reveals: [Reveal]) throws -> Hash32 {
        let before = try ledger.record(BeaconSeedRecord.self, at: StateKey.beaconSeed(interval - 1))?.seed ?? .zero
        let parts = reveals.reduce(Bytes()) { $0 + $1.validator.bytes + $1.secret }
        return .sha256(before.bytes + .bigEndian(interval) + parts)
    }

    private static func secret(of host: Address, interval: UInt64) -> Bytes {
        Hash32.sha256(Bytes("beacon".utf8) + host.bytes + .bigEndian(interval)).bytes
    }
}
