import Primitives

/// Where a request belongs in somebody's trace: W3C Trace Context, `traceparent` and `tracestate`. Nothing is recorded here;
/// what came is passed on with an id of this gateway's own, so that others can put their parts together.
struct TraceContext: Equatable, Sendable {
    /// 32 hex digits in lower case, not all 0.
    let traceID: String
    /// 16 hex digits in lower case, not all 0: this part of the trace.
    let spanID: String
    /// Whether somebody records it.
    let isSampled: Bool
    /// What tracing systems told each other, as it came; empty where there was nothing.
    let state: String

    /// The text of `traceparent`, version 0.
    var parent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// The next part of the trace that these headers tell of, or the first of a new one: a parent that is not one is as good
    /// as none, and then its state is dropped too.
    init(parent: String?, state: String?) {
        let parsed = parent.flatMap { Self.parse($0) }
        traceID = parsed?.traceID ?? Self.random(bytes: 16)
        isSampled = parsed?.isSampled ?? false
        spanID = Self.random(bytes: 8)
        self.state = parsed == nil ? "" : Self.bounded(state ?? "")
    }

    private init(child of: TraceContext) {
        (traceID, isSampled, state) = (of.traceID, of.isSampled, of.state)
        spanID = Self.random(bytes: 8)
    }

    /// For a request that this one causes.
    var child: TraceContext { TraceContext(child: self) }

    /// Version 0 exactly; of a later version what comes first.
    private static func parse(_ text: String) -> (traceID: String, isSampled: Bool)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, let version = hex(parts[0], bytes: 1), version != [0xff],
            version != [0] || parts.count == 4, let trace = hex(parts[1], bytes: 16),
            trace.contains(where: { $0 != 0 }),
            let span = hex(parts[2], bytes: 8), span.contains(where: { $0 != 0 }), let flags = hex(parts[3], bytes: 1)
        else { return nil }
        return (parts[1], flags[0] & 1 == 1)
    }

    private static func hex(_ text: String, bytes: Int) -> Bytes? {
        guard text.utf8.count == 2 * bytes, text == text.lowercased() else { return nil }
        return Hex.decode(text)
    }

    /// A state that is too long is dropped whole: half an entry would be another one.
    private static func bounded(_ state: String) -> String {
        state.utf8.count <= Limits.traceStateBytesMax && state.utf8.allSatisfy { (0x20...0x7e).contains($0) }
            ? state : ""
    }

    /// Of so many bytes, at least one of them not 0.
    private static func random(bytes count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        var bytes = Bytes()
        while bytes.count < count { bytes.appendBigEndian(max(1, generator.next())) }
        return Hex.encode(bytes.prefix(count))
    }
}
