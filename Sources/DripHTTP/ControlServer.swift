package import DripCore
import Foundation
import Hummingbird
package import Logging
import NIOCore

/// The two Unix sockets on which the command line speaks to a running daemon.
///
/// Who may do what is the sockets' file modes: `control.sock` (0600) for root and the daemon's own user takes every
/// verb, `read.sock` (0660) for its group only answers questions.
package struct ControlServer: Sendable {
    package static let controlSocket = "control.sock"
    package static let readSocket = "read.sock"

    private let control: any EngineControl
    private let directory: String
    private let version: String
    private let book: TokenBook
    private let logger: Logger

    /// The sockets lie in `directory`, which must exist; `book` hears of every change of tokens.
    package init(
        control: any EngineControl, directory: String, version: String, book: TokenBook, logger: Logger
    ) {
        self.control = control
        self.directory = directory
        self.version = version
        self.book = book
        self.logger = logger
    }

    /// Serves until its task is cancelled; `onReady` is called once both sockets listen with their modes set.
    package func run(onReady: @escaping @Sendable () -> Void) async throws {
        let routes = ControlRoutes(control: control, version: version)
        let (readRouter, controlRouter) = (Router(), Router())
        for router in [readRouter, controlRouter] {
            router.add(middleware: Problems())
            routes.addReading(to: router)
        }
        routes.addIngest(to: controlRouter)
        routes.addWriting(to: controlRouter)
        routes.addOwn(to: controlRouter, book: book)
        let ready = ReadyCount(of: 2, then: onReady)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let sockets: [(router: Router<BasicRequestContext>, name: String, mode: mode_t)] = [
                (controlRouter, Self.controlSocket, 0o600), (readRouter, Self.readSocket, 0o660),
            ]
            for socket in sockets {
                let path = directory + "/" + socket.name
                let mode = socket.mode
                let application = Application(
                    router: socket.router,
                    configuration: ApplicationConfiguration(
                        address: .unixDomainSocket(path: path), serverName: "dripd"),
                    onServerRunning: { _ in
                        // The process runs under umask 077, so it was never open to others before this.
                        chmod(path, mode)
                        await ready.arrived()
                    }, logger: logger)
                group.addTask { try await application.run() }
            }
            try await group.waitForAll()
        }
    }
}
