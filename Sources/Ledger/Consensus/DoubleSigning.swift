import Cryptography
import Messages
import OrderingAPI
import Primitives
import StateStore

/// A consensus validator that signed what excludes each other is convicted, like a host that was found to cheat.
enum DoubleSigning {
    /// Convicts the host whose key it was, also one that is leaving or gone. Once for all that the key signed until the conviction
    /// reached consensus: two machines with one key do the same wrong at every height.
    ///
    /// What nobody can be held to is ignored: a key that is no host's, a height before it was this host's, a kind that this build
    /// does not know.
    static func punish(_ misbehavior: Misbehavior, in context: inout ExecutionContext) throws(LedgerError) {
        guard let kind = misbehavior.kind.name, let address = Address(misbehavior.validator),
            var owner = try HostsReads.consensusKey(address, in: context),
            misbehavior.height >= owner.fromHeight, misbehavior.height < context.block.height
        else { return }
        // The set of the block after a conviction still counts the key.
        let isPunished = owner.convictedHeight > 0 && misbehavior.height <= owner.convictedHeight.addingClamped(1)
        guard !isPunished else { return }
        owner.convictedHeight = context.block.height
        context.write(owner, at: StateKey.consensusKey(address))
        context.emit(
            "host_misbehaved", ("host", owner.host.bech32), ("kind", kind), ("height", "\(misbehavior.height)"))
        try Conviction.convict(owner.host, in: &context)
    }
}

extension Misbehavior.Kind {
    /// Nil where this build does not know it.
    fileprivate var name: String? {
        switch self {
        case .duplicateVote: "duplicate_vote"
        case .lightClientAttack: "light_client_attack"
        case .unknown: nil
        }
    }
}
