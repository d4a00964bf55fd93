import Testing

@testable import gonka

@Suite struct RPCBlockSourceTests {
    @Test(
        arguments: [
            ("2023-11-14T22:13:20.000Z", 1_700_000_000_000), ("2023-11-14T22:13:20.001Z", 1_700_000_000_001),
            ("2023-11-14T22:13:20.999Z", 1_700_000_000_999), ("2023-11-14T22:13:20Z", 1_700_000_000_000),
            ("2023-11-14T22:13:20.123456789Z", 1_700_000_000_123), ("2023-11-14T22:13:20.5Z", 1_700_000_000_500),
            ("2023-11-14T22:13:20", nil), ("2023-11-14T22:13:20.xZ", nil), ("1969-12-31T23:59:59Z", nil), ("", nil),
            ("Z", nil), ("99999999999999999-01-01T00:00:00Z", nil),
        ] as [(String, UInt64?)])
    func aBlocksTimeIsReadToTheMillisecond(time: String, milliseconds: UInt64?) {
        #expect((try? RPCBlockSource.milliseconds(time)) == milliseconds)
    }
}
