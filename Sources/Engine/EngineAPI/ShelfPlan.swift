/// Which models are loaded and who waits for which: a `ModelShelf`'s rules, without time and memory of their own.
///
/// One model is loaded at a time. A model that is asked for takes the memory of models that nobody uses, the one that was asked for
/// least recently first. Where those are too small it waits; after its patience it has a claim, and the models that it needs gone
/// take no new requests until it is loaded.
struct ShelfPlan {
    typealias Instant = ContinuousClock.Instant

    /// What is to be done; nothing of it is done when a call returns.
    enum Action: Equatable {
        /// The request may use its model.
        case admit(UInt64, model: Int)
        case refuse(UInt64, EngineError)
        case load(Int)
        case unload(Int)
        /// Call `tick` then.
        case wake(at: Instant)
    }

    private enum Stage: Equatable {
        case away
        case loading(since: Instant)
        /// Until `stays` it is not closed for another model's users.
        case loaded(stays: Instant)
        case leaving
    }

    private struct Slot {
        let bytes: Int
        var stage = Stage.away
        /// Open requests that somebody waits for, and those for the gaps.
        var users = 0
        var background = 0
        var lastAsked: UInt64 = 0
        var failure: (error: EngineError, until: Instant)?

        var isIdle: Bool { users == 0 && background == 0 }
    }

    private struct Waiter {
        let id: UInt64
        let model: Int
        let priority: EnginePriority
        let since: Instant
    }

    private struct Claim {
        let model: Int
        let victims: Set<Int>
    }

    private let memoryMax: Int
    private var slots: [Slot]
    /// In the order in which they came.
    private var line: [Waiter] = []
    private var claim: Claim?
    private var asked: UInt64 = 0
    private var wake: Instant?

    /// - Parameters:
    ///   - bytes: what each model takes, [model]; at most `memoryMax` each.
    ///   - memoryMax: what all loaded ones may take together.
    init(bytes: [Int], memoryMax: Int) {
        slots = bytes.map { Slot(bytes: $0) }
        self.memoryMax = memoryMax
    }

    func isLoaded(_ model: Int) -> Bool { if case .loaded = slots[model].stage { true } else { false } }

    /// A request came; ids are never used twice.
    mutating func ask(_ model: Int, _ priority: EnginePriority, id: UInt64, at now: Instant) -> [Action] {
        if let failure = slots[model].failure, now < failure.until { return [.refuse(id, failure.error)] }
        let canBegin = isLoaded(model) && claim?.victims.contains(model) != true
        guard canBegin || line.count(where: { $0.model == model }) < ShelfLimits.waitingRequests else {
            return [.refuse(id, .overloaded)]
        }
        asked += 1
        slots[model].lastAsked = asked
        line.append(Waiter(id: id, model: model, priority: priority, since: now))
        return advance(now)
    }

    /// Whoever asked does not wait any more. Nothing happens for a request that was admitted: it is to be released.
    mutating func cancel(_ id: UInt64, at now: Instant) -> [Action] {
        line.removeAll { $0.id == id }
        return advance(now)
    }

    /// An admitted request has ended.
    mutating func release(_ model: Int, _ priority: EnginePriority, at now: Instant) -> [Action] {
        count(-1, model, priority)
        return advance(now)
    }

    /// Loads without being asked, where it fits beside what is loaded; false where it does not.
    mutating func loadIfItFits(_ model: Int, at now: Instant) -> Bool {
        guard slots[model].stage == .away, claim == nil, !isLoading, used + slots[model].bytes <= memoryMax else {
            return false
        }
        slots[model].stage = .loading(since: now)
        return true
    }

    mutating func loaded(_ model: Int, at now: Instant) -> [Action] {
        guard case .loading(let since) = slots[model].stage else { return [] }
        // What took long to load stays as long: at worst half of the time goes into loading.
        slots[model].stage = .loaded(stays: now + max(ShelfLimits.usersPatience, now - since))
        slots[model].failure = nil
        return advance(now)
    }

    /// Those who wait for it are refused, and all others for a while: each attempt costs another model its memory.
    mutating func failed(_ model: Int, _ error: EngineError, at now: Instant) -> [Action] {
        slots[model].stage = .away
        slots[model].failure = (error, now + ShelfLimits.restAfterFailure)
        let refused = line.filter { $0.model == model }.map { Action.refuse($0.id, error) }
        line.removeAll { $0.model == model }
        return refused + advance(now)
    }

    mutating func unloaded(_ model: Int, at now: Instant) -> [Action] {
        slots[model].stage = .away
        return advance(now)
    }

    mutating func tick(at now: Instant) -> [Action] {
        wake = nil
        return advance(now)
    }
}

extension ShelfPlan {
    private var isLoading: Bool { slots.contains { if case .loading = $0.stage { true } else { false } } }

