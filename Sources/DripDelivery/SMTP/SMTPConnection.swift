import CCurl
import DripCore

/// One open connection: a dialogue, the bytes that go out and come in, and its deadline.
///
/// It belongs to the transport's queue.
final class SMTPConnection {
    /// A TLS record's most octets: a longer call to libcurl could send a final dot and still report nothing sent.
    private static let longestRecord = 16_384

    /// Counts up over a transport's life, so that "opened later" can be told.
    let number: Int
    let socket: Int32
    private let easy: CurlEasy
    private let isEncrypted: Bool
    private let openedAtMilliseconds: Int64

    private(set) var dialogue: SMTPDialogue
    var effects = SMTPDialogue.Effects()
    /// What libcurl is being given; it is not touched until all of it is taken, because OpenSSL wants a refused write
    /// repeated from the same place.
    private var writing: [UInt8] = []
    private var written = 0
    /// Whether libcurl takes no more until the socket is writable.
    private(set) var isBlocked = false
    /// Whether the epoll set watches for writability.
    var watchesWriting = false
    /// Whether it has a place in this turn of the pool.
    var isMarked = false
    /// Whether the pool lists it as having nothing to do.
    var isListedIdle = false
    /// Whether it has been idle, so that the server may have closed it unnoticed.
    var wasKept = false

    /// When the last progress was made.
    private(set) var progressAtMilliseconds: Int64
    private var seenProgress = 0
    /// When it is given up, closed or looked at again.
    var deadlineAtMilliseconds = Int64.max

    init(number: Int, opening: SMTPOpening, isEncrypted: Bool, pipelines: Bool, nowMilliseconds: Int64) {
        self.number = number
        self.isEncrypted = isEncrypted
        easy = opening.easy
        socket = opening.socket
        dialogue = SMTPDialogue(capabilities: opening.capabilities, pipelines: pipelines)
        openedAtMilliseconds = nowMilliseconds
        progressAtMilliseconds = nowMilliseconds
    }

    /// Whether a mail that it takes now is its first, right after its opening.
    var isFresh: Bool { dialogue.taken == 0 && !wasKept }

    func ageMilliseconds(_ now: Int64) -> Int64 { now - openedAtMilliseconds }

    func take(_ submission: Submission) {
        dialogue.take(submission, into: &effects)
    }

    func leave() {
        dialogue.leave(into: &effects)
    }

    func withdraw() -> Submission? {
        dialogue.withdraw()
    }

    func end(_ loss: SMTPLoss) {
        dialogue.end(loss, into: &effects)
    }

    /// Reads what has come, and returns how long the server took to answer a final dot if it just did.
    ///
    /// One short read is enough in clear text: more would ring again. Under TLS libcurl may hold decrypted bytes that no
    /// socket event announces, so it is read until nothing is left.
    func receive(into buffer: UnsafeMutableRawBufferPointer, nowMilliseconds: Int64) -> Int64? {
        let waitedForDot = dialogue.wait == .finalReply
        let progressBefore = dialogue.progress
        while !dialogue.isOver {
            var count = 0
            let code = curl_easy_recv(easy.handle, buffer.baseAddress, buffer.count, &count)
            if code == CURLE_AGAIN { break }
            guard code == CURLE_OK else {
                end(SMTPLoss(text: easy.failure(code).description))
                break
            }
            guard count > 0 else {
                end(SMTPLoss(text: "the server closed the connection"))
                break
            }
            dialogue.received(UnsafeRawBufferPointer(rebasing: buffer[..<count]), into: &effects)
            if !isEncrypted && count < buffer.count { break }
        }
        let answered = waitedForDot && dialogue.progress != progressBefore
        defer { noteProgress(nowMilliseconds) }
        return answered ? nowMilliseconds - progressAtMilliseconds : nil
    }

    /// Hands over as much as the connection takes.
    ///
    /// Where it takes none any more, what the server said last is read first: it may have refused before it closed.
    func send(readingInto buffer: UnsafeMutableRawBufferPointer, nowMilliseconds: Int64) {
        isBlocked = false
        while !dialogue.isOver {
            if written == writing.count {
                writing.removeAll(keepingCapacity: writing.capacity <= 1 << 18)
                written = 0
                guard !effects.output.isEmpty else { break }
                swap(&writing, &effects.output)
            }
            let most = isEncrypted ? SMTPConnection.longestRecord : Int.max
            var count = 0
            let code = writing.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return curl_easy_send(easy.handle, rest.baseAddress, min(rest.count, most), &count)
            }
            if code == CURLE_AGAIN {
                isBlocked = true
                break
            }
            guard code == CURLE_OK else {
                let loss = SMTPLoss(text: easy.failure(code).description)
                _ = receive(into: buffer, nowMilliseconds: nowMilliseconds)
                end(loss)
                break
            }
            written += count
            dialogue.handedOver(count)
        }
        noteProgress(nowMilliseconds)
    }

    private func noteProgress(_ now: Int64) {
        guard dialogue.progress != seenProgress else { return }
        seenProgress = dialogue.progress
        progressAtMilliseconds = now
    }
}
