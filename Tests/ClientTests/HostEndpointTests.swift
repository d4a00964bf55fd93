import HTTPOutbound
import Testing

@Suite struct HostEndpointTests {
    @Test(
        arguments: [
            ("http://127.0.0.1:8001", "http://127.0.0.1:8001/v1/chat/completions"),
            ("https://host.example/", "https://host.example/v1/chat/completions"),
            ("http://[::1]:8001", "http://[::1]:8001/v1/chat/completions"),
            ("https://relay.example/gonka/host-7", "https://relay.example/gonka/host-7/v1/chat/completions"),
            ("https://host.example/v1", "https://host.example/v1/chat/completions"),
            ("ftp://host.example", nil), ("file:///etc/passwd", nil), ("host.example", nil), ("", nil),
            ("http://", nil),
            ("http:///v1", nil), ("http://user@host.example", nil), ("http://user:password@host.example", nil),
            ("http://host.example?x=", nil), ("http://host.example#x", nil),
            ("http://host.example\\@evil.example", nil),
            ("http://host.example\r\nx-evil: 1", nil), ("http://host.example /", nil), ("http://höst.example", nil),
        ] as [(String, String?)])
    func aHostsURLIsPlainOrNotUsed(url: String, endpoint: String?) {
        #expect(HostEndpoint.address(of: "chat/completions", at: url) == endpoint)
    }
}
