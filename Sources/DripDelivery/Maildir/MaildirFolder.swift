import DripCore
import Glibc
import Synchronization

/// A Maildir: each message is one file, whole or not there.
///
/// The rule: written to `tmp`, synced, moved to `new`, and `new` is synced; then it is accepted. Names are unique by
/// second, microsecond, process, a count and the delivery. The envelope stands in front as `Return-Path` and
/// `Delivered-To`; line ends are LF, as delivery agents write them. The folders are made where they are not there, 0700.
/// Edge cases: what cannot be written is the transport's fault and may go again; a file that was moved while its folder
/// could not be synced is `unknown`. Source: https://cr.yp.to/proto/maildir.html.
struct MaildirFolder: Sendable {
    private struct Failure: Error {
        let text: String

        /// Reads `errno`, so it comes right behind what failed.
        init(_ path: String) {
            text = LogText.clean("\(path): \(String(cString: strerror(errno)))")
        }
    }

    private static let count = Atomic<UInt64>(0)

    let path: String

    /// Writes all of them; one result each.
    func write(_ messages: [OutgoingMessage]) -> [AttemptResult] {
        do throws(Failure) {
            for folder in ["", "/tmp", "/new", "/cur"] { try make(path + folder) }
        } catch {
            return messages.map { Self.failed($0, error) }
        }
        var results = messages.map(write)
        guard results.contains(where: { $0.outcome == .accepted }) else { return results }
        do throws(Failure) {
            try sync(folder: path + "/new")
        } catch {
            for index in results.indices where results[index].outcome == .accepted {
                results[index].outcome = .unknown
                results[index].blame = .transport
                results[index].text = error.text
            }
        }
        return results
    }

    private func write(_ message: OutgoingMessage) -> AttemptResult {
        guard case .mail(let mail) = message.payload else {
            return AttemptResult(
                delivery: message.delivery, outcome: .permanentFailure, text: "only e-mail is written to a Maildir")
        }
        let name = Self.name(for: message.delivery)
        let (draft, final) = ("\(path)/tmp/\(name)", "\(path)/new/\(name)")
        do throws(Failure) {
            try write(Self.file(of: mail), to: draft)
            guard rename(draft, final) == 0 else { throw Failure(final) }
            return AttemptResult(delivery: message.delivery, outcome: .accepted, text: "written as \(name)")
        } catch {
            unlink(draft)
            return Self.failed(message, error)
        }
    }

    private func make(_ folder: String) throws(Failure) {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw Failure(folder) }
    }

    private func write(_ bytes: [UInt8], to file: String) throws(Failure) {
        let descriptor = open(file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(file) }
        var isWritten = false
        defer { if !isWritten { close(descriptor) } }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(file) }
            written += count
        }
        guard fsync(descriptor) == 0 else { throw Failure(file) }
        isWritten = true
        guard close(descriptor) == 0 else { throw Failure(file) }
    }

    private func sync(folder: String) throws(Failure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(folder) }
    }

    /// `1796000000.M123456P42Q7D19.host`.
    private static func name(for delivery: DeliveryID) -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        let unique = "M\(now.tv_nsec / 1_000)P\(getpid())Q\(number)D\(delivery.rawValue)"
        return "\(now.tv_sec).\(unique).\(host)"
    }

    /// The machine's name, without what has a meaning in a path or in a Maildir's names.
    private static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = text.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == ".") }
        return plain.isEmpty ? "localhost" : plain
    }()

    /// The envelope, then the message with LF at its line ends.
    private static func file(of mail: OutgoingMessage.Mail) -> [UInt8] {
        var file = Array("Return-Path: <\(mail.sender.text)>\nDelivered-To: \(mail.recipient.text)\n".utf8)
        file.reserveCapacity(file.count + mail.bytes.count)
        for (index, byte) in mail.bytes.enumerated() {
            if byte == 0x0D, index + 1 < mail.bytes.count, mail.bytes[index + 1] == 0x0A { continue }
            file.append(byte)
        }
        return file
    }

    private static func failed(_ message: OutgoingMessage, _ failure: Failure) -> AttemptResult {
        AttemptResult(
            delivery: message.delivery, outcome: .transientFailure, blame: .transport, text: failure.text)
    }
}
