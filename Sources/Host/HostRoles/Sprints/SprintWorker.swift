import EngineAPI
import LedgerClient
import Logging
import Messages
import Primitives
import ProtocolRules

/// Does the work of sprints and confirmations while their work windows are open: every engine generates as many items at once
/// as it has sequences, in the gaps that users' requests leave.
///
/// Engines of one model share its indices, so that whatever each of them makes, and whichever dies, the items form a prefix
/// with at most a few gaps at its end. Items whose last token comes after the window do not belong to the round.
public actor SprintWorker {
    /// One model of one round, on all engines that run it.
    private final class Run {
        let task: SprintTask
        var indices: SprintIndices
        var lanes: [Task<Void, Never>] = []
        /// Items made since the start, for the log.
        var made: UInt64 = 0
        /// Whether the failure that was told last was one that passes; nil before the first.
        var noted: Bool?
        let started: ContinuousClock.Instant
        var isOver = false

        init(_ task: SprintTask, indices: SprintIndices, started: ContinuousClock.Instant) {
            (self.task, self.indices, self.started) = (task, indices, started)
        }
    }

    private struct Key: Hashable {
        let round: UInt64
        let model: String
    }

    private let identity: HostIdentity
    private let engines: [any Engine]
    private let store: SprintStore
    private let ledger: any LedgerAccess
    private let limits: Limits
    private let clock: any Clock<Duration>
    private let logger: Logger
    private var runs: [Key: Run] = [:]

    public init(
        identity: HostIdentity, engines: [any Engine], store: SprintStore, ledger: any LedgerAccess,
        limits: Limits = Limits(), clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.identity = identity
        self.engines = engines
        self.store = store
        self.ledger = ledger
        self.limits = limits
        self.clock = clock
        self.logger = logger
    }

    /// Begins the work of windows that are open, ends that of windows that are over, and makes durable what was made.
    ///
    /// - Parameters:
    ///   - rounds: all whose work window may be open.
    ///   - now: where the ledger stands.
    /// - Throws: `ItemLogError`, after which the host must stop; `LedgerAccessError`, after which it may look again.
    func step(_ rounds: [RoundRecord], _ now: HostLedgerView.Snapshot) async throws {
        for (key, run) in runs where now.height >= run.task.round.timetable.window(.work).upperBound {
            await end(key, run)
        }
        let open = rounds.filter { SprintWorker.isOpen($0, at: now.height) }
        if now.host.state == .active { for round in open { try await begin(round, now) } }
        try await store.flush()
    }

    /// Whether an item finished now, before the next block, belongs to the round.
    static func isOpen(_ round: RoundRecord, at height: UInt64) -> Bool {
        let window = round.timetable.window(.work)
        return round.timetable.kind != .serving && height >= window.lowerBound && height < window.upperBound
    }

    /// Ends all work, and returns when nothing is generated any more.
    public func stop() async {
        for (key, run) in runs { await end(key, run) }
    }

    private func begin(_ round: RoundRecord, _ now: HostLedgerView.Snapshot) async throws {
        let models = Set(engines.map(\.capabilities.model)).sorted().filter(now.host.models.contains)
        for model in models where runs[Key(round: round.id, model: model)] == nil {
            guard let record = try await ledger.model(model) else { continue }
            let able = engines.compactMap { engine -> (any Engine, SprintTask)? in
                guard engine.capabilities.model == model else { return nil }
                let task = SprintTask(
                    round, model: record, host: identity.address, contextTokens: engine.capabilities.contextTokens)
                return task.map { (engine, $0) }
            }
            guard let task = able.first?.1 else { continue }
            let done = await store.indices(round: round.id, model: model)
            let run = Run(task, indices: SprintIndices(done: done), started: .now)
            runs[Key(round: round.id, model: model)] = run
            run.lanes = able.flatMap { engine, _ in
                (0..<min(max(1, engine.capabilities.parallelSequences), limits.sprintLanesMax)).map { _ in
                    Task { await self.work(run, on: engine) }
                }
            }
            logger.info(
                "synthetic work begun",
                metadata: ["round": "\(round.id)", "kind": "\(round.timetable.kind)", "model": "\(model)"])
        }
    }

    /// One sequence of an engine: item after item, until the window ends or the engine fails for good.
    private func work(_ run: Run, on engine: any Engine) async {
        var failures = 0
        while !run.isOver, failures < limits.engineFailuresMax {
            let index = run.indices.take()
            do throws(EngineError) {
                let item = try await run.task.item(index, on: engine)
                failures = 0
                await finish(item, run)
            } catch {
                run.indices.giveBack(index)
                if run.isOver { return }
                failures = error.isTransient ? 0 : error == .stopped ? limits.engineFailuresMax : failures + 1
                if error != .overloaded { note(error, run) }
                do { try await clock.sleep(for: limits.engineBackOff) } catch { return }
            }
        }
    }

    private func finish(_ item: SprintItem, _ run: Run) async {
        guard !run.isOver else { return }
        do {
            try await store.add(item, round: run.task.round.id)
            run.made += 1
        } catch {
            // The next flush throws the same, and the host stops.
            run.isOver = true
        }
    }

    /// Says it once: every sequence of an engine that cannot be reached finds so again and again.
    private func note(_ error: EngineError, _ run: Run) {
        guard run.noted != error.isTransient else { return }
        run.noted = error.isTransient
        logger.warning(
            "an engine failed at synthetic work",
            metadata: ["round": "\(run.task.round.id)", "error": "\(error)"])
    }

    private func end(_ key: Key, _ run: Run) async {
        guard runs.removeValue(forKey: key) != nil else { return }
        run.isOver = true
        for lane in run.lanes { lane.cancel() }
        for lane in run.lanes { await lane.value }
        let seconds = Double(max(1, (ContinuousClock.now - run.started).milliseconds)) / 1_000
        let tokens = run.made &* run.task.work.outputTokens
        logger.notice(
            "synthetic work ended",
            metadata: [
                "round": "\(key.round)", "kind": "\(run.task.round.timetable.kind)", "model": "\(key.model)",
                "items": "\(run.made)", "tokens": "\(tokens)", "tokens_per_second": "\(Int(Double(tokens) / seconds))",
            ])
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
