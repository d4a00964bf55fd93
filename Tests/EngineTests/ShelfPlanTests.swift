import Testing

@testable import EngineAPI

@Suite("Which models are loaded")
struct ShelfPlanTests {
    private typealias Action = ShelfPlan.Action

    private static let start = ContinuousClock.now

    private static func at(_ seconds: Int) -> ShelfPlan.Instant { start + .seconds(seconds) }

    /// A plan in which these models are loaded, least recently asked for first, and nobody uses them.
    private static func plan(_ bytes: [Int], memoryMax: Int, loaded: [Int]) -> ShelfPlan {
        var plan = ShelfPlan(bytes: bytes, memoryMax: memoryMax)
        for model in loaded {
            _ = plan.ask(model, .user, id: UInt64(1_000 + model), at: start)
            _ = plan.loaded(model, at: start)
            _ = plan.release(model, .user, at: start)
        }
        return plan
    }

    @Test("A model is loaded at its first request, and all who came meanwhile are let in")
    func firstRequest() {
        var plan = ShelfPlan(bytes: [1], memoryMax: 1)
        #expect(plan.ask(0, .user, id: 1, at: Self.at(0)) == [.load(0)])
        #expect(plan.ask(0, .background, id: 2, at: Self.at(1)).isEmpty)
        #expect(plan.loaded(0, at: Self.at(2)) == [.admit(1, model: 0), .admit(2, model: 0)])
        #expect(plan.ask(0, .user, id: 3, at: Self.at(3)) == [.admit(3, model: 0)])
    }

    @Test("The idle model that was asked for least recently goes, and not before its memory is needed")
    func eviction() {
        var plan = Self.plan([1, 1, 1], memoryMax: 2, loaded: [0, 1])
        #expect(plan.ask(0, .user, id: 1, at: Self.at(1)) == [.admit(1, model: 0)])
        #expect(plan.release(0, .user, at: Self.at(2)).isEmpty)
        #expect(plan.ask(2, .user, id: 2, at: Self.at(3)) == [.unload(1)])
        #expect(plan.unloaded(1, at: Self.at(4)) == [.load(2)])
        #expect(plan.loaded(2, at: Self.at(5)) == [.admit(2, model: 2)])
    }

    @Test("A model whose memory would not help stays")
    func nothingNeedlessly() {
        var plan = Self.plan([1, 3, 3], memoryMax: 4, loaded: [0, 1])
        #expect(plan.ask(2, .user, id: 1, at: Self.at(1)) == [.unload(1)])
    }

    @Test("A model in use is not unloaded; whoever waits closes it after a while, and it gets its turn again")
    func busy() {
        var plan = Self.plan([1, 1], memoryMax: 1, loaded: [0])
        #expect(plan.ask(0, .user, id: 1, at: Self.at(10)) == [.admit(1, model: 0)])
        #expect(plan.ask(1, .user, id: 2, at: Self.at(11)) == [.wake(at: Self.at(16))])
        #expect(plan.ask(0, .user, id: 3, at: Self.at(12)) == [.admit(3, model: 0)])
        #expect(plan.tick(at: Self.at(16)).isEmpty)
        #expect(plan.ask(0, .user, id: 4, at: Self.at(17)).isEmpty)
        #expect(plan.release(0, .user, at: Self.at(18)).isEmpty)
        #expect(plan.release(0, .user, at: Self.at(19)) == [.unload(0)])
        #expect(plan.unloaded(0, at: Self.at(20)) == [.load(1)])
        // It took ten seconds to load, so it stays as long.
        #expect(plan.loaded(1, at: Self.at(30)) == [.admit(2, model: 1), .wake(at: Self.at(40))])
        #expect(plan.ask(1, .user, id: 5, at: Self.at(31)) == [.admit(5, model: 1)])
        #expect(plan.tick(at: Self.at(40)).isEmpty)
        #expect(plan.release(1, .user, at: Self.at(41)).isEmpty)
        #expect(plan.release(1, .user, at: Self.at(41)) == [.unload(1)])
        #expect(plan.unloaded(1, at: Self.at(41)) == [.load(0)])
        #expect(plan.loaded(0, at: Self.at(42)) == [.admit(4, model: 0)])
    }

