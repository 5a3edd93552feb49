import CCurl
package import DripCore
import Foundation
import Synchronization

/// Sends each delivery as one HTTP request, as its provider's file says.
///
/// One libcurl multi handle on one thread of its own carries all of them, over one HTTP/2 connection where the server
/// offers that. What each answer means is `ProviderVerdict`'s.
package final class HTTPTransport: Transport {
    package let name: String
    package let channel: Channel
    package let takes: OutgoingMessage.Form
    package let inFlight: Int
    private let worker: HTTPWorker

    /// Checks the settings; nothing is connected before the first `submit`.
    ///
    /// `secrets` are what `settings.secrets` names, read by the caller; `refreshTokens` outlives the process with what a
    /// provider gives in place of a configured refresh token.
    package init(
        name: String, settings: HTTPSettings, inFlight: Int, secrets: [String: String] = [:],
        refreshTokens: RefreshTokenFile? = nil
    ) throws(TransportRefusal) {
        guard (1...10_000).contains(inFlight) else {
            throw TransportRefusal(transport: name, key: "in_flight", message: "\(inFlight) is not 1 to 10000")
        }
        let target = try HTTPTarget(transport: name, settings: settings, secrets: secrets)
        self.name = name
        channel = settings.provider.reach.channel
        takes = settings.provider.body == .webhook ? .post : .content
        self.inFlight = inFlight
        do {
            worker = try HTTPWorker(
                name: name, target: target, inFlight: inFlight, refreshTokens: refreshTokens)
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

/// The transport's thread and the multi handle that is its own.
// SAFETY: `multi` is used on the thread alone, but for `curl_multi_wakeup`, which libcurl allows from any thread while
// the handle lives: it is called under `shared`, and `isOver` is set under `shared` before the handle is freed.
// `exchanges`, `waiting` and `token` are touched on the thread alone. The thread keeps this object alive.
private final class HTTPWorker: @unchecked Sendable {
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
    private let refreshTokens: RefreshTokenFile?
    private let multi: UnsafeMutableRawPointer
    private let shared = Mutex(Shared())
    private var exchanges: [UnsafeMutableRawPointer: HTTPExchange] = [:]
    private var waiting = FIFO<Waiting>()
    private var token: HTTPToken?

    /// A message that is not begun; `isSecond` tells that the provider refused a token of it once.
    private struct Waiting {
        var message: OutgoingMessage
        var isSecond = false
    }

    init(
        name: String, target: HTTPTarget, inFlight: Int, refreshTokens: RefreshTokenFile?
    ) throws(CurlFailure) {
        try CurlLibrary.start()
        guard let multi = curl_multi_init() else { throw CurlFailure(CURLE_OUT_OF_MEMORY) }
        self.name = name
        self.target = target
        self.inFlight = inFlight
        self.multi = multi
        self.refreshTokens = refreshTokens
        token = target.token.map { wanted in
            let configured = target.filler.refreshToken(of: wanted.token)
            return HTTPToken(wanted, refresh: configured.flatMap { refreshTokens?.token(for: $0) })
        }
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
        let results = messages.map(HTTPWorker.notBegun)
        Thread.detachNewThread { receiveRefused(results) }
    }

    func stop(within limit: TimeSpan, done: @escaping @Sendable () -> Void) {
        let isOver = shared.withLock { shared in
            guard !shared.isOver else { return true }
            shared.whenOver.append(done)
            let spanMilliseconds = UInt64(max(0, limit.milliseconds))
            shared.stopAt = shared.stopAt ?? (HTTPWorker.nowMilliseconds() + spanMilliseconds)
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
            waiting.append(contentsOf: messages.map { Waiting(message: $0) })
            if let stopAt {
                results += waiting.removeAll().map { HTTPWorker.notBegun($0.message) }
                abandonToken()
                if HTTPWorker.nowMilliseconds() >= stopAt { giveUp(&results) }
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
            if !waiting.isEmpty && exchanges.count < inFlight && token?.isFetching != true { continue }
            let nap = stopAt.map { at in
                let now = HTTPWorker.nowMilliseconds()
                return Int32(clamping: at > now ? at - now : 0)
            }
            curl_multi_poll(
                multi, nil, 0, min(nap ?? HTTPWorker.napMilliseconds, HTTPWorker.napMilliseconds), nil)
        }
    }

    private func begin(_ results: inout [AttemptResult]) {
        while exchanges.count < inFlight, !waiting.isEmpty {
            var bearer: String?
            if let token {
                bearer = token.usable(atMilliseconds: HTTPWorker.nowMilliseconds())
                // One is fetched for all that wait.
                guard bearer != nil else { return token.isFetching ? () : fetchToken(&results) }
            }
            guard let next = waiting.popFirst() else { return }
            do {
                let request = try target.filler.request(
                    for: next.message.payload, token: bearer, atSeconds: HTTPWorker.unixSeconds())
                try add(
                    HTTPExchange(
                        .message(next.message, token: bearer, isSecond: next.isSecond), request: request,
                        target: target))
            } catch let refusal as HTTPFiller.Refusal {
                results.append(HTTPWorker.refused(next.message, refusal.description))
            } catch {
                results.append(HTTPWorker.failed(next.message, "\(error)"))
            }
        }
    }

    private func add(_ exchange: HTTPExchange) throws(CurlFailure) {
        let code = curl_multi_add_handle(multi, exchange.easy.handle)
        guard code == CURLM_OK else { throw CurlFailure(CURLE_FAILED_INIT) }
        exchanges[exchange.easy.handle] = exchange
    }

    private func fetchToken(_ results: inout [AttemptResult]) {
        guard let wanted = target.token else { return }
        do {
            let request = try target.filler.request(for: wanted.token, refresh: token?.refresh)
            try add(HTTPExchange(.token, request: request, target: target))
            token?.isFetching = true
        } catch {
            failWaiting("no token: \(error)", &results)
        }
    }

    /// Nothing can go without a token: all that waits comes back, and the transport's breaker decides when to try again.
    private func failWaiting(_ why: String, _ results: inout [AttemptResult]) {
        results += waiting.removeAll().map { HTTPWorker.failed($0.message, why) }
    }

    private func collect(_ results: inout [AttemptResult]) {
        var handle: UnsafeMutableRawPointer?
        var code = CURLE_OK
        while drip_multi_next_done(multi, &handle, &code) != 0 {
            guard let handle, let exchange = exchanges.removeValue(forKey: handle) else { continue }
            let facts = exchange.end(code)
            curl_multi_remove_handle(multi, handle)
            switch exchange.purpose {
            case .token:
                takeToken(facts, &results)
            case .message(let message, let used, let isSecond):
                let result = ProviderVerdict.judge(facts, by: target.provider, delivery: message.delivery)
                if let used, result.outcome == .transientFailure, result.blame == .transport, facts.status >= 200 {
                    // Refused before anything was done: with a fresh token it goes again, once.
                    token?.drop(used)
                    if !isSecond {
                        waiting.prepend(Waiting(message: message, isSecond: true))
                        continue
                    }
                }
                results.append(result)
            }
        }
    }

    private func takeToken(_ facts: HTTPVerdict.Facts, _ results: inout [AttemptResult]) {
        let before = token?.refresh
        if let why = token?.take(facts, atMilliseconds: HTTPWorker.nowMilliseconds()) {
            return failWaiting("no token: \(why)", &results)
        }
        guard let refresh = token?.refresh, refresh != before, let wanted = target.token?.token,
            let configured = target.filler.refreshToken(of: wanted), refresh != configured
        else { return }
        if let why = refreshTokens?.keep(refresh, for: configured) {
            failWaiting("the new refresh token cannot be kept: \(why)", &results)
        }
    }

    private func giveUp(_ results: inout [AttemptResult]) {
        for (handle, exchange) in exchanges {
            let facts = exchange.end(nil)
            curl_multi_remove_handle(multi, handle)
            switch exchange.purpose {
            case .token: token?.isFetching = false
            case .message(let message, _, _):
                results.append(ProviderVerdict.judge(facts, by: target.provider, delivery: message.delivery))
            }
        }
        exchanges = [:]
    }

    /// A stop waits for messages, not for a token that nobody needs any more.
    private func abandonToken() {
        for (handle, exchange) in exchanges {
            guard case .token = exchange.purpose else { continue }
            curl_multi_remove_handle(multi, handle)
            exchanges[handle] = nil
            token?.isFetching = false
        }
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
        failed(message, "stopped before it was begun")
    }

    private static func failed(_ message: OutgoingMessage, _ text: String) -> AttemptResult {
        AttemptResult(
            delivery: message.delivery, outcome: .transientFailure, blame: .transport, text: LogText.clean(text))
    }

    private static func refused(_ message: OutgoingMessage, _ text: String) -> AttemptResult {
        AttemptResult(delivery: message.delivery, outcome: .permanentFailure, text: text)
    }

    private static func unixSeconds() -> Int64 { Int64(Date().timeIntervalSince1970) }

    private static func nowMilliseconds() -> UInt64 { DispatchTime.now().uptimeNanoseconds / 1_000_000 }
}
