import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request does not come in time: a client that sends a byte a minute is never idle, and would
/// hold its connection for ever.
///
/// The head must be there so soon after the connection, or after the last answer; the body so soon after the head. An answer
/// is not limited. Where it was given before the body was there, a refusal for instance, little is waited for what is left of
/// that: long enough to hear the answer, too short to keep others out.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let head: TimeAmount
    private let body: TimeAmount
    private let rest: TimeAmount
    private var alarm: Scheduled<Void>?
    /// A request whose end is not there yet.
    private var isReading = false
    private var isAnswered = true

    init(head: TimeAmount = .seconds(15), body: TimeAmount = .seconds(30), rest: TimeAmount = .seconds(1)) {
        self.head = head
        self.body = body
        self.rest = rest
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { expect(within: head, context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        expect(within: head, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { alarm?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            (isReading, isAnswered) = (true, false)
            expect(within: body, context)
        case .body: break
        case .end:
            isReading = false
            if isAnswered { expect(within: head, context) } else { alarm?.cancel() }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            isAnswered = true
            expect(within: isReading ? rest : head, context)
        }
        context.write(data, promise: promise)
    }

    private func expect(within time: TimeAmount, _ context: ChannelHandlerContext) {
        alarm?.cancel()
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }
}