    @Test("Work for the gaps makes no user wait for its end to be asked for, and waits longer itself")
    func background() {
        var plan = Self.plan([1, 1], memoryMax: 1, loaded: [0])
        #expect(plan.ask(0, .background, id: 1, at: Self.at(10)) == [.admit(1, model: 0)])
        #expect(plan.ask(1, .audit, id: 2, at: Self.at(11)).isEmpty)
        #expect(plan.ask(0, .background, id: 3, at: Self.at(12)).isEmpty)
        #expect(plan.release(0, .background, at: Self.at(13)) == [.unload(0)])
        #expect(plan.unloaded(0, at: Self.at(13)) == [.load(1)])
        #expect(plan.loaded(1, at: Self.at(14)) == [.admit(2, model: 1), .wake(at: Self.at(42))])
    }

    @Test("Of the models that somebody waits for, users' are loaded first, then audits'")
    func priorities() {
        var plan = ShelfPlan(bytes: [1, 1, 1, 1], memoryMax: 4)
        #expect(plan.ask(0, .user, id: 1, at: Self.at(0)) == [.load(0)])
        #expect(plan.ask(1, .background, id: 2, at: Self.at(0)).isEmpty)
        #expect(plan.ask(2, .audit, id: 3, at: Self.at(0)).isEmpty)
        #expect(plan.ask(3, .user, id: 4, at: Self.at(0)).isEmpty)
        #expect(plan.loaded(0, at: Self.at(1)) == [.admit(1, model: 0), .load(3)])
        #expect(plan.loaded(3, at: Self.at(2)) == [.admit(4, model: 3), .load(2)])
        #expect(plan.loaded(2, at: Self.at(3)) == [.admit(3, model: 2), .load(1)])
    }

    @Test("A load that fails ends its own requests, and is not tried again for a while")
    func failure() {
        var plan = Self.plan([1, 1], memoryMax: 2, loaded: [0])
        let error = EngineError.unusableModel(path: "x", reason: "test")
        #expect(plan.ask(1, .user, id: 1, at: Self.at(1)) == [.load(1)])
        #expect(plan.ask(1, .user, id: 2, at: Self.at(1)).isEmpty)
        #expect(plan.ask(0, .user, id: 3, at: Self.at(1)) == [.admit(3, model: 0)])
        #expect(plan.failed(1, error, at: Self.at(2)) == [.refuse(1, error), .refuse(2, error)])
        #expect(plan.ask(1, .user, id: 4, at: Self.at(11)) == [.refuse(4, error)])
        #expect(plan.ask(0, .user, id: 5, at: Self.at(11)) == [.admit(5, model: 0)])
        #expect(plan.ask(1, .user, id: 6, at: Self.at(12)) == [.load(1)])
    }

    @Test("Where those who waited have gone, the model in use is open again")
    func cancelled() {
        var plan = Self.plan([1, 1], memoryMax: 1, loaded: [0])
        #expect(plan.ask(0, .user, id: 1, at: Self.at(10)) == [.admit(1, model: 0)])
        #expect(plan.ask(1, .user, id: 2, at: Self.at(10)) == [.wake(at: Self.at(15))])
        #expect(plan.tick(at: Self.at(15)).isEmpty)
        #expect(plan.ask(0, .user, id: 3, at: Self.at(16)).isEmpty)
        #expect(plan.cancel(2, at: Self.at(17)) == [.admit(3, model: 0)])
    }

