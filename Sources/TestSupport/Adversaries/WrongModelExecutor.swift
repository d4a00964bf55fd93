import ProtocolRules

/// Answers with another, cheaper model and its numbers, in all that it does.
public final class WrongModelExecutor: HostBehaviour {
    public init() {}

    public func quality(of kind: RoundKind) -> ItemQuality { .otherModel }
}
