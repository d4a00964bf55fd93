import Foundation

/// Where a devnet listens, always on loopback.
struct DevnetPorts {
    let node: Int
    let gateway: Int
    let firstHost: Int
    let hosts: Int
    /// 0 for none.
    let metrics: Int

    init(_ settings: Settings, hosts: Int) throws {
        self.hosts = hosts
        node = try settings.number(.nodePort)
        gateway = try settings.number(.gatewayPort)
        firstHost = try settings.number(.hostPort)
        metrics = try settings.number(.metricsPort)
        guard firstHost + hosts - 1 <= 65_535 else {
            throw OperatorError("--first-host-port \(firstHost) leaves no ports for \(hosts) hosts.")
        }
        let named = named
        for (index, port) in named.enumerated() {
            guard let other = named[..<index].first(where: { $0.port == port.port }) else { continue }
            throw OperatorError("\(other.flag) and \(port.flag) both take port \(port.port); choose another for one.")
        }
    }

    /// All ports, each with the flag that chooses it.
    private var named: [(port: Int, flag: String)] {
        [(node, "--node-port"), (gateway, "--gateway-port")]
            + (0..<hosts).map { (firstHost + $0, "--first-host-port") }
            + (metrics > 0 ? [(metrics, Setting.metricsPort.flag)] : [])
    }

    /// - Parameter index: from 0.
    func hostURL(_ index: Int) -> String { "http://127.0.0.1:\(firstHost + index)" }

    /// Looks before anything is written that names these ports.
    ///
    /// - Throws: `OperatorError` for the first port that somebody listens on already.
    func checkFree() throws {
        for (port, flag) in named where Self.isTaken(port) {
            throw OperatorError("something listens on 127.0.0.1:\(port) already; choose another port with \(flag).")
        }
    }

    /// Takes the port for a moment, as the server will.
    private static func isTaken(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result != 0 && errno == EADDRINUSE
    }
}
