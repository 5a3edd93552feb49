package import DripCore
package import DripMessages
import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore

/// The listener for the people who get messages, behind a web server that speaks TLS.
package struct PublicServer: Sendable {
    /// More connections wait until one ends.
    private static let mostConnections = 1_024

    private let routes: PublicRoutes
    private let listen: ListenAddress
    private let prefix: String
    private let logger: Logger

    /// `publicURL` is what people reach it by; requests may come with the path in it or without, as the web server passes
    /// them on.
    ///
    /// `mostBadTokens` and `mostForms` of one client in a minute are looked at.
    package init(
        control: any EngineControl, signer: LinkSigner, publicURL: String, settings: PublicSettings,
        mostBadTokens: Int = 30, mostForms: Int = 10, logger: Logger
    ) {
        let plain = String(publicURL.reversed().drop { $0 == "/" }.reversed())
        routes = PublicRoutes(
            control: control, signer: signer, publicURL: plain,
            clients: ClientAddress(trusted: settings.trustedProxies), badTokens: AttemptLimit(most: mostBadTokens),
            posts: AttemptLimit(most: mostForms), figures: FormFigures())
        let path = plain.dropFirst("https://".count).drop { $0 != "/" }
        prefix = path.split(separator: "/").joined(separator: "/")
        listen = settings.listen
        self.logger = logger
    }

    var router: Router<PublicContext> {
        let router = Router(context: PublicContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CarefulHeaders())
        routes.add(to: router.group())
        if !prefix.isEmpty { routes.add(to: router.group(RouterPath(prefix))) }
        return router
    }

    /// Serves until its task is cancelled; throws where it cannot listen.
    package func run(onReady: @escaping @Sendable () -> Void) async throws {
        if case .socket(let path) = listen { unlink(path) }
        let listen = listen
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
                // The web server in front has a user of its own; the socket's folder says who may reach it.
                if case .socket(let path) = listen { chmod(path, 0o666) }
                onReady()
            }, logger: logger)
        try await application.run()
    }
}

extension ListenAddress {
    var binding: BindAddress {
        switch self {
        case .port(let host, let port): .hostname(host, port: port)
        case .socket(let path): .unixDomainSocket(path: path)
        }
    }
}