    @Test("More than 64 do not wait for one model")
    func crowd() {
        var plan = ShelfPlan(bytes: [1, 1], memoryMax: 2)
        #expect(plan.ask(0, .user, id: 0, at: Self.at(0)) == [.load(0)])
        for id in 1..<64 { #expect(plan.ask(0, .user, id: UInt64(id), at: Self.at(0)).isEmpty) }
        #expect(plan.ask(0, .user, id: 64, at: Self.at(0)) == [.refuse(64, .overloaded)])
        #expect(plan.ask(1, .user, id: 65, at: Self.at(0)).isEmpty)
    }

    @Test("Whatever comes in whatever order, memory is kept to, users are not cut off, and everybody gets an answer")
    func random() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<200 {
            let bytes = (0..<4).map { _ in Int.random(in: 1...4, using: &random) }
            var world = World(bytes: bytes, memoryMax: Int.random(in: 4...8, using: &random))
            for _ in 0..<300 { world.step(mayAsk: true, &random) }
            for _ in 0..<2_000 where !world.isQuiet { world.step(mayAsk: false, &random) }
            #expect(world.isQuiet && world.faults.isEmpty, "\(world.faults)")
        }
    }

    /// Does what a plan says, in any order that may happen.
    private struct World {
        private struct Open {
            let model: Int
            let priority: EnginePriority
        }

        private let bytes: [Int]
        private let memoryMax: Int
        private var plan: ShelfPlan
        private var now = ShelfPlanTests.start
        private var waiting: [UInt64: Open] = [:]
        private var open: [Open] = []
        private var loading: [Int] = []
        private var leaving: [Int] = []
        private var inMemory: Set<Int> = []
        private var lastID: UInt64 = 0
        var faults: [String] = []

        init(bytes: [Int], memoryMax: Int) {
            self.bytes = bytes
            self.memoryMax = memoryMax
            plan = ShelfPlan(bytes: bytes, memoryMax: memoryMax)
        }

        var isQuiet: Bool { waiting.isEmpty && open.isEmpty && loading.isEmpty && leaving.isEmpty }

        mutating func step(mayAsk: Bool, _ random: inout SplitMix64) {
            now += .milliseconds(Int.random(in: 0...3_000, using: &random))
            switch Int.random(in: mayAsk ? 0...5 : 2...5, using: &random) {
            case 0, 1:
                lastID += 1
                let priority = [EnginePriority.user, .audit, .background].randomElement(using: &random) ?? .user
                let asked = Open(model: Int.random(in: bytes.indices, using: &random), priority: priority)
                waiting[lastID] = asked
                act(plan.ask(asked.model, priority, id: lastID, at: now))
            case 2 where !open.isEmpty:
                let ended = open.remove(at: Int.random(in: open.indices, using: &random))
                act(plan.release(ended.model, ended.priority, at: now))
            case 3 where !loading.isEmpty:
                let model = loading.removeFirst()
                let isFailed = Int.random(in: 0...9, using: &random) == 0
                if isFailed { inMemory.remove(model) }
                act(isFailed ? plan.failed(model, .overloaded, at: now) : plan.loaded(model, at: now))
            case 4 where !leaving.isEmpty:
                let model = leaving.removeFirst()
                inMemory.remove(model)
                act(plan.unloaded(model, at: now))
            case 5:
                if mayAsk, let id = waiting.keys.sorted().randomElement(using: &random) {
                    waiting[id] = nil
                    act(plan.cancel(id, at: now))
                } else {
                    act(plan.tick(at: now))
                }
            default: break
            }
        }

        private mutating func act(_ actions: [ShelfPlan.Action]) {
            for action in actions {
                switch action {
                case .admit(let id, let model):
                    guard let asked = waiting.removeValue(forKey: id) else { return faults.append("\(id) had gone") }
                    if asked.model != model || !inMemory.contains(model) || loading.contains(model) {
                        faults.append("\(id) got no model")
                    }
                    open.append(asked)
                case .refuse(let id, _): waiting[id] = nil
                case .load(let model):
                    if !inMemory.insert(model).inserted || !loading.isEmpty { faults.append("\(model) loaded twice") }
                    loading.append(model)
                    let used = inMemory.reduce(0) { $0 + bytes[$1] }
                    if used > memoryMax { faults.append("\(used) of \(memoryMax)") }
                case .unload(let model):
                    if open.contains(where: { $0.model == model }) { faults.append("\(model) cut off") }
                    leaving.append(model)
                case .wake: break
                }
            }
        }
    }
}
