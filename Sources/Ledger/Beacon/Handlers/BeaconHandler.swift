import Cryptography
import Messages
import Primitives
import ProtocolRules

/// Takes a validator's reveal and its next commitment, once an interval.
///
/// A commitment of this interval cannot be revealed in it: whoever reveals must have been bound before the interval's first
/// secret was out. Who lost its secret sends none, and owes the reveal all the same.
enum BeaconHandler: MessageHandler {
    static func apply(_ message: MsgBeacon, in context: inout ExecutionContext) throws(LedgerError) {
        let current = try context.expect(BeaconIntervalRecord.self, at: BeaconKeys.interval)
        guard message.interval == current.interval else {
            throw BeaconRejection.wrongInterval(given: message.interval, current: current.interval).error
        }
        guard current.validators.contains(message.host) else {
            throw BeaconRejection.notAValidator(message.host).error
        }
        let known = try BeaconReads.part(of: message.host, in: context)
        guard known.map({ $0.committedIn < current.interval }) ?? true else {
            throw BeaconRejection.givenAlready(interval: current.interval).error
        }
        var part = BeaconPartRecord(
            standing: message.nextCommitment, committedIn: current.interval, revealedIn: known?.revealedIn ?? 0,
            secret: known?.secret ?? [])
        if !message.secret.isEmpty {
            guard let known else { throw BeaconRejection.nothingStands.error }
            guard message.secret.count == Hash32.length, Hash32.sha256(message.secret) == known.standing else {
                throw BeaconRejection.wrongSecret.error
            }
            part.revealedIn = current.interval
            part.secret = message.secret
        }
        context.write(part, at: StateKey.beaconPart(message.host))
    }
}
