import DripCore
import Testing

@testable import DripDelivery

@Suite struct SMTPBacklogTests {
    private func submission(_ number: Int64) throws -> Submission {
        Submission(delivery: DeliveryID(rawValue: number), mail: try Samples.mail())
    }

    private func drain(_ backlog: inout SMTPBacklog, isFresh: Bool) -> [Int64] {
        var all: [Int64] = []
        while let next = backlog.next(isFresh: isFresh) { all.append(next.delivery.rawValue) }
        return all
    }

    @Test func isFirstInFirstOut() throws {
        var backlog = SMTPBacklog()
        backlog.add(try (1...3).map { try submission($0) })
        backlog.add([])
        backlog.add([try submission(4)])
        backlog.putBack(try submission(0))
        #expect(backlog.waitingCount == 5)
        #expect(drain(&backlog, isFresh: false) == [0, 1, 2, 3, 4])
        #expect(backlog.next(isFresh: true) == nil)
    }

    @Test func aSecondChanceIsForFreshConnectionsOnly() throws {
        var backlog = SMTPBacklog()
        backlog.add([try submission(1), try submission(2)])
        backlog.retry(try submission(8))
        backlog.retry(try submission(9))
        #expect(backlog.next(isFresh: false)?.delivery.rawValue == 1)
        let second = backlog.next(isFresh: true)
        #expect(second?.delivery.rawValue == 8 && second?.isRetry == true)
        #expect(drain(&backlog, isFresh: false) == [2])
        #expect(backlog.retryCount == 1 && backlog.waitingCount == 0)
        #expect(backlog.takeAll().map(\.delivery.rawValue) == [9])
        #expect(backlog.retryCount == 0)
    }
}
