import DripCampaigns
import DripCore
import DripDelivery
import DripEngine
import DripHTTP
import DripStore
import DripStoreSQLite
import Foundation

/// The way to the engine: through a running daemon's socket, or, where none runs, directly under the store's lock.
enum Access {
    case daemon(DaemonClient)
    case direct(DirectControl)

    /// What a verb wants to do.
    enum Need {
        case read, write
    }

    /// Finds the daemon, or takes its place for one command.
    static func find(_ configuration: Configuration, for need: Need, verb: String) throws -> Access {
        let client = DaemonClient(directory: configuration.runtimeDirectory)
        switch try client.probe(need) {
        case .answers(let socket): return .daemon(client.using(socket))
        case .forbidden(let path):
            throw Complaint(
                need == .read
                    ? "\(path): you may not ask dripd. Join the group that owns this socket, or ask ops."
                    : "\(path): only root and dripd's own user may change anything. Use sudo.")
        case .absent:
            guard verb != "reload" else {
                throw Complaint(
                    "no daemon is running, so there is nothing to reload; `dripd run` reads the files itself.")
            }
            return .direct(try DirectControl(configuration: configuration, need: need, verb: verb))
        }
    }

    func perform<Answer: Decodable & Sendable>(
        _ command: Command, _ type: Answer.Type, _ pick: (Reply) -> Answer?
    ) throws -> Answer {
        switch self {
        case .daemon(let client): return try client.perform(command, as: type)
        case .direct(let control):
            let reply = try control.perform(command)
            guard let answer = pick(reply) else { throw Complaint("an answer of another kind came back") }
            return answer
        }
    }

    /// Asks for a list page by page, so that a million need the memory of a hundred.
    func eachPage<Item: Hashable & Sendable & Codable>(
        of what: ListRequest.What, _ type: Item.Type, _ pick: (Reply) -> Page<Item>?, then body: ([Item]) throws -> Void
    ) throws {
        var request = ListRequest(what, limit: ListRequest.limits.upperBound)
        while true {
            let page = try perform(.list(request), Page<Item>.self, pick)
            try body(page.data)
            guard let next = page.nextCursor.flatMap({ Int64($0) }) else { return }
            request.after = next
        }
    }
}

/// A running daemon, over its Unix socket.
struct DaemonClient {
    enum Probe {
        case answers(String)
        case forbidden(String)
        case absent
    }

    let directory: String
    private var socket = ""

    init(directory: String) {
        self.directory = directory
    }

    func using(_ socket: String) -> DaemonClient {
        var client = self
        client.socket = socket
        return client
    }

    /// Who reads tries the group's socket first; who writes has only the other.
    func probe(_ need: Access.Need) throws -> Probe {
        let names =
            need == .read ? [ControlServer.readSocket, ControlServer.controlSocket] : [ControlServer.controlSocket]
        var forbidden: String?
        for name in names {
            let path = directory + "/" + name
            do {
                _ = try UnixSocketClient(path: path).request(method: "GET", path: "/v1/version", timeout: .seconds(5))
                return .answers(path)
            } catch .notAllowed {
                forbidden = forbidden ?? path
            } catch .nobodyListens {
                continue
            } catch {
                throw Complaint("\(error)")
            }
        }
        return forbidden.map { .forbidden($0) } ?? .absent
    }

    func perform<Answer: Decodable>(
        _ command: Command, as type: Answer.Type, timeout: TimeSpan = .minutes(10)
    ) throws -> Answer {
        let (method, path, body) = try request(for: command)
        let answer = try UnixSocketClient(path: socket).request(
            method: method, path: path, body: body, timeout: timeout)
        return try Self.read(answer.status, answer.body, as: type)
    }

    private static func read<Answer: Decodable>(_ status: Int, _ body: [UInt8], as type: Answer.Type) throws -> Answer {
        if (200..<300).contains(status) { return try StatusFile.decode(type, from: Data(body)) }
        guard let problem = try? StatusFile.decode(Problem.self, from: Data(body)) else {
            throw Complaint("dripd answered \(status): \(String(decoding: body, as: UTF8.self))")
        }
        throw problem.controlError ?? Complaint("dripd answered \(status): \(problem.detail)")
    }

