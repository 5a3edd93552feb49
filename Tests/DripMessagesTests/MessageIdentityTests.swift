import DripCore
import DripMessages
import Testing

@Suite struct MessageIdentityTests {
    private func identity(
        _ instance: String = "i", _ enrollment: Int64 = 1, _ step: String = "s", _ domain: String = "a.example"
    ) -> MessageIdentity {
        MessageIdentity(
            instanceID: instance, enrollment: EnrollmentID(rawValue: enrollment), step: StepID(rawValue: step),
            domain: domain)
    }

    @Test func isTheSameForTheSameDelivery() {
        #expect(identity() == identity())
        // Computed once by another program; a change would make every running installation's repeats look new.
        #expect(identity().messageID == "<k3af4bkyhr6zwlul74g7bchevq@a.example>")
        #expect(identity().idempotencyKey == "uyfwpegleje5nszb6hpt7s3pwe")
    }

    /// A number may come twice where a backup is restored twice; the instant of the change does not.
    @Test func aPushIsKnownByItsNumberAndItsInstant() {
        func key(_ number: Int64, _ at: Int64) -> String {
            MessageIdentity(
                instanceID: "i", push: PushID(rawValue: number), at: Instant(milliseconds: at), domain: "a.example"
            ).idempotencyKey
        }
        #expect(key(1, 5) == key(1, 5))
        #expect(Set([key(1, 5), key(1, 6), key(2, 5), key(15, 6)]).count == 4)
    }

    @Test func differsForEveryOther() {
        let all = [
            identity(), identity("j"), identity("i", 2), identity("i", 1, "t"), identity("i1", 1, "s"),
            identity("i", 11, "s"), identity("", 1, "is"), identity("i", 1, ""), identity("i", -1),
        ]
        #expect(Set(all.map(\.messageID)).count == all.count)
        #expect(Set(all.map(\.idempotencyKey)).count == all.count)
        #expect(Set(all.map(\.messageID)).isDisjoint(with: all.map(\.idempotencyKey)))
    }

    @Test func holds128BitsOfLettersAndDigits() throws {
        let id = identity().messageID
        let left = try #require(id.dropFirst().split(separator: "@").first)
        #expect(left.count == 26 && left.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) })
        #expect(identity().idempotencyKey.count == 26)
    }
}
