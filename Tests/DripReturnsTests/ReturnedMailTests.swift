import Testing

@testable import DripReturns

@Suite struct ReturnedMailTests {
    private func read(_ text: String) -> ReturnedMail { ReturnedMail(Samples.mail(text)) }

    private func report(action: String, status: String = "5.1.1", more: String = "") -> ReturnedMail {
        read(
            """
            From: MAILER-DAEMON@mx.example
            To: <bounce+tok3n@acme.example>
            Subject: Delivery Status Notification
            Message-ID: <own@mx.example>
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b

            Words.
            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example

            Final-Recipient: rfc822; Budi@Example.com
            Original-Recipient: rfc822;alias@example.com
            Action: \(action)
            Status: \(status)
            \(more)
            --b
            Content-Type: message/rfc822

            Message-ID: <original@acme.example>
            To: budi@example.com
            List-Unsubscribe: <mailto:unsubscribe+abc@acme.example>

            Hi
            --b--
            """)
    }

    @Test(arguments: [
        ("failed", "5.1.1", "hard"), ("Failed", "5.2.2", "soft"), ("failed (no)", "4.4.7", "soft"),
        ("delayed", "4.4.1", "delayed"), ("delayed", "5.1.1", "delayed"), ("delivered", "2.0.0", "arrival"),
        ("relayed", "2.0.0", "arrival"), ("expanded", "2.0.0", "arrival"), ("", "2.1.5", "arrival"),
        ("", "5.1.1", "hard"), ("nonsense", "5.7.1", "soft"),
    ])
    func reportsMeanWhatTheirActionSays(action: String, status: String, verdict: String) {
        #expect(report(action: action, status: status).verdict == verdict)
    }

    @Test func reportsLeadBack() {
        let mail = report(action: "failed", more: "Diagnostic-Code: smtp; 550 5.1.1\n\tno\u{1B}[2J such  user")
        #expect(mail.origin.bounceTokens == ["tok3n"])
        #expect(mail.origin.messageIDs == ["<original@acme.example>"])
        #expect(mail.bounce?.recipients == ["budi@example.com", "alias@example.com"])
        #expect(mail.bounce?.diagnostic == "smtp; 550 5.1.1 no [2J such user")
        #expect(mail.origin.unsubscribeTokens == [])
    }

    @Test func diagnosticsAreShort() {
        let long = String(repeating: "lang ", count: 1_000)
        #expect((report(action: "failed", more: "Diagnostic-Code: x; \(long)").bounce?.diagnostic.count ?? 0) <= 500)
    }

    @Test func complaintsHideTheirRecipient() {
        func complaint(_ type: String) -> ReturnedMail {
            read(
                """
                From: feedback@isp.example
                To: abuse@acme.example
                Subject: FW: news
                Content-Type: multipart/report; report-type=feedback-report; boundary=b

                --b

                A spam report.
                --b
                Content-Type: message/feedback-report

                Feedback-Type: \(type)
                User-Agent: x/1
                Version: 1
                Original-Mail-From: <bounce+t7@acme.example>

                --b
                Content-Type: text/rfc822-headers

                From: a@acme.example
                Message-ID: <m1@acme.example>
                --b--
                """)
        }
        let abuse = complaint("abuse")
        #expect(abuse.meaning == .complaint(Complaint(kind: "abuse", recipients: [])))
        #expect(abuse.origin.bounceTokens == ["t7"] && abuse.origin.messageIDs == ["<m1@acme.example>"])
        #expect(complaint("fraud").verdict == "complaint" && complaint("opt-out").verdict == "complaint")
        for type in ["not-spam", "auth-failure", "NOT-SPAM"] { #expect(complaint(type).verdict == "automatic") }
    }

    @Test func aMailToTheUnsubscribeAddressUnsubscribes() {
        let plain = read("From: a@x.example\nTo: Unsubscribe+T0K@acme.example\nSubject: unsubscribe\n\n")
        #expect(plain.meaning == .unsubscribe(tokens: ["t0k"]))
        // Mail programs send it by themselves, and relays note the address elsewhere.
        let byItself = read(
            "From: a@x.example\nTo: undisclosed\nDelivered-To: unsubscribe+t0k@acme.example\n"
                + "Auto-Submitted: auto-generated\n\n")
        #expect(byItself.meaning == .unsubscribe(tokens: ["t0k"]))
        #expect(read("From: a@x.example\nTo: unsubscribe+@acme.example\n\n").verdict == "reply")
        #expect(read("From: a@x.example\nTo: unsubscribers@acme.example\n\n").verdict == "reply")
        // In the words of a mail the address says nothing.
        #expect(read("From: a@x.example\nTo: b@acme.example\n\nunsubscribe+t0k@acme.example").verdict == "reply")
    }

    @Test func repliesAreOfPeople() {
        let mail = read(
            """
            From: Budi <Budi@Example.com>
            To: sales@acme.example
            Subject: =?UTF-8?Q?Re:_Caf=C3=A9?=
            In-Reply-To: <m1@acme.example>
            References: <m0@acme.example> <m1@acme.example>
            Auto-Submitted: no

            Yes please. The user unknown was me.
            """)
        #expect(mail.meaning == .reply(Reply(sender: "budi@example.com", subject: "Re: Café")))
        #expect(mail.origin.messageIDs == ["<m1@acme.example>", "<m0@acme.example>"])
    }

    @Test(arguments: [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated; x=y", "X-Autoreply: yes", "Precedence: bulk",
        "Precedence: auto_reply", "Precedence: Junk", "List-Id: <a.b>", "Return-Path: <>", "X-Autorespond: Re",
        "Subject: Out of Office: Re: news", "Subject: Automatic reply: news", "Subject: Balasan otomatis: promo",
        "Subject: Sedang cuti sampai Senin", "Subject: Di luar kantor", "Subject: Abwesenheitsnotiz",
        "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN?=", "From: noreply@x.example",
    ])
    func whatNoPersonWroteIsNoReply(header: String) {
        let from = header.hasPrefix("From") ? "" : "From: budi@example.com\n"
        #expect(read("\(from)\(header)\nTo: sales@acme.example\n\nI am away.").verdict == "automatic")
    }

    @Test(arguments: [
        "Subject: Re: Out of Office", "Auto-Submitted: no", "X-Auto-Response-Suppress: All", "Precedence: first-class",
        "Subject: Re: Undelivered Mail Returned to Sender", "Subject: about the office",
    ])
    func whatAPersonWroteIsOne(header: String) {
        #expect(read("From: budi@example.com\n\(header)\nTo: sales@acme.example\n\nHi.").verdict == "reply")
    }

    @Test func aReportThatIsOnlySentOnIsNoReport() {
        let inner = "Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: failed\nStatus: 5.1.1"
        let mail = read(
            """
            From: budi@example.com
            Subject: Fwd: what is this?
            Content-Type: multipart/mixed; boundary=b

            --b

            I got this.
            --b
            Content-Type: message/rfc822

            From: MAILER-DAEMON@x.example
            Subject: failure
            Content-Type: multipart/report; report-type=delivery-status; boundary=c

            --c
            \(inner)
            --c--
            --b--
            """)
        #expect(mail.verdict == "reply")
    }

    @Test func batvMarksArePassedOver() {
        let mail = read(
            "From: postmaster@x.example\nTo: prvs=012=bounce+tok@acme.example\nSubject: failure notice\n\nx")
        #expect(mail.origin.bounceTokens == ["tok"])
    }
}
