import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore

enum HostsWrites {
    /// Lists `host` under models that it did not list so far, without weight.
    static func list(_ host: HostRecord, underNew models: [String], in context: inout ExecutionContext) {
        for model in models {
            context.write(
                WeightRecord(host: host.address, weight: 0), at: StateKey.weight(model: model, host: host.address))
        }
    }

    /// Takes `host` off `models`; its weights for them are gone.
    static func unlist(_ host: HostRecord, from models: [String], in context: inout ExecutionContext) {
        for model in models { context.state.delete(StateKey.weight(model: model, host: host.address)) }
    }

    /// Notes something about a host in its record of the epoch that runs.
    static func note(
        _ host: Address, in context: inout ExecutionContext, _ change: (inout HostEpochRecord) -> Void
    ) throws(LedgerError) {
        let epoch = context.block.parameters.epochSchedule.index(at: context.block.height)
        try note(host, epoch: epoch, in: &context, change)
    }

    /// The same in the record of another epoch.
    static func note(
        _ host: Address, epoch: UInt64, in context: inout ExecutionContext, _ change: (inout HostEpochRecord) -> Void
    ) throws(LedgerError) {
        let key = StateKey.hostEpoch(epoch, host: host)
        var record =
            try context.read(HostEpochRecord.self, at: key) ?? HostEpochRecord(empty: host, epoch: epoch)
        change(&record)
        context.write(record, at: key)
    }

    /// Notes since when a key signs for a host, and until when the one before did: receipts outlive rotations.
    static func noteOperatorKey(
        of host: Address, _ key: Bytes, replacing old: Bytes? = nil, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let height = context.block.height
        if let old {
            let place = StateKey.operatorKey(host, key: old)
            var record = try context.expect(OperatorKeyRecord.self, at: place)
            record.untilHeight = max(1, height)
            context.write(record, at: place)
        }
        context.write(
            OperatorKeyRecord(host: host, fromHeight: height, untilHeight: 0), at: StateKey.operatorKey(host, key: key))
    }

    /// The account of an operator key exists from the moment that the key is in force, so that duty messages need no coins.
    static func openOperatorAccount(of key: Bytes, in context: inout ExecutionContext) throws(LedgerError) {
        guard let key = PublicKey(compressed: key) else { throw HostsRejection.invalidOperatorKey.error }
        _ = try BankWrites.openAccount(key.address, in: &context)
    }
}
