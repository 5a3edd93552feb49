import ArgumentParser
import CoreMetrics
import Dispatch
import DripCampaigns
import DripCore
import DripDelivery
import DripEngine
import DripHTTP
import DripMessages
import DripStore
import DripStoreSQLite
import Foundation
import Logging

/// `dripd run`: the daemon.
struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the daemon in the foreground, as systemd does.",
        discussion: """
            SIGHUP reloads the campaign files, SIGTERM and SIGINT stop: what is under way may finish within \
            drain_limit, and nothing is lost.
            """)

    @OptionGroup var options: ConfigurationOption

    @Option(
        help: """
            Run time so many times as fast, for demos: 43200 makes half a day a second. The clock stands still while \
            anything is under way. Transports on this machine only.
            """)
    var timeScale: Double?

    @Option(help: "How much to log: debug, info, warning or error.")
    var logLevel = "info"

    func validate() throws {
        if let timeScale, !(1...10_000_000).contains(timeScale) {
            throw ValidationError("--time-scale must be between 1 and 10000000")
        }
        if Logger.Level(rawValue: logLevel) == nil {
            throw ValidationError("--log-level must be debug, info, warning or error")
        }
    }

    func run() async throws {
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        let configuration = try options.load()
        let installation = Installation(configuration: configuration)
        if timeScale != nil { try installation.requireLoopback() }
        var logger = Logger(label: "dripd") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let daemon = try Daemon(installation: installation, timeScale: timeScale, logger: logger)
        try await daemon.run()
    }
}

/// Everything of one running daemon, put together.
private struct Daemon {
    let configuration: Configuration
    let shell: EngineShell
    let store: SQLiteStore
    let notifier: ServiceNotifier
    let logger: Logger
    /// Nil where no mailbox is read.
    let mailbox: MailboxReader?
    let hooks: Hooks
    /// Signs links; nil where there are none.
    let signer: LinkSigner?
    /// Keeps what is measured.
    let registry = MetricsRegistry(help: EngineFigures.help.merging(FormFigures.help) { first, _ in first })

    init(installation: Installation, timeScale: Double?, logger: Logger) throws {
        configuration = installation.configuration
        self.logger = logger
        if configuration.admin != nil { MetricsSystem.bootstrap(registry) }
        try Self.makeRuntimeDirectory(configuration.runtimeDirectory)
        let clock: any EngineClock = timeScale.map { ScaledClock(scale: $0) } ?? SystemClock()
        store = try SQLiteStore.open(
            directory: configuration.stateDirectory, runtimeDirectory: configuration.runtimeDirectory, holder: "run",
            now: clock.now())
        let transports = try installation.transports()
        let environment = ProcessInfo.processInfo.environment
        notifier = ServiceNotifier(environment: environment)
        let (tree, loader) = try installation.readFiles()
        let update = loader.load(
            disk: tree, applied: try store.read { try $0.appliedFiles() }, running: [:], now: clock.now())
        for diagnostic in update.report.diagnostics { Terminal.complain(diagnostic.description) }
        let timed = TimedStore(store)
        let engine = try Engine.boot(
            store: timed, update: update,
            identity: .init(version: Dripd.version, node: Host.name, startedAt: clock.now()),
            transports: configuration.transports.map {
                .init(name: $0.name, channel: $0.channel, inFlight: $0.inFlight, traffic: $0.traffic)
            },
            now: clock.now())
        engine.journalIsKept = configuration.journalIsKept
        mailbox = try installation.mailboxReader()
        hooks = try installation.hooks()
        signer = try installation.signer()
        let dkim = try installation.dkim()
        if let dkim { Self.complainOfUnsigned(update, dkim) }
        shell = EngineShell(
            engine: engine, store: timed,
            parts: .init(
                configuration: configuration, transports: transports, signer: signer,
                dkim: dkim, returns: try installation.returnPath(), clock: clock,
                statusFile: StatusFile(directory: configuration.runtimeDirectory), notifier: notifier,
                watchdogSeconds: ServiceNotifier.watchdogSeconds(environment: environment), logger: logger,
                readFiles: { try installation.readFiles() }))
    }

