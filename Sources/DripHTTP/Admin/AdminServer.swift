package import DripCore
import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// The listener for monitoring, on this machine only.
package struct AdminServer: Sendable {
    private let routes: HealthRoutes
    private let listen: ListenAddress
    private let logger: Logger

    package init(
        control: any EngineControl, registry: MetricsRegistry, stateDirectory: String, listen: ListenAddress,
        logger: Logger
    ) {
        routes = HealthRoutes(control: control, registry: registry, stateDirectory: stateDirectory)
        self.listen = listen
        self.logger = logger
    }

    /// Serves until its task is cancelled; throws where it cannot listen.
    package func run(onReady: @escaping @Sendable () -> Void) async throws {
        let router = Router(options: .autoGenerateHeadEndpoints)
        routes.add(to: router)
        if case .socket(let path) = listen { unlink(path) }
        let listen = listen
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(additionalChannelHandlers: [RequestDeadline()], idleTimeout: .seconds(60))),
            configuration: ApplicationConfiguration(
                address: listen.binding, serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(64)),
            onServerRunning: { _ in
                if case .socket(let path) = listen { chmod(path, 0o660) }
                onReady()
            }, logger: logger)
        try await application.run()
    }
}
