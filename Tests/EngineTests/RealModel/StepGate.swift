import Dispatch
import LlamaEngine
import Synchronization

/// Counts an engine's steps, and holds one of them up until it is opened.
final class StepGate: Sendable {
    private let heldStep: Int?
    private let count = Mutex(0)
    private let arrived = DispatchSemaphore(value: 0)
    private let opened = DispatchSemaphore(value: 0)

    init(holding step: Int? = nil) { heldStep = step }

    /// Steps that began.
    var steps: Int { count.withLock { $0 } }

    /// For `LlamaConfiguration.failsStep`: no step fails.
    func pass(_ step: Int) -> Bool {
        count.withLock { $0 = step + 1 }
        if step == heldStep {
            arrived.signal()
            opened.wait()
        }
        return false
    }

    /// Returns when the engine is in the step that is held up.
    func reached() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.arrived.wait()
                continuation.resume()
            }
        }
    }

    func open() { opened.signal() }
}
