import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// The host's part of the beacon: once in every interval of which it is a validator, the secret that it is bound to and the hash of
/// the next one.
struct BeaconDuty: Sendable {
    private let identity: HostIdentity
    private let ledger: any LedgerAccess
    private let secrets: BeaconSecrets
    private let logger: Logger

    init(identity: HostIdentity, ledger: any LedgerAccess, logger: Logger) {
        self.identity = identity
        self.ledger = ledger
        self.logger = logger
        secrets = BeaconSecrets(identity)
    }

    /// What is to be sent now, if anything.
    func offer(_ now: HostLedgerView.Snapshot) async throws(LedgerAccessError) -> DutyOffer? {
        let schedule = now.parameters.beaconSchedule
        let interval = schedule.index(at: now.height)
        // The message has to lie in the interval, and the next block may be the first of another one.
        guard let last = try? schedule.heights(of: interval).upperBound, now.height < last else { return nil }
        guard let record = try await ledger.beaconInterval(), record.interval == interval,
            record.validators.contains(identity.address)
        else { return nil }
        let part = try await ledger.beaconPart(of: identity.address)
        guard let message = message(interval, part) else { return nil }
        return DutyOffer(
            duty: DutySender.Duty(kind: MsgBeacon.typeURL, round: interval, window: .draw), message: message,
            last: last, figures: ["interval": "\(interval)", "reveals": "\(!message.secret.isEmpty)"])
    }

    /// What to send in `interval`; nil where it was sent already.
    func message(_ interval: UInt64, _ part: BeaconPartRecord?) -> MsgBeacon? {
        var secret = Bytes()
        if let part {
            guard part.committedIn < interval else { return nil }
            if let standing = secrets.secret(behind: part.standing, givenIn: part.committedIn) {
                secret = standing
            } else {
                logger.error(
                    "the beacon's standing hash is of another operator key: this reveal is missed",
                    metadata: ["interval": "\(interval)"])
            }
        }
        return MsgBeacon(
            operatorAccount: identity.operatorKey.publicKey.address, host: identity.address, interval: interval,
            secret: secret, nextCommitment: secrets.commitment(of: interval))
    }
}
