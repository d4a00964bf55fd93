import AsyncHTTPClient
import Synchronization

/// How many requests a set-up answers in a second, from so many connections at once, and how much memory that takes.
struct ServingLoad {
    private static let connectionCounts = [1, 32]
    private static let rounds = 3

    let scene: ServingScene
    let quick: Bool
    /// Where the host's files are, for people.
    let files: String

    /// Rounds in turns over the set-ups; medians.
    func rows() async throws -> [[BenchPart.Cell]] {
        var rows: [[BenchPart.Cell]] = []
        for connections in Self.connectionCounts {
            var runs = ServingScene.SetUp.allCases.map { _ in [Run]() }
            for _ in 0..<(quick ? 1 : Self.rounds) {
                for (index, setUp) in ServingScene.SetUp.allCases.enumerated() {
                    runs[index].append(try await run(setUp, connections: connections))
                }
            }
            rows += zip(ServingScene.SetUp.allCases, runs).map { row($0, connections, $1) }
            StandardError.write("  measured \(connections) connections, files \(files)\n")
        }
        return rows
    }

    private struct Run {
        let perSecond: Double
        let latencies: [Double]
        let memory: Double
    }

    private func row(_ setUp: ServingScene.SetUp, _ connections: Int, _ runs: [Run]) -> [BenchPart.Cell] {
        let latencies = Quantiles(runs.flatMap(\.latencies))
        return [
            .text(setUp.name), .text(setUp == .bare ? "–" : files), .count(connections),
            .whole(Quantiles(runs.map(\.perSecond)).median), .figure(latencies.median, decimals: 2),
            .figure(latencies.p99, decimals: 2), .whole(runs.map(\.memory).max() ?? 0),
        ]
    }

    private func run(_ setUp: ServingScene.SetUp, connections: Int) async throws -> Run {
        let count = (quick ? 10 : 100) * (connections == 1 ? 5 : connections)
        let requests = try await scene.requests(to: setUp, streams: false, count: count)
        let queue = RequestQueue(requests)
        let start = ContinuousClock.now
        let latencies = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<connections {
                group.addTask {
                    var latencies: [Double] = []
                    while let request = queue.next() {
                        latencies.append(try await scene.client.ask(request).whole.milliseconds)
                    }
                    return latencies
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = start.duration(to: .now) / .seconds(1)
        return Run(perSecond: Double(count) / seconds, latencies: latencies, memory: ResidentMemory.mebibytes())
    }
}

/// Requests that several connections take one after the other.
private final class RequestQueue: Sendable {
    private let requests: [HTTPClientRequest]
    private let taken = Mutex(0)

    init(_ requests: [HTTPClientRequest]) { self.requests = requests }

    func next() -> HTTPClientRequest? {
        let index = taken.withLock { taken in
            defer { taken += 1 }
            return taken
        }
        return requests.indices.contains(index) ? requests[index] : nil
    }
}
