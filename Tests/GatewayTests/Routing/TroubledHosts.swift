import Cryptography
import OpenAIWire
import Primitives
import TestSupport

@testable import Gateway

/// Five hosts of which, by turns, one fails, one stalls and one is slow. Times in microseconds.
struct TroubledHosts: Sendable {
    static let count = 5
    /// How long a turn lasts.
    let turn: Int
    /// Requests that a host works on at once; more get 503.
    static let placesMax = 40

    enum Trouble: Equatable, Sendable {
        case none
        /// In even turns nothing listens, in odd ones its engine fails at once. What it had begun breaks off.
        case fails
        /// It takes requests and says nothing.
        case stalls
        /// Twenty times slower to the first token.
        case isSlow
    }

    /// What comes of a request that a host gets.
    struct Course: Equatable, Sendable {
        /// nil where none comes.
        var firstToken: Int?
        var end: Int
        /// At the end; nil where it is the receipt.
        var fault: HostFault?
    }

    func trouble(of host: Int, at time: Int) -> Trouble {
        // By threes, so that those who were in order are the next to fail and to stall.
        let first = time / turn * 3
        if host == first % Self.count { return .fails }
        if host == (first + 1) % Self.count { return .stalls }
        return host == (first + 2) % Self.count ? .isSlow : .none
    }

    /// - Parameters:
    ///   - openRequests: that the host has besides.
    ///   - patience: how long a first token is waited for.
    func course(
        of host: Int, at start: Int, tokens: Int, openRequests: Int, patience: Int, random: inout SplitMix64
    ) -> Course {
        let jitter = Int(random.next() % 100_000)
        if openRequests >= Self.placesMax {
            return Course(end: start + 2_000, fault: .refused(.overloaded(retryAfterSeconds: 1)))
        }
        let trouble = trouble(of: host, at: start)
        switch trouble {
        case .fails where start / turn % 2 == 0:
            return Course(end: start + 2_000, fault: .unreachable("no connection"))
        case .fails: return Course(end: start + 50_000, fault: .refused(.engineFailed))
        case .stalls: return Course(end: start + patience, fault: .timedOut)
        case .isSlow, .none: break
        }
        let wait = (150_000 + jitter) * (8 + openRequests) / 8 * (trouble == .isSlow ? 20 : 1)
        let (firstToken, end) = (start + wait, start + wait + tokens * 5_000)
        return interrupted(Course(firstToken: firstToken, end: end), host, from: start)
    }

    /// What becomes of it where the host's turn to fail or to stall comes before its end.
    private func interrupted(_ course: Course, _ host: Int, from start: Int) -> Course {
        var course = course
        for next in (start / turn + 1)..<(course.end / turn + 1) {
            let begin = next * turn
            let silence = Int(Limits.silenceTimeout / .microseconds(1))
            switch trouble(of: host, at: begin) {
            case .fails: (course.end, course.fault) = (begin, .broken("it died"))
            case .stalls: (course.end, course.fault) = (begin + silence, .timedOut)
            case .isSlow, .none: continue
            }
            if let firstToken = course.firstToken, firstToken >= begin { course.firstToken = nil }
            return course
        }
        return course
    }
}
