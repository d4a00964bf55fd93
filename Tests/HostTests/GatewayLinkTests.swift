import Cryptography
import FaultyLink
import Messages
import Primitives
import Testing

@testable import Gateway
@testable import HostRoles

/// Real hosts, a real gateway and the real ledger, with a faulty link to one of the hosts.
@Suite("A gateway and hosts over faulty links", .serialized, .timeLimit(.minutes(3)))
struct GatewayLinkTests {
    @Test(
        "Whatever breaks off, another host answers, and the book holds no less than what the first host can claim",
        arguments: [
            LinkFault.cutsRequest(after: 300), .cutsAnswer(.byte(0)), .cutsAnswer(.before("Hello")),
            .cutsAnswer(.before("receipt")), .changes(.after(#""receipt":""#, 100)),
            .replaces(#""content":"H"#, with: #""content":"J"#),
        ])
    func breaking(fault: LinkFault) async throws {
        try await MissNetworkTests.network { ledger, hosts in
            try await ServerTests.serving(hosts[0]) { first in
                try await ServerTests.serving(hosts[1]) { second in
                    try await ServerTests.serving(hosts[2]) { third in
                        try await FaultyLink.to(first.url) { link in
                            for (host, url) in [link.url, second.url, third.url].enumerated() {
                                try await MissNetworkTests.move(host, to: url, on: ledger)
                            }
                            try await MissNetworkTests.gateway(ledger, hosts) { gateway in
                                link.next([fault])
                                try await Self.check(gateway, link, hosts[0])
                            }
                        }
                    }
                }
            }
        }
    }

    private static func check(
        _ gateway: MissNetworkTests.Running, _ link: FaultyLink, _ faulty: HostScene
    ) async throws {
        // The group's order decides who is asked first; the faulty one is asked at least once in three.
        for _ in 0..<3 {
            let answer = try await gateway.ask()
            #expect(answer.status == 200)
        }
        #expect(link.exchanges >= 1)
        let pool = gateway.service.pool
        try await MissNetworkTests.wait { await pool.openRequests == 0 }
        let booked = try #require(
            await pool.chain?.book[VoucherBook.Key(session: 1, executor: faulty.identity.address)]?.fees)
        let item = try await faulty.store.item(1, number: 1)
        #expect(booked >= item?.item.fee ?? .zero)
        let next = try await gateway.ask(faulty.identity.address)
        #expect(next.status == 200 && next.host == faulty.identity.address.bech32)
    }
}
