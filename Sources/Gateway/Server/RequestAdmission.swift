import Synchronization

/// Counts the requests that are worked on, and lets in no more than so many at once.
final class RequestAdmission: Sendable {
    private let countMax: Int
    private let count = Mutex(0)

    init(countMax: Int = Limits.requestsMax) { self.countMax = countMax }

    /// One request's place, free again when it goes.
    final class Place: Sendable {
        private let admission: RequestAdmission

        fileprivate init(_ admission: RequestAdmission) { self.admission = admission }

        deinit { admission.count.withLock { $0 -= 1 } }
    }

    /// Requests that are worked on now.
    var countNow: Int { count.withLock { $0 } }

    /// A place, or nil where all are taken.
    func enter() -> Place? {
        let isAdmitted = count.withLock { count in
            guard count < countMax else { return false }
            count += 1
            return true
        }
        return isAdmitted ? Place(self) : nil
    }
}
