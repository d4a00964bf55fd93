import Cryptography
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// Gives the host's part of the beacon: once in every interval of which it is a validator, the secret that it is bound to and
/// the hash of the next one.
public actor BeaconDuty {
    private let identity: HostIdentity
    private let ledger: any LedgerAccess
    private let sender: DutySender
    private let secrets: BeaconSecrets
    private let limits: Limits
    private let logger: Logger
    /// The last interval that is done with.
    private var done: UInt64 = 0
    /// A commitment that no secret was found for: it is not looked for again.
    private var foreign: Hash32?

    public init(
        identity: HostIdentity, ledger: any LedgerAccess, sender: DutySender, limits: Limits = Limits(),
        logger: Logger
    ) {
        self.identity = identity
        self.ledger = ledger
        self.sender = sender
        self.limits = limits
        self.logger = logger
        secrets = BeaconSecrets(identity)
    }

    /// Sends what is due now, if anything.
    ///
    /// - Returns: whether a transaction was sent.
    func step(_ now: HostLedgerView.Snapshot) async throws(LedgerAccessError) -> Bool {
        let schedule = now.parameters.beaconSchedule
        // The message has to lie in the interval, and the next block may be the first of another one.
        let interval = schedule.index(at: now.height)
        guard interval > done, schedule.index(at: now.height + 1) == interval else { return false }
        let duty = DutySender.Duty(kind: MsgBeacon.typeURL, round: interval, window: .draw)
        guard await sender.isDue(duty, height: now.height) else { return false }
        guard let record = try await ledger.beaconInterval(), record.interval == interval else { return false }
        guard record.validators.contains(identity.address) else {
            done = interval
            return false
        }
        let part = try await ledger.beaconPart(of: identity.address)
        guard let message = message(interval, part) else {
            done = interval
            return false
        }
        let result = try await sender.send(message, for: duty, height: now.height)
        guard result.isAccepted else {
            logger.warning(
                "beacon message not accepted", metadata: ["interval": "\(interval)", "log": "\(result.log)"])
            return true
        }
        done = interval
        logger.debug("beacon message accepted", metadata: ["interval": "\(interval)"])
        return true
    }

    /// What to send in `interval`; nil where it was sent already, or nothing can be.
    private func message(_ interval: UInt64, _ part: BeaconPartRecord?) -> MsgBeacon? {
        let next = secrets.commitment(of: interval)
        var secret = Bytes()
        if let part {
            if part.interval == interval || part.standing == next { return nil }
            guard part.standing != foreign else { return nil }
            let found = secrets.secret(
                behind: part.standing, hint: part.interval, newest: interval, searched: limits.beaconIntervalsSearchedMax)
            guard let found else {
                foreign = part.standing
                logger.error(
                    "the beacon's standing hash is of another operator key: nothing can be revealed",
                    metadata: ["interval": "\(interval)"])
                return nil
            }
            secret = found
        }
        return MsgBeacon(
            operatorAccount: identity.operatorKey.publicKey.address, host: identity.address, interval: interval,
            secret: secret, nextCommitment: next)
    }
}
