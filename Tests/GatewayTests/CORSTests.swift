import HTTPEdge
import NIOHTTP1
import Testing

@testable import Gateway

/// Web pages of other origins, where the operator lets them ask.
@Suite(.timeLimit(.minutes(2))) struct CORSTests {
    private static let page = "https://app.example"

    @Test(arguments: [
        (CORSPolicy.Origins.any, "*" as String?), (.listed([page]), page), (.listed(["https://other.example"]), nil),
        (.listed([]), nil),
    ])
    func pagesThatAreNamedReadAnswersAndRefusals(origins: CORSPolicy.Origins, allowed: String?) async throws {
        try await TestGateway.run(ScriptedHosts.honest, cors: origins) { gateway in
            let requests = [
                (gateway.request(.GET, "/v1/models", headers: ["origin": Self.page]), 200),
                (gateway.request(body: Fixtures.body(), headers: ["origin": Self.page]), 200),
                (gateway.request(body: [0x7b], headers: ["origin": Self.page]), 400),
                (gateway.request(.GET, "/v1/nothing", headers: ["origin": Self.page]), 404),
                (gateway.request(headers: ["origin": Self.page, "authorization": "Bearer sk-no"]), 401),
            ]
            for (request, status) in requests {
                let answer = try await gateway.send(request)
                #expect(answer.status == (allowed == nil ? 403 : status))
                #expect(answer.headers.first(name: "access-control-allow-origin") == allowed)
                #expect(answer.headers.first(name: "vary") == (allowed == Self.page ? "Origin" : nil))
                let exposed = answer.headers.first(name: "access-control-expose-headers") ?? ""
                #expect(exposed.contains("X-Gonka-Host") == (allowed != nil))
            }
        }
    }

    @Test func aPreflightIsAnsweredWithoutAKey() async throws {
        try await TestGateway.run(ScriptedHosts.honest, cors: .listed([Self.page])) { gateway in
            let wanted = "authorization,content-type,x-stainless-os"
            for (origin, status) in [(Self.page, 204), ("HTTPS://APP.EXAMPLE", 204), ("https://app.example.evil", 403)]
            {
                let answer = try await gateway.send(
                    gateway.request(
                        .OPTIONS, "/v1/chat/completions",
                        headers: [
                            "origin": origin, "authorization": "", "access-control-request-method": "POST",
                            "access-control-request-headers": wanted,
                        ]))
                #expect(answer.status == status)
                #expect(answer.headers.first(name: "access-control-allow-headers") == (status == 204 ? wanted : nil))
            }
        }
    }

    /// What a page may do does not open a loopback server to other names.
    @Test func theHostIsStillLookedAt() async throws {
        try await TestGateway.run(ScriptedHosts.honest, cors: .any) { gateway in
            let answer = try await gateway.send(
                gateway.request(.GET, "/v1/models", headers: ["origin": Self.page, "host": "evil.example"]))
            #expect(answer.status == 403)
        }
    }

    @Test(arguments: [
        ([], CORSPolicy.Origins.listed([]) as CORSPolicy.Origins?), (["*"], .any), (["https://a", "*"], .any),
        (["HTTPS://App.example:8443"], .listed(["https://app.example:8443"])), (["app.example"], nil),
        (["https://app.example/"], nil), (["https://"], nil), (["null"], nil), (["https://a b"], nil),
    ]) func originsAreRead(texts: [String], origins: CORSPolicy.Origins?) {
        #expect(CORSPolicy.origins(texts) == origins)
    }
}
