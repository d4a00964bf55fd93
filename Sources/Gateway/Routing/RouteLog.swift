import OpenAIWire
import Primitives
import Synchronization
import WireFormat

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The ways of the latest requests, for whoever asks why one went where it went. Bounded, in memory, gone with the process.
public final class RouteLog: Sendable {
    private struct State {
        /// The oldest at `next`, once it is full.
        var traces: [RouteTrace] = []
        var next = 0
    }

    private let countMax: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    init(
        countMax: Int = Limits.routesKeptMax,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.countMax = max(1, countMax)
        self.now = now
    }

    /// A request came.
    func begin(_ request: RelayRequest) -> RouteTrace {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        let id = "rt_" + String(repeating: "0", count: 16 - digits.count) + digits
        let record = RouteRecord(
            id: id, requestID: request.requestID.flatMap(Self.bounded), model: request.model,
            policy: request.policy?.name, promptSize: request.promptSize, receivedAt: UInt64(clamping: time(nil)))
        let trace = RouteTrace(record, now: now)
        state.withLock { state in
            if state.traces.count < countMax { state.traces.append(trace) } else { state.traces[state.next] = trace }
            state.next = (state.next + 1) % countMax
        }
        return trace
    }

    /// The newest; nil before the first.
    var latest: RouteRecord? {
        state.withLock { $0.traces.isEmpty ? nil : $0.traces[($0.next + $0.traces.count - 1) % $0.traces.count] }?
            .current
    }

    /// What is known of the latest request with this id: the decision's, the answer's, or the client's own.
    ///
    /// - Returns: nil where none is remembered.
    public func explain(_ id: String) -> JSONValue? {
        guard Self.bounded(id) != nil else { return nil }
        let traces = state.withLock { Array($0.traces[$0.next...] + $0.traces[..<$0.next]) }
        for trace in traces.reversed() {
            let record = trace.current
            if record.id == id || record.answerID == id || record.requestID == id { return record.json }
        }
        return nil
    }

    /// An id as it may be kept; nil where it is too long, empty, or not of visible ASCII.
    static func bounded(_ id: String) -> String? {
        let bytes = id.utf8
        guard !bytes.isEmpty, bytes.count <= Limits.routeIDBytesMax, bytes.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return nil }
        return id
    }
}