    private var used: Int { slots.reduce(0) { $1.stage == .away ? $0 : $0 + $1.bytes } }

    private mutating func count(_ change: Int, _ model: Int, _ priority: EnginePriority) {
        if priority == .background { slots[model].background += change } else { slots[model].users += change }
    }

    private mutating func advance(_ now: Instant) -> [Action] {
        if let held = claim, !line.contains(where: { $0.model == held.model }) { claim = nil }
        var actions = admitted()
        guard !isLoading else { return actions }
        if claim == nil { actions += chooseClaim(now) }
        guard let claim else { return actions }
        for victim in claim.victims.sorted() where isLoaded(victim) && slots[victim].isIdle {
            slots[victim].stage = .leaving
            actions.append(.unload(victim))
        }
        if used + slots[claim.model].bytes <= memoryMax {
            slots[claim.model].stage = .loading(since: now)
            actions.append(.load(claim.model))
            self.claim = nil
        }
        return actions
    }

    private mutating func admitted() -> [Action] {
        var actions: [Action] = []
        var left: [Waiter] = []
        for waiter in line {
            guard isLoaded(waiter.model), claim?.victims.contains(waiter.model) != true else {
                left.append(waiter)
                continue
            }
            count(1, waiter.model, waiter.priority)
            actions.append(.admit(waiter.id, model: waiter.model))
        }
        line = left
        return actions
    }

    /// Gives the claim to the first model, by the priority of who waits and how long, that may have its memory now.
    private mutating func chooseClaim(_ now: Instant) -> [Action] {
        var ripest: Instant?
        for model in modelsInLine() {
            let victims = victims(for: model)
            let ripe = ripe(model, victims, now)
            if ripe <= now {
                claim = Claim(model: model, victims: Set(victims))
                return []
            }
            ripest = min(ripest ?? ripe, ripe)
        }
        guard let ripest, wake.map({ ripest < $0 }) ?? true else { return [] }
        wake = ripest
        return [.wake(at: ripest)]
    }

    /// Those that somebody waits for and that are not there, first who comes first.
    private func modelsInLine() -> [Int] {
        var models: [Int] = []
        for waiter in line.sorted(by: { ($0.priority.rank, $0.id) < ($1.priority.rank, $1.id) })
        where slots[waiter.model].stage == .away && !models.contains(waiter.model) {
            models.append(waiter.model)
        }
        return models
    }

    /// Which ones have to go, none of them needlessly: the idle ones first, then those that were asked for least recently.
    private func victims(for model: Int) -> [Int] {
        let leaving = slots.reduce(0) { $1.stage == .leaving ? $0 + $1.bytes : $0 }
        let excess = used - leaving + slots[model].bytes - memoryMax
        let candidates = slots.indices.filter { isLoaded($0) }.sorted {
            (slots[$0].isIdle ? 0 : 1, slots[$0].lastAsked) < (slots[$1].isIdle ? 0 : 1, slots[$1].lastAsked)
        }
        var freed = 0
        var victims: [Int] = []
        for candidate in candidates where freed < excess {
            victims.append(candidate)
            freed += slots[candidate].bytes
        }
        for victim in victims.reversed() where freed - slots[victim].bytes >= excess {
            victims.removeAll { $0 == victim }
            freed -= slots[victim].bytes
        }
        return victims
    }

    /// When those who wait for `model` may close `victims`.
    private func ripe(_ model: Int, _ victims: [Int], _ now: Instant) -> Instant {
        let waiters = line.filter { $0.model == model }
        let patient = waiters.map { $0.since + $0.priority.patience }.min() ?? now
        let isUsers = waiters.contains { $0.priority != .background }
        return victims.filter { !slots[$0].isIdle }.reduce(now) { ripe, victim in
            // Work for the gaps does not keep users waiting.
            if isUsers, slots[victim].users == 0 { return ripe }
            guard case .loaded(let stays) = slots[victim].stage else { return ripe }
            return max(ripe, patient, stays)
        }
    }
}

extension EnginePriority {
    fileprivate var rank: Int {
        switch self {
        case .user: 0
        case .audit: 1
        case .background: 2
        }
    }

    fileprivate var patience: Duration {
        self == .background ? ShelfLimits.backgroundPatience : ShelfLimits.usersPatience
    }
}

/// The named maxima of a shelf.
enum ShelfLimits {
    /// Requests that may wait for one model; the next one is refused as `.overloaded`.
    static let waitingRequests = 64
    /// How long users and audits let the users of another model go on, where both do not fit: far less than the minute that a host
    /// waits for a first token.
    static let usersPatience = Duration.seconds(5)
    /// The same for work that is for the gaps.
    static let backgroundPatience = Duration.seconds(30)
    /// How long a model that could not be loaded is not tried again.
    static let restAfterFailure = Duration.seconds(10)
}
