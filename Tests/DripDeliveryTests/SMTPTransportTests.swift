import Dispatch
import DripCore
import Testing

@testable import DripDelivery

/// The transport against real servers: `smtp-sink`, aiosmtpd, and one that fails where it is told to.
@Suite(.timeLimit(.minutes(1))) struct SMTPTransportTests {
    /// However slow the machine is, no connection is given up that a test counts.
    static let patient = SMTPLimits(idle: .minutes(1), patience: .minutes(1))

    static func transport(
        _ server: TestServer, tls: SMTPSettings.TLS = .none, inFlight: Int = 1, credentials: Credentials? = nil,
        caFile: String? = nil, limits: SMTPLimits = patient, timeout: TimeSpan = .seconds(30),
        dotTimeout: TimeSpan = .minutes(10), perConnection: Int = 1_000
    ) throws -> SMTPTransport {
        try SMTPTransport(
            name: "test",
            settings: SMTPSettings(
                host: "localhost", port: server.port, tls: tls, caFile: caFile, heloName: "dripd.test",
                connectTimeout: timeout, replyTimeout: timeout, dotTimeout: dotTimeout,
                messagesPerConnection: perConnection),
            inFlight: inFlight, credentials: credentials, limits: limits)
    }

    /// One row of the table of reliability: what a server does, and what the one mail comes to.
    struct Row: CustomTestStringConvertible, Sendable {
        enum Server: Sendable {
            case sink([String])
            case faults([String])
        }

        var what: String
        var server: Server
        var expected: String
        var testDescription: String { what }

        init(_ what: String, _ server: Server, _ expected: String) {
            self.what = what
            self.server = server
            self.expected = expected
        }
    }

    static let rows = [
        Row("sink: accepted", .sink([]), "accepted delivery 250"),
        Row("sink: closed after the dot", .sink(["-q", "."]), "unknown delivery"),
        Row("sink: 421 after the dot", .sink(["-Q", "."]), "transientFailure delivery 421 4.0.0"),
        Row("sink: 4xx after the dot", .sink(["-r", "."]), "transientFailure delivery 450 4.3.0"),
        Row("sink: 5xx after the dot", .sink(["-f", "."]), "permanentFailure delivery 500 5.3.0"),
        Row("sink: recipient 4xx", .sink(["-r", "RCPT"]), "transientFailure delivery 450 4.3.0"),
        Row("sink: recipient 5xx", .sink(["-f", "RCPT"]), "permanentFailure delivery 500 5.3.0"),
        Row("sink: DATA 4xx", .sink(["-r", "DATA"]), "transientFailure delivery 450 4.3.0"),
        Row("sink: DATA 5xx", .sink(["-f", "DATA"]), "permanentFailure delivery 500 5.3.0"),
        Row("sink: sender 5xx", .sink(["-f", "MAIL"]), "transientFailure transport 500 5.3.0"),
        Row("sink: closed after DATA", .sink(["-q", "DATA"]), "transientFailure delivery"),
        Row("sink: closed after RCPT", .sink(["-q", "RCPT"]), "transientFailure delivery"),
        Row("sink: closed after MAIL", .sink(["-q", "MAIL"]), "transientFailure delivery"),
        Row("sink: closed at connect", .sink(["-q", "CONNECT"]), "transientFailure transport"),
        Row("sink: 421 at connect", .sink(["-Q", "CONNECT"]), "transientFailure transport 421"),
        Row("sink: EHLO refused", .sink(["-f", "EHLO,HELO"]), "transientFailure transport 500"),
        Row("sink: closed after QUIT", .sink(["-q", "QUIT"]), "accepted delivery 250"),
        Row("sink: without pipelining", .sink(["-p"]), "accepted delivery 250"),
        Row("sink: without ESMTP", .sink(["-e"]), "accepted delivery 250"),
        Row("554 at connect", .faults(["--at", "connect=554 5.7.1 go away"]), "transientFailure transport 554"),
        Row("reset after the dot", .faults(["--at", "dot=reset"]), "unknown delivery"),
        Row("junk after the dot", .faults(["--at", "dot=junk"]), "unknown delivery"),
        Row("silent after the dot", .faults(["--at", "dot=hang"]), "unknown delivery"),
        Row("silent after DATA", .faults(["--at", "data=hang"]), "transientFailure delivery"),
        Row("silent at connect", .faults(["--at", "connect=hang"]), "transientFailure transport"),
        Row("hard bounce", .faults(["--at", "rcpt=550 5.1.1 nobody"]), "permanentFailure delivery 550 5.1.1"),
        Row(
            "hard bounce, pipelined", .faults(["--capability", "PIPELINING", "--at", "rcpt=550 5.1.1 nobody"]),
            "permanentFailure delivery 550 5.1.1"),
        Row("sender not allowed", .faults(["--at", "mail=530 5.7.0 no"]), "transientFailure transport 530 5.7.0"),
        Row("too large", .faults(["--capability", "SIZE 10"]), "permanentFailure delivery"),
        Row("slow but willing", .faults(["--dot-delay", "0.2"]), "accepted delivery 250"),
    ]

    @Test(arguments: rows, [true, false]) func everyRowOfTheTable(row: Row, pipelined: Bool) async throws {
        func run(_ server: TestServer) async throws {
            // The silent rows end by a time-out; everything else is far quicker.
            let isSilent = row.what.contains("silent")
            let transport = try Self.transport(
                server, limits: SMTPLimits(pipelines: pipelined), timeout: isSilent ? .milliseconds(400) : .seconds(30),
                dotTimeout: isSilent ? .milliseconds(400) : .minutes(10))
            let results = await transport.results(of: [try Samples.message(7)])
            #expect(results.map(\.brief) == ["7 " + row.expected], "\(results.map(\.text))")
            await transport.stopped()
        }
        switch row.server {
        case .sink(let options): try await TestServer.sink(options, run)
        case .faults(let options): try await TestServer.python("smtp_faults.py", options, run)
        }
    }

    @Test func nobodyListens() async throws {
        try await TestServer.closedPort { port in
            let transport = try SMTPTransport(
                name: "test", settings: SMTPSettings(host: "127.0.0.1", port: port, tls: .none), inFlight: 4)
            let results = await transport.results(of: try (1...20).map { try Samples.message($0) })
            #expect(Set(results.map(\.outcome)) == [.transientFailure])
            #expect(Set(results.map(\.blame)) == [.transport])
            #expect(results.first?.text.contains("curl 7") == true)
            await transport.stopped()
        }
    }

    /// Every refused opening counts, and none is put in its place: with a wrong password each one is a failed login.
    @Test func aRelayThatRefusesIsNotAskedForEver() async throws {
        try await TestServer.python("smtp_faults.py", ["--at", "connect=554 5.7.1 go away"]) { server in
            let transport = try Self.transport(server, inFlight: 32)
            let results = await transport.results(of: try (1...100).map { try Samples.message($0) })
            #expect(Set(results.map(\.brief).map { $0.drop { $0 != " " } }) == [" transientFailure transport 554"])
            await transport.stopped()
            await server.printed("CONNECT")
            // One for each connecting thread, and one more where a thread began its next before the first was judged.
            #expect(server.lines("CONNECT").count <= 2 * SMTPLimits().connectingThreads)
        }
    }

    @Test func connectionsAreKept() async throws {
        for options in [[], ["--capability", "PIPELINING"]] {
            try await TestServer.python("smtp_faults.py", options) { server in
                let transport = try Self.transport(server, inFlight: 3)
                let results = await transport.results(of: try (1...60).map { try Samples.message($0) })
                #expect(results.map(\.delivery.rawValue) == Array(1...60))
                #expect(Set(results.map(\.outcome)) == [.accepted])
                await server.printed("TAKEN", count: 60)
                #expect((1...3).contains(server.lines("CONNECT").count))
                await transport.stopped()
                await server.printed("END", count: server.lines("CONNECT").count)
                #expect(server.lines("QUIT").count == server.lines("CONNECT").count)
                #expect(server.lines("EHLO").allSatisfy { $0.hasSuffix(" dripd.test") })
            }
        }
    }

    @Test func aConnectionTakesSoManyMailsAndNoMore() async throws {
        try await TestServer.python("smtp_faults.py", ["--capability", "PIPELINING"]) { server in
            let transport = try Self.transport(server, perConnection: 10)
            let results = await transport.results(of: try (1...35).map { try Samples.message($0) })
            #expect(Set(results.map(\.outcome)) == [.accepted])
            await server.printed("TAKEN", count: 35)
            #expect(server.lines("CONNECT").count == 4)
            await transport.stopped()
        }
    }

    @Test func anIdleConnectionSaysQuit() async throws {
        try await TestServer.python("smtp_faults.py") { server in
            let transport = try Self.transport(server, limits: SMTPLimits(idle: .milliseconds(50)))
            _ = await transport.results(of: [try Samples.message(1)])
            await server.printed("QUIT")
            await server.printed("END")
            await transport.stopped()
        }
    }

    @Test func aRefusedRecipientCostsNoConnection() async throws {
        for options in [[], ["--capability", "PIPELINING"]] {
            try await TestServer.python("smtp_faults.py", options + ["--at", "rcpt=550 5.1.1 nobody"]) { server in
                let transport = try Self.transport(server)
                let results = await transport.results(of: try (1...5).map { try Samples.message($0) })
                #expect(results.allSatisfy { $0.isHardBounce })
                await server.printed("RCPT", count: 5)
                #expect(server.lines("CONNECT").count == 1)
                await transport.stopped()
                await server.printed("RSET", count: 4)
            }
        }
    }

    /// The server closes each connection at the second MAIL: nothing of that may be seen.
    @Test(arguments: ["close", "reset", "421 4.4.2 idle for too long"])
    func aConnectionThatDiedInBetweenIsReplacedUnseen(how: String) async throws {
        for options in [[], ["--capability", "PIPELINING"]] {
            try await TestServer.python("smtp_faults.py", options + ["--after", "1", "--at", "mail=\(how)"]) { server in
                let transport = try Self.transport(server)
                for number in Int64(1)...3 {
                    let results = await transport.results(of: [try Samples.message(number)])
                    #expect(results.map(\.outcome) == [.accepted])
                }
                let results = await transport.results(of: try (4...9).map { try Samples.message($0) })
                #expect(results.map(\.outcome) == Array(repeating: .accepted, count: 6))
                await server.printed("TAKEN", count: 9)
                #expect(server.lines("CONNECT").count == 9)
                await transport.stopped()
            }
        }
    }

    /// All idle connections are dead at once, as after a relay's restart.
    @Test func deadConnectionsAreNotTriedOneByOne() async throws {
        try await TestServer.python("smtp_faults.py", ["--after", "1", "--at", "mail=close"]) { server in
            let transport = try Self.transport(server, inFlight: 4)
            var number = Int64(0)
            for _ in 0..<5 {
                let results = await transport.results(
                    of: try (0..<4).map { _ in
                        number += 1
                        return try Samples.message(number)
                    })
                #expect(results.map(\.outcome) == Array(repeating: .accepted, count: 4))
            }
            await transport.stopped()
        }
    }

    /// The relay refuses a second connection, and the first is idle and goes before another one may be tried: a mail
    /// that comes in between waits for that moment, and not for the next alarm.
    @Test func aMailThatComesWhileNoConnectionMayBeTriedIsNotForgotten() async throws {
        let refusal = ["--from", "2", "--connections", "2", "--at", "connect=421 4.7.0 too many connections"]
        try await TestServer.python("smtp_faults.py", refusal) { server in
            let transport = try Self.transport(
                server, inFlight: 2,
                limits: SMTPLimits(idle: .milliseconds(50), farewell: .minutes(10), reopenAfter: .seconds(1)))
            _ = await transport.results(of: [try Samples.message(1), try Samples.message(2)])
            await server.printed("END", count: 2)
            let results = await transport.results(of: [try Samples.message(3)])
            #expect(results.map(\.outcome) == [.accepted])
            await transport.stopped()
        }
    }

    /// One second chance, not more: a server that closes every connection at MAIL gets two of them for one mail.
    @Test func aSecondChanceIsTheLast() async throws {
        try await TestServer.python("smtp_faults.py", ["--after", "0", "--at", "data=close"]) { server in
            let transport = try Self.transport(server)
            let results = await transport.results(of: [try Samples.message(1)])
            #expect(results.map(\.brief) == ["1 transientFailure delivery"])
            await server.printed("DATA")
            #expect(server.lines("CONNECT").count == 1)
            await transport.stopped()
        }
    }

    @Test func oneThatHangsAfterTheDotDelaysNoOther() async throws {
        for options in [[], ["--capability", "PIPELINING"]] {
            try await TestServer.python("smtp_faults.py", options + ["--connections", "1", "--at", "dot=hang"]) {
                server in
                let transport = try Self.transport(
                    server, inFlight: 2, limits: SMTPLimits(patience: .milliseconds(100)), dotTimeout: .minutes(10))
                let log = ResultLog(transport)
                transport.submit(try (1...40).map { try Samples.message($0) })
                let results = await log.results(39)
                #expect(Set(results.map(\.outcome)) == [.accepted])
                await transport.stopped(within: .milliseconds(50))
                #expect(log.all.count == 40)
                #expect(log.all.last?.outcome == .unknown)
            }
        }
    }

    @Test(arguments: [false, true]) func anAnswerThatCameWhileThisProcessStoodStillIsHeard(stops: Bool) async throws {
        let arguments = ["--dot-delay", "0.5", "--at", "dot=250 2.0.0 taken+close"]
        try await TestServer.python("smtp_faults.py", arguments) { server in
            let transport = try Self.transport(server)
            let pool = transport.pool
            let log = ResultLog(transport)
            transport.submit([try Samples.message(1)])
            await server.printed("DOT")
            if stops { transport.stop(within: .minutes(10)) {} }
            let goesOn = DispatchSemaphore(value: 0)
            pool.queue.async {
                goesOn.wait()
                pool.alarmRang(SMTPPool.nowMilliseconds() + TimeSpan.hours(1).milliseconds)
            }
            await server.printed("END")
            goesOn.signal()
            #expect(await log.results(1).map(\.outcome) == [.accepted])
            await transport.stopped()
        }
    }

    @Test func stopReturnsWhatWasNotBegun() async throws {
        try await TestServer.python("smtp_faults.py", ["--at", "dot=hang"]) { server in
            let transport = try Self.transport(server, inFlight: 2)
            let log = ResultLog(transport)
            transport.submit(try (1...10).map { try Samples.message($0) })
            await server.printed("DATA", count: 2)
            await transport.stopped(within: .milliseconds(300))
            let results = log.all
            #expect(Set(results.map(\.delivery)).count == 10)
            #expect(results.count { $0.outcome == .unknown } == 2)
            #expect(results.count { $0.outcome == .transientFailure && $0.blame == .transport } == 8)
            // A stopped transport still answers, and a second stop as well.
            transport.submit([try Samples.message(11)])
            let last = await log.results(11).last
            #expect(last?.outcome == .transientFailure)
            await transport.stopped()
        }
    }

    @Test func whatHangsAtTheLimitOfAStopIsJudged() async throws {
        for (stage, outcome) in [("dot", Outcome.unknown), ("data", .transientFailure), ("rcpt", .transientFailure)] {
            try await TestServer.python("smtp_faults.py", ["--at", "\(stage)=hang"]) { server in
                let transport = try Self.transport(server)
                let log = ResultLog(transport)
                transport.submit([try Samples.message(1)])
                await server.printed("MAIL")
                if stage != "rcpt" { await server.printed("DATA") }
                await transport.stopped(within: .milliseconds(300))
                #expect(log.all.map(\.outcome) == [outcome])
            }
        }
    }

    @Test func aLargeMailIsSentInParts() async throws {
        for tls in [SMTPSettings.TLS.none, .implicit] {
            let certificates = try Certificates.shared.get()
            let options = tls == .none ? [] : ["--tls", "implicit"] + certificates.options
            try await TestServer.python("smtp_faults.py", options) { server in
                let transport = try Self.transport(server, tls: tls, caFile: certificates.authority)
                let results = await transport.results(of: [
                    try Samples.long(1, octets: 20_000_000), try Samples.message(2),
                ])
                #expect(results.map(\.outcome) == [.accepted, .accepted])
                await server.printed("TAKEN", count: 2)
                let taken = server.lines("TAKEN").first?.split(separator: " ").last.flatMap { Int($0) } ?? 0
                #expect(taken > 20_000_000)
                await transport.stopped()
            }
        }
    }

    @Test(arguments: [
        ("close", "1 transientFailure delivery"), ("reset", "1 transientFailure delivery"),
        ("552 5.3.4 too much+drain", "1 permanentFailure delivery 552 5.3.4"), ("hang", "1 transientFailure delivery"),
    ])
    func aMailThatBreaksOffIsNotInDoubt(how: String, expected: String) async throws {
        try await TestServer.python("smtp_faults.py", ["--at", "body=\(how)"]) { server in
            let transport = try Self.transport(server, timeout: how == "hang" ? .seconds(1) : .seconds(30))
            let results = await transport.results(of: [try Samples.long(1, octets: 30_000_000)])
            #expect(results.map(\.brief) == [expected], "\(results.map(\.text))")
            await transport.stopped()
        }
    }
}
