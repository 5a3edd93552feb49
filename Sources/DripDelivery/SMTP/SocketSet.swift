import CCurl
import Glibc

/// An epoll set of numbered sockets, with a bell that any thread can ring.
// SAFETY: the descriptors never change, and epoll calls are thread-safe. `ready` is written by `wait` alone, which its
// one user calls from one queue. The owner closes the set when nothing can use it or ring its bell any more.
final class SocketSet: @unchecked Sendable {
    /// The bell's number in the set; sockets count from 1.
    static let bellNumber = 0

    let descriptor: Int32
    let bell: Int32
    private let ready = UnsafeMutablePointer<drip_ready>.allocate(capacity: Int(DRIP_MOST_READY))

    init() throws(CurlFailure) {
        descriptor = drip_epoll_create()
        bell = descriptor < 0 ? -1 : drip_bell_create(descriptor, UInt64(SocketSet.bellNumber))
        guard bell >= 0 else {
            if descriptor >= 0 { Glibc.close(descriptor) }
            throw CurlFailure(CURLE_FAILED_INIT, detail: "no event descriptor (errno \(errno))")
        }
    }

    deinit {
        ready.deallocate()
    }

    /// Begins to watch for something to read; false where the system refuses.
    func add(_ socket: Int32, number: Int) -> Bool {
        drip_epoll_control(descriptor, EPOLL_CTL_ADD, socket, UInt32(DRIP_READABLE), UInt64(number)) == 0
    }

    func watch(_ socket: Int32, number: Int, forWriting: Bool) {
        let events = UInt32(DRIP_READABLE) | (forWriting ? UInt32(DRIP_WRITABLE) : 0)
        _ = drip_epoll_control(descriptor, EPOLL_CTL_MOD, socket, events, UInt64(number))
    }

    func remove(_ socket: Int32) {
        _ = drip_epoll_control(descriptor, EPOLL_CTL_DEL, socket, 0, 0)
    }

    /// Waits for at most so long, and calls `handle` for each ready number; `canRead` also where the connection ended.
    ///
    /// Returns whether there was any.
    func wait(milliseconds: Int32, _ handle: (_ number: Int, _ canRead: Bool) -> Void) -> Bool {
        let count = Int(drip_epoll_wait(descriptor, ready, milliseconds))
        for event in UnsafeBufferPointer(start: ready, count: max(0, count)) {
            handle(Int(event.token), event.events & ~UInt32(DRIP_WRITABLE) != 0)
        }
        return count > 0
    }

    func close() {
        Glibc.close(bell)
        Glibc.close(descriptor)
    }
}
