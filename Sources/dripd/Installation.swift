import ArgumentParser
import DripCampaigns
import DripCore
import DripDelivery
import DripEngine
import DripMessages
import Foundation

/// The option that every verb takes.
struct ConfigurationOption: ParsableArguments {
    static let standardPath = "/etc/dripd/dripd.yaml"

    @Option(name: .long, help: "The file that ops wrote.")
    var config = ConfigurationOption.standardPath

    /// Reads the file, prints every mistake in it, and ends the command where there is an error.
    ///
    /// With EX_CONFIG of sysexits.h, so that systemd does not start again and again what cannot start.
    func load() throws -> Configuration {
        guard let bytes = FileManager.default.contents(atPath: config) else {
            let reason = access(config, F_OK) == 0 ? "you may not read it" : "there is no such file"
            Terminal.complain("\(config): error: \(reason). Name another with --config.")
            throw ExitCode(78)
        }
        let (configuration, diagnostics) = ConfigurationLoader.load(Array(bytes), path: config) { path in
            FileManager.default.contents(atPath: path).map(Array.init)
        }
        for diagnostic in diagnostics { Terminal.complain(diagnostic.description) }
        guard let configuration else { throw ExitCode(78) }
        return configuration
    }
}

/// A message for the person at the terminal; the command ends with exit code 1.
struct Complaint: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Ends a command whose value is wrong, in two lines: the page of usage that goes with a wrong option would hide them.
///
/// With EX_USAGE of sysexits.h, as for every other mistake in a command.
func refuse(_ mistake: String) -> ExitCode {
    Terminal.complain("error: \(mistake)")
    return ExitCode(64)
}

/// What is on this machine: zone rules, the campaigns folder, secrets.
struct Installation {
    var configuration: Configuration

    /// A reader of the folder and the zones, as `run` does at start and at every reload.
    ///
    /// A folder that cannot be read is an empty one with that mistake: what ran last runs on, from the store.
    func readFiles() throws -> (FileTree, ProgrammeLoader) {
        do {
            let folder = SettledFolder(
                now: { SystemClock().now() }, pause: { Thread.sleep(forTimeInterval: Double($0.milliseconds) / 1_000) })
            return (try folder.read(directory: configuration.campaignsDirectory), try loader())
        } catch let diagnostic as Diagnostic {
            return (FileTree(files: [:], diagnostics: [diagnostic]), try loader())
        }
    }

    func loader() throws -> ProgrammeLoader {
        let files = try ZoneFiles.load(directory: configuration.zoneinfoDirectory)
        // A zone file that does not parse is left out: leads of it take the fallback, and nobody else is harmed.
        let zones = files.zones.compactMap { name, bytes in try? Zone(name: name, tzif: bytes) }
        return ProgrammeLoader(
            zones: ZoneTable(version: files.version, zones: zones),
            transports: DeclaredTransports(configuration.transports))
    }

    /// The transports that the configuration declares, with their secrets read.
    func transports() throws -> [any Transport] {
        try configuration.transports.map(transport)
    }

    /// One of them, with its secrets read.
    func transport(_ settings: TransportSettings) throws -> any Transport {
        switch settings.kind {
        case .smtp(let smtp):
            let password = try smtp.password.map { try Secret.read($0) }
            let credentials = try smtp.username.map { username in
                guard let password else {
                    throw Complaint("transport \(settings.name): a username without a password.")
                }
                return Credentials(username: username, password: password)
            }
            return try SMTPTransport(
                name: settings.name, settings: smtp, inFlight: settings.inFlight, credentials: credentials)
        case .http(let http):
            return try HTTPTransport(
                name: settings.name, settings: http, inFlight: settings.inFlight,
                secrets: try http.secrets.mapValues { try Secret.read($0) },
                refreshTokens: RefreshTokenFile(
                    directory: configuration.stateDirectory + "/tokens", transport: settings.name))
        case .maildir(let maildir):
            return try MaildirTransport(name: settings.name, settings: maildir, inFlight: settings.inFlight)
        }
    }

    /// Signs the links in messages; nil where there is no public URL.
    func signer() throws -> LinkSigner? {
        guard let url = configuration.publicURL else { return nil }
        guard configuration.linkKey != nil else {
            throw Complaint("public_url needs a link_key: a file or credential of at least 32 random bytes.")
        }
        return try LinkSigner(publicURL: url, keys: try linkKeys())
    }

    /// The key that signs, and those that did before.
    private func linkKeys() throws -> [LinkSigner.Key] {
        try ([configuration.linkKey].compactMap(\.self) + configuration.formerLinkKeys).map { key in
            LinkSigner.Key(id: key.number, secret: Array(try Secret.read(key.source).utf8))
        }
    }

    /// Seals which message something that comes back is about; nil without a key for that.
    func returnPath() throws -> ReturnPath? {
        guard configuration.linkKey != nil else { return nil }
        return ReturnPath(
            mark: try ReturnMark(keys: try linkKeys()),
            mailbox: configuration.mailbox.map { .domain($0.domain) } ?? .none)
    }

