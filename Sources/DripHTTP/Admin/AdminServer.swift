package import DripCore
import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// The listener for monitoring and for programs, on this machine only.
///
/// Health and figures are anybody's who reaches it; the API takes bearer tokens.
package struct AdminServer: Sendable {
    private static let mostConnections = 512

    private let health: HealthRoutes
    private let routes: ControlRoutes
    private let book: TokenBook
    private let settings: AdminSettings
    private let logger: Logger

    package init(
        control: any EngineControl, registry: MetricsRegistry, stateDirectory: String, version: String,
        book: TokenBook, settings: AdminSettings, logger: Logger
    ) {
        health = HealthRoutes(control: control, registry: registry, stateDirectory: stateDirectory)
        routes = ControlRoutes(control: control, version: version, isForPrograms: true)
        self.book = book
        self.settings = settings
        self.logger = logger
    }

    var router: Router<AdminContext> {
        let router = Router(context: AdminContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Problems())
        health.add(to: router)
        let rate = RequestRate(perSecond: settings.requestsPerSecond)
        func group(_ scope: AccessToken.Scope) -> RouterGroup<AdminContext> {
            router.group()
                .add(middleware: RequireScope(scope: scope, book: book, rate: rate))
                .add(middleware: KnownQuery())
        }
        routes.addReading(to: group(.read))
        routes.addIngest(to: group(.ingest))
        routes.addWriting(to: group(.admin))
        router.refuseOtherMethods()
        return router
    }

    /// Serves until its task is cancelled; throws where it cannot listen.
    package func run(onReady: @escaping @Sendable () -> Void) async throws {
        let listen = settings.listen
        if case .socket(let path) = listen { unlink(path) }
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [RequestDeadline()], idleTimeout: .seconds(60),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: listen.binding, serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
            onServerRunning: { _ in
                if case .socket(let path) = listen { chmod(path, 0o660) }
                onReady()
            }, logger: logger)
        try await application.run()
    }
}
