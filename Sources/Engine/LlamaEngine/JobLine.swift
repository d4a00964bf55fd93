import EngineAPI

/// Jobs of one priority that wait: bounded; clients take turns, and each client's jobs keep their order.
struct JobLine {
    private var jobs: [UInt32: [Job]] = [:]
    /// The clients with a job here, whose turn is next first.
    private var clients: [UInt32] = []
    private(set) var count = 0
    /// Of all prompts together.
    private(set) var tokenCount = 0

    var isEmpty: Bool { count == 0 }

    /// Puts a job at the end of its client's, or says why not.
    mutating func admit(_ job: Job) -> EngineError? {
        let tokens = job.tokens.count
        if count >= Limits.waitingRequests || count > 0 && tokenCount + tokens > Limits.waitingTokens {
            return .overloaded
        }
        tokenCount += tokens
        if jobs[job.turn.client, default: []].isEmpty { clients.append(job.turn.client) }
        jobs[job.turn.client, default: []].append(job)
        count += 1
        return nil
    }

    /// Takes the job whose turn it is.
    mutating func takeNext() -> Job? {
        guard let client = clients.first, let job = jobs[client]?.first else { return nil }
        clients.removeFirst()
        remove(at: 0, of: client)
        if jobs[client] != nil { clients.append(client) }
        return job
    }

    /// Takes one job out of the middle.
    mutating func take(_ id: UInt64) -> Job? {
        for client in clients {
            guard let index = jobs[client]?.firstIndex(where: { $0.id == id }), let job = jobs[client]?[index] else {
                continue
            }
            remove(at: index, of: client)
            if jobs[client] == nil { clients.removeAll { $0 == client } }
            return job
        }
        return nil
    }

    /// Takes them all.
    mutating func takeAll() -> [Job] {
        var all: [Job] = []
        while let job = takeNext() { all.append(job) }
        return all
    }

    private mutating func remove(at index: Int, of client: UInt32) {
        tokenCount -= jobs[client]?.remove(at: index).tokens.count ?? 0
        if jobs[client]?.isEmpty == true { jobs[client] = nil }
        count -= 1
    }
}
