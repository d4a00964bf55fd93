import Cryptography
import Messages
import Primitives
import ProtocolRules
import StateStore
import WireFormat

/// Makes the signer a host: the consensus key its own and unique, the bond put down. It earns weight by proving work, not here.
enum RegisterHostHandler: MessageHandler {
    static func apply(_ message: MsgRegisterHost, in context: inout ExecutionContext) throws(LedgerError) {
        let former = try HostsReads.host(message.host, in: context)
        guard former?.state ?? .retired == .retired else {
            throw HostsRejection.alreadyRegistered(message.host).error
        }
        try HostsRules.check(url: message.url)
        try HostsRules.check(models: message.models, in: context)
        try bindConsensusKey(of: message, in: &context)
        try HostsWrites.openOperatorAccount(of: message.operatorKey, in: &context)
        let bond = Amount(context.block.parameters.economy.hostBondNgonka)
        try BankModule.move(bond, from: .balance(message.host), to: .bonds, in: &context)
        var host = HostRecord(
            address: message.host, url: message.url, operatorKey: message.operatorKey,
            consensusKey: message.consensusKey, models: message.models, bond: bond,
            registeredHeight: context.block.height)
        try HostsWrites.noteOperatorKey(of: message.host, message.operatorKey, in: &context)
        // Who was convicted does not begin anew by leaving.
        host.barredUntilEpoch = former?.barredUntilEpoch ?? 0
        context.write(host, at: StateKey.host(message.host))
        HostsWrites.list(host, underNew: message.models, in: &context)
        context.emit("host_registered", ("host", message.host.bech32), ("bond", bond.description))
    }

    private static func bindConsensusKey(
        of message: MsgRegisterHost, in context: inout ExecutionContext
    ) throws(LedgerError) {
        let statement = ConsensusKeyStatement(chainID: context.block.chainID, host: message.host)
        let digest = SigningDomain.consensusKey.digest(statement.encoded())
        guard let key = ConsensusPublicKey(message.consensusKey),
            key.verify(message.consensusSignature, of: digest.bytes)
        else { throw HostsRejection.invalidConsensusKey.error }
        var record = ConsensusKeyRecord(host: message.host, fromHeight: context.block.height)
        // A key is one host's for ever: what it signed for another could not be held against anybody.
        if let former = try HostsReads.consensusKey(key.address, in: context) {
            guard former.host == message.host else { throw HostsRejection.consensusKeyInUse.error }
            record = former
            record.untilHeight = 0
        }
        context.write(record, at: StateKey.consensusKey(key.address))
    }
}
