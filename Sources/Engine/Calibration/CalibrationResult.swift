import EngineAPI
import ProtocolRules

/// One host with one kind of text.
public struct Condition: Sendable {
    public let model: ModelVariant
    public let shape: HostShape
    public let text: TextKind
    public let trials: [Trial]

    public init(model: ModelVariant, shape: HostShape, text: TextKind, trials: [Trial]) {
        self.model = model
        self.shape = shape
        self.text = text
        self.trials = trials
    }
}

/// How far a search for tokens that pass came.
public struct SearchResult: Sendable {
    public let model: ModelVariant
    public let items: Int
    /// [r]: how many had passed after r replacements.
    public let passedByRound: [Int]
    /// Tokens that the cheap model generated, all rounds together.
    public let draftedTokens: Int
    /// Tokens that the model of record read, prompts included, all rounds together.
    public let readTokens: Int
    /// Tokens of the answers as they stood at the end.
    public let answerTokens: Int
    /// These answers, in the order of the requests.
    public let outputs: [[TokenID]]
}

/// Everything that was measured, and what follows from it by arithmetic alone.
public struct CalibrationResult: Sendable {
    public let plan: CalibrationPlan
    public let conditions: [Condition]
    public let searches: [SearchResult]

    public init(plan: CalibrationPlan, conditions: [Condition], searches: [SearchResult]) {
        self.plan = plan
        self.conditions = conditions
        self.searches = searches
    }

    /// Whose checks are looked at.
    public enum Kind: Hashable, Sendable {
        /// An honest host by each of the two auditors: two checks an item.
        case honest
        /// A host of the given kind with its own numbers, by the auditor that scores one by one.
        case open(ModelVariant)
        /// The same tokens with the numbers of the model of record.
        case draft(ModelVariant)
    }

    /// The checks of some kind.
    ///
    /// - Parameters:
    ///   - text: nil for all of them.
    ///   - length: as if answers ended there, of those that are as long; nil for whole answers.
    public func checks(_ kind: Kind, text: TextKind? = nil, length: Int? = nil) -> [Check] {
        let model: ModelVariant =
            switch kind {
            case .honest: .exact
            case .open(let model), .draft(let model): model
            }
        return conditions.filter { $0.model == model && (text == nil || $0.text == text) }
            .flatMap { $0.checks(kind, length: length) }
    }

    /// Honest items, counted once each, that mismatch in at least one of their checks.
    ///
    /// - Parameter noisyOnly: leaves out items where both sides computed the same bits, which say nothing about noise.
    public func honestItemRate(_ thresholds: ModelThresholds, noisyOnly: Bool = false) -> BinomialRate {
        let items = conditions.filter { $0.model == .exact }.flatMap(\.trials).map { trial in
            Condition.auditors.compactMap { trial.check(.noted, auditor: $0) }
        }
        return BinomialRate(items.filter { !noisyOnly || !$0.allSatisfy(\.isExact) }) { checks in
            checks.contains { $0.isMismatch(thresholds) }
        }
    }
}

extension Condition {
    /// The one that scores several items at once, the one that scores them one by one.
    static let auditors = [0, 1]

    /// This condition's checks of `kind`, which must be one of its model's.
    public func checks(_ kind: CalibrationResult.Kind, length: Int? = nil) -> [Check] {
        trials.flatMap { trial in
            switch kind {
            case .honest: Self.auditors.compactMap { trial.check(.noted, auditor: $0, length: length) }
            case .open: [trial.check(.noted, auditor: 1, length: length)].compactMap { $0 }
            case .draft: [trial.check(.recomputed, auditor: 1, length: length)].compactMap { $0 }
            }
        }
    }
}
