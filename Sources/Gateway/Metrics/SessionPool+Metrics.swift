import Messages
import Primitives

extension SessionPool {
    /// Shows where the sessions stand now.
    func show() {
        guard let chain else { return }
        var shown = GatewayMetrics.Sessions(height: chain.height)
        for open in sessions.values {
            let taking = open.count { !$0.isClosing && $0.record.expiryHeight > chain.height }
            shown.open += taking
            shown.modelsReady += taking > 0 ? 1 : 0
            for session in open {
                for account in session.seats.compactMap({ chain.book[session.key($0)] }) {
                    shown.requestsOpen += account.openRequests
                    // Coins of all sessions together fit: they are parts of a supply that does.
                    shown.promised = (try? shown.promised.adding(account.openMaxima)) ?? shown.promised
                }
            }
        }
        metrics.show(shown)
    }
}