    private func request(for command: Command) throws -> (method: String, path: String, body: [UInt8]) {
        switch command {
        case .status: return ("GET", "/v1/status", [])
        case .lead(let key): return ("GET", "/v1/leads/\(Self.escaped(key))", [])
        case .explain(let key, let campaign):
            let query = campaign.map { "?campaign=\(Self.escaped($0.rawValue))" } ?? ""
            return ("GET", "/v1/leads/\(Self.escaped(key))/explanation\(query)", [])
        case .plan(let key, let campaign):
            return ("GET", "/v1/leads/\(Self.escaped(key))/plans/\(Self.escaped(campaign.rawValue))", [])
        case .reload: return ("POST", "/v1/reload", [])
        case .editPlan(let campaign): return ("GET", "/v1/campaigns/\(Self.escaped(campaign.rawValue))/edit", [])
        case .apply(let campaign, let hash):
            let path = "/v1/campaigns/\(Self.escaped(campaign.rawValue))/edit"
            return ("POST", path, try Self.json(["plan": hash]))
        case .enroll(let lead, let campaign, _):
            return ("POST", "/v1/enrollments", try Self.json(["lead": lead, "campaign": campaign.rawValue]))
        case .event(let lead, let name, let data, let step, let id):
            let body = EventBody(lead: lead, name: name, data: data, step: step, id: id)
            // Names of facts are the lead's own: no encoder may respell them.
            return ("POST", "/v1/events", Array(try JSONEncoder().encode(body)))
        case .suppress(let request): return ("POST", "/v1/suppressions", try Self.json(Self.fields(request)))
        case .unsuppress(let request, let force):
            return ("POST", "/v1/unsuppressions", Array(try StatusFile.json(Unsuppression(request, force: force))))
        case .pause(let target, let until, let note):
            var body = ["target": target.rawValue, "note": note]
            body["until"] = until?.description
            return ("POST", "/v1/pauses", try Self.json(body))
        case .resume(let target): return ("POST", "/v1/resumptions", try Self.json(["target": target.rawValue]))
        case .confirmRecovery: return ("POST", "/v1/recovery", [])
        case .resolve(let request):
            return ("POST", "/v1/resolutions", Array(try StatusFile.json(request)))
        case .merge(let request): return ("POST", "/v1/merges", Array(try StatusFile.json(request)))
        case .tag(let request): return ("POST", "/v1/tags", Array(try StatusFile.json(request)))
        case .stage(let request): return ("POST", "/v1/stages", Array(try StatusFile.json(request)))
        case .report(let request): return ("GET", "/v1/report" + Self.query(request.query), [])
        case .digest: return ("GET", "/v1/digest", [])
        case .erase(let request): return ("POST", "/v1/erasures", Array(try StatusFile.json(request)))
        case .export(let key): return ("GET", "/v1/leads/\(Self.escaped(key))/export", [])
        case .importLeads: throw Complaint("an import goes as CSV, not as a command")
        case .hook(let request): return ("POST", "/v1/hooks", Array(try StatusFile.json(request)))
        case .tokens: return ("GET", "/v1/tokens", [])
        case .addToken(let token): return ("POST", "/v1/tokens", Array(try StatusFile.json(token)))
        case .revokeToken(let name): return ("POST", "/v1/revocations", try Self.json(["name": name]))
        case .crms: return ("GET", "/v1/crm", [])
        case .push(let request): return ("POST", "/v1/crm/pushes", Array(try StatusFile.json(request)))
        case .list(let request):
            var query = "limit=\(request.limit)"
            if let after = request.after { query += "&cursor=\(after)" }
            switch request.what {
            case .leads: return ("GET", "/v1/leads?\(query)", [])
            case .deadLetters(let transport):
                if let transport { query += "&transport=\(Self.escaped(transport))" }
                return ("GET", "/v1/crm/dead-letters?\(query)", [])
            case .promises: return ("GET", "/v1/promises?\(query)", [])
            case .timeline, .suppressions, .inDoubt: throw Complaint("programs ask for that, by the API")
            }
        case .putLeads: throw Complaint("programs ask for that, by the API")
        case .owners: return ("GET", "/v1/owners", [])
        case .handoff(let request): return ("POST", "/v1/handoffs", Array(try StatusFile.json(request)))
        case .preference, .hit, .form, .handover:
            throw Complaint("a sealed link is followed on the public pages, not by a command")
        case .returned: throw Complaint("a returned letter is the mailbox reader's, not a command")
        }
    }

