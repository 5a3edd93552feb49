// One daemon per state directory.
//
// The rule: whoever opens the store first locks `dripd.lock` beside the database (flock, exclusive) and keeps it until
// the store is closed or its process ends, however it ends: the kernel lets go, so a file left behind by a dead process
// is no obstacle. The file's text says who holds it, for the error that the second one gets.
// A file that is locked but not yet written (its holder is between the two calls) is reported without a name.

import DripStore
import Glibc

/// The lock on a state directory, held for the life of this value.
final class StateLock {
    private var descriptor: Int32

    /// Takes the lock of `directory` for `holder` (a verb: `run`, `import`), or says who has it.
    init(directory: String, holder: String) throws(StoreError) {
        let path = directory + "/dripd.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .io, "\(path) cannot be opened (\(reason(errno))): check the owner and mode of \(directory)")
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let problem = errno
            if problem == EINTR { continue }
            let owner = problem == EWOULDBLOCK ? Self.read(descriptor) : ""
            Glibc.close(descriptor)
            descriptor = -1
            guard problem == EWOULDBLOCK else { throw StoreError(.io, "\(path) cannot be locked (\(reason(problem)))") }
            throw StoreError(.locked, "\(directory) is held by \(Self.name(of: owner)); stop it or let it finish first")
        }
        write(holder)
    }

    /// Lets the next one in.
    func release() {
        guard descriptor >= 0 else { return }
        ftruncate(descriptor, 0)
        // Closing alone would not do: a child that was just forked holds a copy until it executes its program.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
        descriptor = -1
    }

    deinit { release() }

    private func write(_ holder: String) {
        // The only clock of the store: this text is for people, no decision reads it.
        var now = time(nil)
        var utc = tm()
        gmtime_r(&now, &utc)
        var stamp = [CChar](repeating: 0, count: 32)
        let length = strftime(&stamp, stamp.count, "%Y-%m-%dT%H:%M:%SZ", &utc)
        let since = String(decoding: stamp.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let verb = holder.filter { !$0.isNewline }
        let text = Array("dripd \(verb)\npid \(getpid())\nsince \(since)\n".utf8)
        ftruncate(descriptor, 0)
        // A text that could not be written (a full disk) takes nothing from the lock itself.
        _ = text.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    private static func read(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    /// `dripd run (pid 123, since 2026-11-23T06:19:48Z)`.
    private static func name(of owner: String) -> String {
        let lines = owner.split(separator: "\n")
        guard let verb = lines.first else { return "another dripd that is just starting" }
        return "\(verb) (\(lines.dropFirst().joined(separator: ", ")))"
    }
}

/// What `errno` means, in the C library's words.
func reason(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
