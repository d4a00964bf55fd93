import Cryptography
import HTTPTypes
import Logging
import NIOHTTP1
import Primitives
import Testing
import WireFormat

@testable import Gateway

/// Traces, request ids and the access log.
@Suite(.timeLimit(.minutes(2))) struct RequestScopeTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test func aTraceGoesOn() throws {
        let trace = TraceContext(parent: Self.parent, state: "vendor=1")
        #expect(trace.parent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-") && trace.parent.hasSuffix("-01"))
        #expect(trace.spanID != "00f067aa0ba902b7" && trace.spanID.utf8.count == 16)
        #expect(trace.state == "vendor=1")
        let child = trace.child
        #expect((child.traceID, child.state, child.isSampled) == (trace.traceID, "vendor=1", true))
        #expect(child.spanID != trace.spanID)
        let later = TraceContext(parent: "01" + Self.parent.dropFirst(2) + "-more", state: nil)
        #expect(later.traceID == trace.traceID)
    }

    @Test(arguments: [
        nil, "", "00", parent.uppercased(), parent + "-x", "ff" + parent.dropFirst(2), String(parent.dropLast()),
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
    ]) func whatIsNoParentBeginsATrace(parent: String?) {
        let trace = TraceContext(parent: parent, state: "vendor=1")
        #expect(trace.traceID != "4bf92f3577b34da6a3ce929d0e0e4736" && trace.state.isEmpty && !trace.isSampled)
        #expect(TraceContext(parent: trace.parent, state: nil).traceID == trace.traceID)
    }

    /// The host that is asked is a part of its own in the client's trace.
    @Test func hostsAreToldOfTheTrace() async throws {
        try await LinkedHosts.run { linked in
            let answer = try await linked.gateway.send(
                linked.gateway.request(
                    body: Fixtures.body(), headers: ["traceparent": Self.parent, "tracestate": "vendor=1"]))
            #expect(answer.status == 200)
            let parent = try #require(linked.hosts[0].traceParents.first ?? nil)
            let own = try #require(answer.headers.first(name: "traceparent"))
            #expect(linked.hosts[0].traces.map(\.traceID) == ["4bf92f3577b34da6a3ce929d0e0e4736"])
            #expect(linked.hosts[0].traces.map(\.state) == ["vendor=1"])
            #expect(Set([Self.parent, own, parent]).count == 3)
        }
    }

    @Test func everyAnswerHasAnID() async throws {
        try await TestGateway.run(ScriptedHosts.honest) { gateway in
            let requests = [
                gateway.request(body: Fixtures.body()), gateway.request(body: [0x7b]),
                gateway.request(headers: ["authorization": ""]), gateway.request(.GET, "/v1/nothing"),
                gateway.request(.GET, "/v1/models", headers: ["host": "evil.example"]),
            ]
            var ids: Set<String> = []
            for request in requests {
                let answer = try await gateway.send(request)
                ids.insert(try #require(answer.headers.first(name: "x-request-id")))
                #expect(answer.headers.first(name: "traceparent")?.utf8.count == 55)
            }
            #expect(ids.count == requests.count)
            for (own, isTaken) in [
                ("mine-1_2.3", true), ("no spaces", false), (String(repeating: "x", count: 65), false),
            ] {
                let answer = try await gateway.send(gateway.request(.GET, "/healthz", headers: ["x-request-id": own]))
                #expect((answer.headers.first(name: "x-request-id") == own) == isTaken)
            }
        }
    }

    @Test func aLineIsWrittenForEachRequestAndTellsNoSecret() async throws {
        let folder = try ScratchFolder()
        let log = AccessLog(
            .file(folder("access.log")), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let writing = Task { await log.run() }
        let key = try await runRequests(log)
        log.close()
        await writing.value
        let text = try folder.text(of: "access.log")
        #expect(
            !text.contains(key.dropFirst("sk-gonka-devnet-".count)) && !text.contains("Hello")
                && !text.contains("secret"))
        let lines = try text.split(separator: "\n").map { try JSONParser.parse(Bytes($0.utf8)) }
            .sorted {
                ($0["path"]?.string ?? "", $0["status"]?.number?.uint64 ?? 0) < (
                    $1["path"]?.string ?? "", $1["status"]?.number?.uint64 ?? 0
                )
            }
        #expect(lines.map { $0["status"]?.number?.uint64 } == [200, 401, 200])
        let answered = try #require(lines.first)
        #expect(answered["key"] == "test" && answered["model"] == "test-model" && answered["method"] == "POST")
        #expect(answered["fee_ngonka"]?.number?.uint64 == HonestAnswer.fee.ngonka)
        #expect(answered["host"]?.string == TestHost(1).address.bech32)
        #expect(lines[1]["code"] == "invalid_api_key" && lines[1]["key"] == nil)
        #expect(lines[2]["path"] == "/v1/models")
        #expect(try folder.mode(of: "access.log") == 0o600)
    }

    private func runRequests(_ log: AccessLog) async throws -> String {
        let (keys, told) = AsyncStream<String>.makeStream()
        try await TestGateway.run(ScriptedHosts.honest, log: log) { gateway in
            _ = try await gateway.send(gateway.request(body: Fixtures.body(streams: true)))
            _ = try await gateway.send(gateway.request(headers: ["authorization": "Bearer secret"]))
            _ = try await gateway.send(gateway.request(.GET, "/v1/models?token=secret"))
            await gateway.settled()
            told.yield(gateway.key)
        }
        for await key in keys { return key }
        return ""
    }
}