    /// Keys that sign nothing are a mistake in one of two files.
    private static func complainOfUnsigned(_ update: ProgrammeUpdate, _ dkim: DKIMSigner) {
        let campaigns = update.programme.map { Array($0.campaigns.values) } ?? []
        let senders = Set(campaigns.map { String($0.policy.sender.address.domain) })
        for sender in senders.sorted() where !dkim.covers(sender) {
            Terminal.complain(
                "warning: no key of `dkim` covers the sender's domain \(sender): its messages go out unsigned.")
        }
    }

    private static func makeRuntimeDirectory(_ path: String) throws {
        if FileManager.default.fileExists(atPath: path) { return }
        guard mkdir(path, 0o750) == 0 else {
            throw Complaint("\(path): \(String(cString: strerror(errno))). It is where sockets and status file go.")
        }
        chmod(path, 0o750)
    }

    func run() async throws {
        let signals = Signals()
        try shell.start()
        if let mailbox { Returns(reader: mailbox, control: shell, logger: logger).start() }
        serve(signals)
        var mayServe = true
        for await signal in signals.stream {
            if signal == SIGHUP {
                shell.reload()
            } else {
                mayServe = signal != Signals.ended
                logger.info("stopping", metadata: ["signal": "\(signal)"])
                break
            }
        }
        mailbox?.stop()
        let clean = await withCheckedContinuation { continuation in
            shell.stop { continuation.resume(returning: $0) }
        }
        // The sockets end with the process, not before: a command that is under way still gets its answer. (Hummingbird
        // calls a cancelled server an error, and one that is cancelled while it starts is one.)
        for name in [ControlServer.controlSocket, ControlServer.readSocket] {
            unlink(configuration.runtimeDirectory + "/" + name)
        }
        store.close()
        logger.info("stopped")
        if !clean || !mayServe { throw ExitCode(1) }
    }

    /// Serves the control sockets, and what else `dripd.yaml` asks for.
    ///
    /// Without them nobody could unsubscribe or ask why: better to end and be started again.
    private func serve(_ signals: Signals) {
        let control = HookControl(inner: shell, hooks: hooks, logger: logger)
        let book = TokenBook(control: control)
        let server = ControlServer(
            control: control, directory: configuration.runtimeDirectory, version: Dripd.version, book: book,
            logger: quiet(logger))
        var servers: [(what: String, listen: ListenAddress?, run: Serving)] = [
            ("the control sockets", nil, { try await server.run(onReady: $0) })
        ]
        if let signer, let url = configuration.publicURL, let settings = configuration.publicPages {
            let pages = PublicServer(
                control: control, signer: signer, publicURL: url, settings: settings, logger: quiet(logger))
            servers.append(("the public pages", settings.listen, { try await pages.run(onReady: $0) }))
        }
        if let settings = configuration.admin {
            let admin = AdminServer(
                control: control, registry: registry, stateDirectory: configuration.stateDirectory,
                version: Dripd.version, book: book, settings: settings, logger: quiet(logger))
            servers.append(("health, figures and the API", settings.listen, { try await admin.run(onReady: $0) }))
        }
        let (notifier, logger) = (notifier, logger)
        let ready = ReadyCount(of: servers.count) {
            notifier.ready()
            logger.info("ready")
        }
        for (what, listen, run) in servers {
            Task {
                do {
                    try await run { Task { await ready.arrived() } }
                } catch {
                    let hint = listen.map { ": does something else listen at \($0)?" } ?? ""
                    logger.error("\(what) cannot be served\(hint)", metadata: ["error": "\(error)"])
                    signals.end()
                }
            }
        }
    }

    private typealias Serving = @Sendable (@escaping @Sendable () -> Void) async throws -> Void

    /// Hummingbird's own lines are of no use to ops: at every stop it logs its cancelled connections as errors.
    private func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }
}

/// SIGTERM, SIGINT and SIGHUP as a stream.
private struct Signals {
    /// What `end` sends: no signal has this number.
    static let ended: Int32 = 0

    let stream: AsyncStream<Int32>
    private let continuation: AsyncStream<Int32>.Continuation

    /// Ends as a signal would, because the daemon cannot do its work.
    func end() { continuation.yield(Signals.ended) }

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        self.continuation = continuation
        for number in [SIGTERM, SIGINT, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                continuation.yield(number)
                // Captured so that the source lives as long as the process.
                _ = source
            }
            source.activate()
        }
    }
}