    private struct Unsuppression: Encodable {
        var address: String
        var topic: TopicID?
        var note: String
        var force: Bool

        init(_ request: SuppressRequest, force: Bool) {
            (address, topic, note, self.force) = (request.address, request.topic, request.note, force)
        }
    }

    private static func fields(_ request: SuppressRequest) -> [String: String] {
        var fields = ["address": request.address, "note": request.note]
        fields["topic"] = request.topic?.rawValue
        return fields
    }

    /// Sends a piece of a lead list: `csv` begins with the header, its first row stands on `firstLine` of the list.
    func importCSV(_ csv: [UInt8], campaign: CampaignID?, firstLine: Int) throws -> ImportSummary {
        let query = campaign.map { "&campaign=\(Self.escaped($0.rawValue))" } ?? ""
        let answer = try UnixSocketClient(path: socket).request(
            method: "POST", path: "/v1/imports?first_line=\(firstLine)\(query)", body: csv, timeout: .minutes(10))
        return try Self.read(answer.status, answer.body, as: ImportSummary.self)
    }

    private static func json(_ fields: [String: String]) throws -> [UInt8] { Array(try JSONEncoder().encode(fields)) }

    private static func query(_ fields: [(name: String, value: String)]) -> String {
        fields.enumerated().map { "\($0 == 0 ? "?" : "&")\($1.name)=\(escaped($1.value))" }.joined()
    }

    /// Everything but letters, digits and `-._~` is escaped (RFC 3986 unreserved).
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                return String(character)
            }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }
}

/// The engine without a daemon: holds the store's lock for one command, and sends nothing.
final class DirectControl {
    private let engine: Engine
    private let store: SQLiteStore
    private let directory: String
    private let installation: Installation

    init(configuration: Configuration, need: Access.Need, verb: String) throws {
        installation = Installation(configuration: configuration)
        directory = configuration.stateDirectory
        if access(directory, F_OK) == 0, access(directory, R_OK | W_OK | X_OK) != 0 {
            throw Complaint(
                "no daemon is running, and only root or dripd's own user may open \(directory) without one.")
        }
        guard need == .write || FileManager.default.fileExists(atPath: directory) else {
            throw Complaint("no daemon is running, and there is no state in \(directory): dripd never ran here.")
        }
        store = try SQLiteStore.open(
            directory: directory, runtimeDirectory: configuration.runtimeDirectory, holder: verb,
            now: SystemClock().now())
        let (tree, loader) = try installation.readFiles()
        let update = loader.load(disk: tree, applied: try store.read { try $0.appliedFiles() }, running: [:])
        engine = try Engine.boot(
            store: store, update: update,
            identity: .init(
                version: Dripd.version, node: Host.name, startedAt: SystemClock().now(),
                transports: Set(configuration.transports.map(\.name))), transports: [],
            applies: false, now: SystemClock().now())
        engine.journalIsKept = configuration.journalIsKept
    }

    /// What root made here belongs to whoever owns the directory, or the service could not open it any more.
    deinit {
        store.close()
        var owner = stat()
        guard geteuid() == 0, stat(directory, &owner) == 0, owner.st_uid != 0 else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            lchown(directory + "/" + name, owner.st_uid, owner.st_gid)
        }
    }

    func perform(_ command: Command) throws -> Reply {
        guard case .hook(let request) = command else { return try ask(command) }
        engine.returnMark = try installation.returnPath()?.mark
        let read = try installation.hooks().read(request, now: SystemClock().now())
        return .hooked(try read.answer(ask))
    }

    private func ask(_ command: Command) throws -> Reply {
        var input = Input.command(command, Ticket(number: 1))
        var answer: Result<Reply, ControlError>?
        while true {
            let effects = engine.step(input, now: SystemClock().now())
            for case .answer(_, let result) in effects { answer = result }
            // An edit is looked at, or put live, a page at a time: all of it, or nothing.
            guard engine.hasEditWork, engine.isStoreSound else { break }
            input = .ring
        }
        guard let answer else { throw Complaint("the engine gave no answer") }
        return try answer.get()
    }
}

/// This machine's name, as the status and the lock show it.
enum Host {
    static var name: String { ProcessInfo.processInfo.hostName }
}
