import CCurl
package import DripCore
import Foundation
import Synchronization

/// Sends each delivery as one JSON POST to a webhook.
///
/// One libcurl multi handle on one thread of its own carries all of them, over one HTTP/2 connection where the server
/// offers that. What each answer means is `HTTPVerdict`'s.
package final class WebhookTransport: Transport {
    package let name: String
    package let channel = Channel.http
    package let inFlight: Int
    private let worker: WebhookWorker

    /// Checks the settings; nothing is connected before the first `submit`.
    ///
    /// `bearer` is what `settings.bearer` names, read by the caller.
    package init(
        name: String, settings: HTTPSettings, inFlight: Int, bearer: String? = nil
    ) throws(TransportRefusal) {
        guard (1...10_000).contains(inFlight) else {
            throw TransportRefusal(transport: name, key: "in_flight", message: "\(inFlight) is not 1 to 10000")
        }
        let target = try HTTPTarget(transport: name, settings: settings, bearer: bearer)
        self.name = name
        self.inFlight = inFlight
        do {
            worker = try WebhookWorker(name: name, target: target, inFlight: inFlight)
        } catch {
            throw TransportRefusal(transport: name, key: "kind", message: error.description)
        }
    }

    deinit {
        worker.stop(within: .zero) {}
    }

    package func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        worker.onResults(receive)
    }

    package func submit(_ messages: [OutgoingMessage]) {
        worker.submit(messages)
    }

    package func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        worker.stop(within: limit, done: done)
    }
}

/// The webhook thread and the multi handle that is its own.
// SAFETY: `multi` is used on the thread alone, but for `curl_multi_wakeup`, which libcurl allows from any thread while
// the handle lives: it is called under `shared`, and `isOver` is set under `shared` before the handle is freed.
// `exchanges` and `waiting` are touched on the thread alone. The thread keeps this object alive.
private final class WebhookWorker: @unchecked Sendable {
    private struct Shared {
        var messages: [OutgoingMessage] = []
        var receive: (@Sendable ([AttemptResult]) -> Void)?
        var stopAt: UInt64?
        var whenOver: [@Sendable () -> Void] = []
        var hasThread = false
        var isOver = false
    }

    /// How long the thread sleeps when nothing wakes it.
    private static let napMilliseconds: Int32 = 60_000

    private let name: String
    private let target: HTTPTarget
    private let inFlight: Int
    private let multi: UnsafeMutableRawPointer
    private let shared = Mutex(Shared())
    private var exchanges: [UnsafeMutableRawPointer: HTTPExchange] = [:]
    private var waiting = FIFO<OutgoingMessage>()

    init(name: String, target: HTTPTarget, inFlight: Int) throws(CurlFailure) {
        try CurlLibrary.start()
        guard let multi = curl_multi_init() else { throw CurlFailure(CURLE_OUT_OF_MEMORY) }
        self.name = name
        self.target = target
        self.inFlight = inFlight
        self.multi = multi
        let code = drip_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, inFlight)
        guard code == CURLM_OK else {
            curl_multi_cleanup(multi)
            throw CurlFailure(CURLE_FAILED_INIT, detail: String(cString: curl_multi_strerror(code)))
        }
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    func onResults(_ receive: @escaping @Sendable ([AttemptResult]) -> Void) {
        shared.withLock { $0.receive = receive }
    }

