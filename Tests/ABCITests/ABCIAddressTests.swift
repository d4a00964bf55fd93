import Testing

@testable import ABCIServer

@Suite struct ABCIAddressTests {
    @Test(
        arguments: [
            ("unix:///run/gonka/app.sock", .unix(path: "/run/gonka/app.sock")),
            ("tcp://127.0.0.1:26658", .tcp(host: "127.0.0.1", port: 26658)),
            ("tcp://[::1]:26658", .tcp(host: "::1", port: 26658)),
            ("tcp://localhost:0", .tcp(host: "localhost", port: 0)),
            ("unix://app.sock", nil), ("unix://", nil), ("tcp://:1", nil), ("tcp://127.0.0.1", nil),
            ("tcp://127.0.0.1:65536", nil), ("tcp://127.0.0.1:", nil), ("127.0.0.1:26658", nil), ("", nil),
            ("unix:///" + String(repeating: "x", count: 107), nil),
        ] as [(String, ABCIAddress?)])
    func anAddressIsWhatCometBFTCallsIt(text: String, address: ABCIAddress?) {
        #expect(ABCIAddress(text) == address)
        if let address { #expect(ABCIAddress(address.description) == address) }
    }
}
