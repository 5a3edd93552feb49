import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import DripHTTP

@Suite("The time that a client has")
struct RequestDeadlineTests {
    private let head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/v1/events")

    /// What came of it: how long the connection lived, in seconds, at most 100.
    private func life(_ parts: @Sendable (EmbeddedChannel) throws -> Void) throws -> Int {
        let channel = EmbeddedChannel(handler: RequestDeadline())
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try parts(channel)
        for second in 1...100 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            if !channel.isActive { return second }
        }
        return 100
    }

    private func answer(_ channel: EmbeddedChannel, _ status: HTTPResponse.Status) throws {
        try channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: status)))
        try channel.writeOutbound(HTTPResponsePart.end(nil))
    }

    @Test("Who says nothing is let go, and so is who says a byte a minute")
    func slow() throws {
        #expect(try life { _ in } == 15)
        #expect(try life { try $0.writeInbound(HTTPRequestPart.head(head)) } == 30)
        let dripping = try life { channel in
            try channel.writeInbound(HTTPRequestPart.head(head))
            for _ in 1...20 {
                try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(string: "x")))
                channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            }
        }
        #expect(dripping == 10)
    }

    @Test("An answer may take its time, and the next request has its own")
    func whole() throws {
        let unanswered = try life { channel in
            try channel.writeInbound(HTTPRequestPart.head(head))
            try channel.writeInbound(HTTPRequestPart.end(nil))
        }
        #expect(unanswered == 100)
        let answered = try life { channel in
            try channel.writeInbound(HTTPRequestPart.head(head))
            try channel.writeInbound(HTTPRequestPart.end(nil))
            try answer(channel, .ok)
        }
        #expect(answered == 15)
    }

    @Test("Who is refused before the body came holds the connection no longer than a second")
    func refused() throws {
        let refused = try life { channel in
            try channel.writeInbound(HTTPRequestPart.head(head))
            try answer(channel, .unauthorized)
        }
        #expect(refused == 1)
        let complete = try life { channel in
            try channel.writeInbound(HTTPRequestPart.head(head))
            try answer(channel, .unauthorized)
            try channel.writeInbound(HTTPRequestPart.end(nil))
        }
        #expect(complete == 15)
    }
}