    func submit(_ messages: [OutgoingMessage]) {
        guard !messages.isEmpty else { return }
        let receiveRefused: (@Sendable ([AttemptResult]) -> Void)? = shared.withLock { shared in
            guard !shared.isOver else { return shared.receive }
            shared.messages += messages
            wake(&shared)
            return nil
        }
        guard let receiveRefused else { return }
        let results = messages.map(WebhookWorker.notBegun)
        Thread.detachNewThread { receiveRefused(results) }
    }

    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        let isOver = shared.withLock { shared in
            guard !shared.isOver else { return true }
            shared.whenOver.append(done)
            let spanMilliseconds = UInt64(max(0, limit.milliseconds))
            shared.stopAt = shared.stopAt ?? (WebhookWorker.nowMilliseconds() + spanMilliseconds)
            wake(&shared)
            return false
        }
        if isOver { done() }
    }

    /// Wakes the thread; the first time, makes it.
    private func wake(_ shared: inout Shared) {
        guard shared.hasThread else {
            shared.hasThread = true
            let thread = Thread { self.work() }
            thread.name = "http \(name)"
            thread.start()
            return
        }
        curl_multi_wakeup(multi)
    }

    private func work() {
        var results: [AttemptResult] = []
        while true {
            let (messages, stopAt) = shared.withLock { shared in
                defer { shared.messages = [] }
                return (shared.messages, shared.stopAt)
            }
            waiting.append(contentsOf: messages)
            if let stopAt {
                results += waiting.removeAll().map(WebhookWorker.notBegun)
                if WebhookWorker.nowMilliseconds() >= stopAt { giveUp(&results) }
            }
            begin(&results)
            var running: Int32 = 0
            let code = curl_multi_perform(multi, &running)
            if code != CURLM_OK { giveUp(&results) }
            collect(&results)
            if !results.isEmpty {
                shared.withLock { $0.receive }?(results)
                results = []
            }
            if stopAt != nil && exchanges.isEmpty && end() { return }
            // What a finished exchange made room for is begun before the next sleep.
            if !waiting.isEmpty && exchanges.count < inFlight { continue }
            let nap = stopAt.map { at in
                let now = WebhookWorker.nowMilliseconds()
                return Int32(clamping: at > now ? at - now : 0)
            }
            curl_multi_poll(
                multi, nil, 0, min(nap ?? WebhookWorker.napMilliseconds, WebhookWorker.napMilliseconds), nil)
        }
    }

    private func begin(_ results: inout [AttemptResult]) {
        while exchanges.count < inFlight, let message = waiting.popFirst() {
            guard case .post(let post) = message.payload else {
                results.append(WebhookWorker.refused(message, "a mail cannot go by HTTP"))
                continue
            }
            guard HTTPTarget.isHeaderValue(post.idempotencyKey) else {
                results.append(WebhookWorker.refused(message, "the idempotency key cannot stand in a header"))
                continue
            }
            do {
                let exchange = try HTTPExchange(delivery: message.delivery, post: post, target: target)
                let code = curl_multi_add_handle(multi, exchange.easy.handle)
                guard code == CURLM_OK else { throw CurlFailure(CURLE_FAILED_INIT) }
                exchanges[exchange.easy.handle] = exchange
            } catch {
                results.append(
                    AttemptResult(
                        delivery: message.delivery, outcome: .transientFailure, blame: .transport,
                        text: LogText.clean("\(error)")))
            }
        }
    }

    private func collect(_ results: inout [AttemptResult]) {
        var handle: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while drip_multi_next_done(multi, &handle, &code) != 0 {
            guard let handle, let exchange = exchanges.removeValue(forKey: handle) else { continue }
            results.append(exchange.result(code))
            curl_multi_remove_handle(multi, handle)
        }
    }

    private func giveUp(_ results: inout [AttemptResult]) {
        for (handle, exchange) in exchanges {
            results.append(exchange.result(nil))
            curl_multi_remove_handle(multi, handle)
        }
        exchanges = [:]
    }

    /// Ends the thread, unless something was submitted in the meantime.
    private func end() -> Bool {
        let whenOver: [@Sendable () -> Void]? = shared.withLock { shared in
            guard shared.messages.isEmpty else { return nil }
            shared.isOver = true
            return shared.whenOver
        }
        guard let whenOver else { return false }
        for done in whenOver { done() }
        return true
    }

    private static func notBegun(_ message: OutgoingMessage) -> AttemptResult {
        AttemptResult(
            delivery: message.delivery, outcome: .transientFailure, blame: .transport,
            text: "stopped before it was begun")
    }

    private static func refused(_ message: OutgoingMessage, _ text: String) -> AttemptResult {
        AttemptResult(delivery: message.delivery, outcome: .permanentFailure, text: text)
    }

    private static func nowMilliseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
}