    /// Reads what the transports' providers post back.
    func hooks() throws -> Hooks {
        var readers: [String: HookReader] = [:]
        for settings in configuration.transports {
            guard case .http(let http) = settings.kind, http.provider.hook != nil else { continue }
            readers[settings.name] = HookReader(
                settings: http, secrets: try http.secrets.mapValues { try Secret.read($0) })
        }
        return Hooks(
            readers: readers, transports: configuration.transports.map(\.name), isSealed: configuration.linkKey != nil)
    }

    /// Reads the mailbox for what comes back; nil where there is none.
    func mailboxReader() throws -> MailboxReader? {
        guard let mailbox = configuration.mailbox else { return nil }
        let password = try Secret.read(mailbox.password)
        return try MailboxReader(mailbox, credentials: Credentials(username: mailbox.username, password: password))
    }

    /// Signs messages; nil where no key is configured.
    func dkim() throws -> DKIMSigner? {
        guard !configuration.dkim.isEmpty else { return nil }
        return DKIMSigner(
            keys: try configuration.dkim.map { settings in
                let pem = try Secret.read(settings.key)
                do throws(DKIMKey.Refusal) {
                    return try DKIMKey(domain: settings.domain, selector: settings.selector, pem: pem)
                } catch {
                    throw Complaint("dkim: the key \(settings.selector) of \(settings.domain) \(error).")
                }
            })
    }

    /// What `run` would refuse of the secrets, as far as whoever asks can see it.
    ///
    /// What systemd passes is not there yet, and a file that only the service may read is no mistake.
    func secretMistakes() -> [String] {
        var sources: [(what: String, source: SecretSource)] = configuration.dkim.map { ("dkim \($0.selector)", $0.key) }
        if let key = configuration.linkKey { sources.append(("link_key", key.source)) }
        sources += configuration.formerLinkKeys.map { ("link_key", $0.source) }
        if let mailbox = configuration.mailbox { sources.append(("returns", mailbox.password)) }
        for settings in configuration.transports {
            switch settings.kind {
            case .smtp(let smtp):
                sources += [smtp.password].compactMap(\.self).map { ("transport \(settings.name)", $0) }
            case .http(let http):
                sources += http.secrets.sorted { $0.key < $1.key }.map {
                    ("transport \(settings.name), \($0.key)", $0.value)
                }
            case .maildir: continue
            }
        }
        return sources.compactMap { what, source in
            guard case .file(let path) = source, access(path, F_OK) != 0 || access(path, R_OK) == 0 else { return nil }
            do {
                let secret = Array(try Secret.read(source).utf8)
                if what == "link_key" { _ = try ReturnMark(keys: [LinkSigner.Key(id: 1, secret: secret)]) }
                return nil
            } catch {
                return "\(what): \(error)"
            }
        }
    }

    /// The events by which posts of CRMs would do nothing, since no policy declares them.
    func hookMistakes(_ policy: Policy) -> [String] {
        configuration.transports.flatMap { settings -> [String] in
            guard case .http(let http) = settings.kind, let event = http.provider.hook?.lead?.event else { return [] }
            return event.names.filter { policy.events[$0] == nil && !BuiltInEvents.ofSales.contains($0.rawValue) }.map {
                "transport \(settings.name): the `hook` of \(http.provider.name) tells of the event `\($0)`, which policy.yaml "
                    + "does not declare. Add it under `events:` there."
            }
        }
    }

    /// A scaled clock would send days of mail in seconds: only ever to this machine itself.
    func requireLoopback() throws {
        for settings in configuration.transports {
            let host =
                switch settings.kind {
                case .smtp(let smtp): smtp.host
                case .http(let http): URLComponents(string: http.url)?.host ?? ""
                case .maildir: "localhost"
                }
            guard ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased()) else {
                throw Complaint(
                    "--time-scale works with transports on this machine only; \(settings.name) goes to \(host).")
            }
        }
    }
}

/// Reads secrets from where they may lie.
enum Secret {
    static func read(_ source: SecretSource) throws -> String {
        switch source {
        case .file(let path):
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw Complaint("\(path): \(String(cString: strerror(errno))). It should hold a secret.")
            }
            guard status.st_mode & 0o077 == 0 else {
                throw Complaint("\(path): others may read this secret. Mend it with: chmod 600 \(path)")
            }
            return try contents(of: path)
        case .credential(let name):
            guard let directory = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] else {
                throw Complaint(
                    "the credential \(name) is passed by systemd (LoadCredential=\(name):…), and this is not its service. "
                        + "To try it by hand: CREDENTIALS_DIRECTORY=DIR dripd …, where DIR holds a file \(name) of mode 600."
                )
            }
            return try contents(of: directory + "/" + name)
        }
    }

    private static func contents(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path),
            let text = String(validating: data, as: UTF8.self)
        else { throw Complaint("\(path): the secret cannot be read.") }
        let secret = text.trimmingCharacters(in: .newlines)
        guard !secret.isEmpty else { throw Complaint("\(path): the secret is empty.") }
        return secret
    }
}
