import CCurl
import DripCore
import Foundation
import Synchronization

/// A connection that is ready for its first MAIL.
struct SMTPOpening: Sendable {
    let easy: CurlEasy
    let socket: Int32
    let capabilities: SMTPCapabilities
}

/// Opens connections on a few threads of its own, because libcurl's connecting blocks.
///
/// Each `open` is answered exactly once, on the connecting thread, unless the connector was stopped.
// SAFETY: `waiting`, `isHeld`, `threads` and `isStopped` are read and written under `condition` only; the rest never changes.
final class SMTPConnector: @unchecked Sendable {
    typealias Answer = @Sendable (Result<SMTPOpening, SMTPLoss>) -> Void

    private let target: SMTPTarget
    private let mostThreads: Int
    private let name: String
    private let isAborted = AbortFlag()
    private let condition = NSCondition()
    private var waiting: [Answer] = []
    /// A connection failed and the pool has not judged that yet: nothing more is begun until it has.
    private var isHeld = false
    private var idleThreads = 0
    private var threads = 0
    private var isStopped = false

    init(name: String, target: SMTPTarget, mostThreads: Int) {
        self.name = name
        self.target = target
        self.mostThreads = mostThreads
    }

    /// Asks for one connection.
    func open(_ answer: @escaping Answer) {
        condition.lock()
        defer { condition.unlock() }
        guard !isStopped else { return }
        waiting.append(answer)
        if idleThreads < waiting.count && threads < mostThreads {
            threads += 1
            let thread = Thread { self.work() }
            thread.name = "smtp \(name)"
            thread.stackSize = 512 * 1_024
            thread.start()
        }
        condition.signal()
    }

    /// Takes back what was asked for and not begun, and returns how many that were.
    ///
    /// To be called for each connection that failed: from then until this call nothing waiting is begun, so that a
    /// relay that refuses is not asked again by whichever thread is quicker than the one who judges.
    func forgetWaiting() -> Int {
        condition.lock()
        defer { condition.unlock() }
        let forgotten = waiting.count
        waiting = []
        isHeld = false
        return forgotten
    }

    /// Ends the threads; connecting under way is broken off within about a second, and never answered.
    func stop() {
        condition.lock()
        isStopped = true
        waiting = []
        isAborted.flag.store(true, ordering: .relaxed)
        condition.broadcast()
        condition.unlock()
    }

    private func work() {
        while let answer = nextAnswer() {
            let result = connect()
            condition.lock()
            let isWanted = !isStopped
            if case .failure = result { isHeld = true }
            condition.unlock()
            if isWanted { answer(result) }
        }
    }

    private func nextAnswer() -> Answer? {
        condition.lock()
        defer { condition.unlock() }
        while (waiting.isEmpty || isHeld) && !isStopped {
            idleThreads += 1
            condition.wait()
            idleThreads -= 1
        }
        return isStopped ? nil : waiting.removeFirst()
    }

    private func connect() -> Result<SMTPOpening, SMTPLoss> {
        let transcript = Transcript()
        do {
            let easy = try CurlEasy()
            do {
                return .success(try connect(easy, transcript))
            } catch {
                let code = easy.long(CURLINFO_RESPONSE_CODE)
                var text = error.description
                if code >= 400, let reply = transcript.lastLine { text += ": \(LogText.clean(reply))" }
                return .failure(SMTPLoss(code: code, text: text, blame: .transport))
            }
        } catch {
            return .failure(SMTPLoss(text: error.description, blame: .transport))
        }
    }

    private func connect(_ easy: CurlEasy, _ transcript: Transcript) throws(CurlFailure) -> SMTPOpening {
        try target.configure(easy)
        // Non-capturing, with a context that `withExtendedLifetime` keeps for as long as libcurl may call.
        try easy.setHeaderFunction(
            { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let transcript = Unmanaged<Transcript>.fromOpaque(context).takeUnretainedValue()
                return transcript.append(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }, context: Unmanaged.passUnretained(transcript).toOpaque())
        try easy.setProgressFunction(
            { context, _, _, _, _ in
                guard let context else { return 0 }
                return Unmanaged<AbortFlag>.fromOpaque(context).takeUnretainedValue().flag.load(ordering: .relaxed)
                    ? 1 : 0
            }, context: Unmanaged.passUnretained(isAborted).toOpaque())
        defer { withExtendedLifetime((transcript, isAborted)) {} }
        try easy.perform()
        let capabilities = SMTPCapabilities(transcript: transcript.bytes)
        if target.credentials != nil && !capabilities.auth {
            // libcurl goes on without a login then; every mail would be refused one by one.
            throw CurlFailure(CURLE_LOGIN_DENIED, detail: "the server offers no AUTH, and a user name is configured")
        }
        // Never called again; what they point to may go.
        try easy.set(CURLOPT_NOPROGRESS, 1)
        return SMTPOpening(easy: easy, socket: try easy.socket(), capabilities: capabilities)
    }
}

/// What the server said while a connection was made; bounded.
private final class Transcript {
    private static let most = 64 * 1_024
    private(set) var bytes: [UInt8] = []

    /// False when the server talks without end; libcurl then gives the connection up.
    func append(_ more: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + more.count <= Transcript.most else { return false }
        bytes.append(contentsOf: more)
        return true
    }

    var lastLine: ArraySlice<UInt8>? { bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).last }
}

private final class AbortFlag: Sendable {
    let flag = Atomic(false)
}
